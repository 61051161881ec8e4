// What one message can make us ask, counted with names built for it. docs/architecture.md has the arithmetic.
#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <set>

#include "dmarc/evaluation.hpp"
#include "message/author.hpp"
#include "tests/dmarc/kept_log.hpp"
#include "tests/support/map_resolver.hpp"

namespace {

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

/// As many labels as asked for, the last one com; no two names with different tags share more than that.
std::string name_of(const std::string& tag, std::size_t labels) {
  std::string name = "com";
  for (std::size_t n = 1; n < labels; ++n) name = fmt::format("{}{}.{}", tag, n, name);
  return name;
}

struct Asked {
  std::size_t questions = 0, of_walks = 0;
  dmarc::Discovery discovery;
};

Asked discover(test::MapResolver& resolver, const dmarc::DiscoveryInput& input) {
  const std::size_t before = resolver.asked().size();
  Asked out{0, 0, test::decide<dmarc::Discovery>(resolver, [&](dns::View& view) { return dmarc::discover(view, input); })};
  out.questions = resolver.asked().size() - before;
  for (std::size_t i = before; i < resolver.asked().size(); ++i)
    if (resolver.asked()[i].name.starts_with("_dmarc.")) ++out.of_walks;
  return out;
}

/// The record is found last, at com; np makes existence matter; com being the Organizational Domain makes every
/// identifier matter, and that none of them has a record makes each walk go to the end.
void fill_with_worst(test::MapResolver& resolver) { resolver.txt("_dmarc.com", {"v=DMARC1; p=none; np=reject"}); }

std::vector<base::Domain> identifiers(std::size_t count) {
  std::vector<base::Domain> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(domain(name_of(fmt::format("s{}x", i), 12)));
  return out;
}

constexpr std::size_t per_walk = 8;
constexpr std::size_t per_further_walk = 7;  // com is shared: what ends otherwise cannot align
constexpr std::size_t most_per_author = per_walk + 1 + dmarc::max_identifiers * per_further_walk;

}  // namespace

TEST_CASE("dmarc limits: a walk asks 8 questions of a name with 8 labels or more, else one a label", "[dmarc][limits]") {
  for (std::size_t labels = 1; labels <= 127; ++labels) {
    INFO(labels);
    std::string name = "a";
    for (std::size_t n = 1; n < labels; ++n) name += ".a";
    test::MapResolver resolver;
    CHECK(discover(resolver, {domain(name), {}, {}}).of_walks == std::min(labels, per_walk));
  }
}

TEST_CASE("dmarc limits: one Author Domain and 12 identifiers of the worst shape cost 93 questions", "[dmarc][limits]") {
  static_assert(most_per_author == 93);
  for (const std::size_t count : {dmarc::max_identifiers - 1, dmarc::max_identifiers, dmarc::max_identifiers + 1}) {
    INFO(count);
    test::MapResolver resolver;
    fill_with_worst(resolver);
    const Asked asked = discover(resolver, {domain(name_of("author", 12)), {}, identifiers(count)});
    const std::size_t walked = std::min(count, dmarc::max_identifiers);
    CHECK(asked.questions == per_walk + 1 + walked * per_further_walk);
    CHECK(asked.discovery.relaxed_alignments.size() == walked);
  }
}

TEST_CASE("dmarc limits: the identifier beyond the twelfth is not aligned", "[dmarc][limits]") {
  test::MapResolver resolver;
  fill_with_worst(resolver);
  auto all = identifiers(dmarc::max_identifiers + 1);
  const Asked asked = discover(resolver, {domain(name_of("author", 12)), {}, all});
  test::KeptLog log;
  const auto result = [&](const base::Domain& signer) {
    const std::vector<dmarc::Identifier> passed{{signer, dmarc::IdentifierState::passed}};
    return dmarc::evaluate(asked.discovery, std::nullopt, passed, log).result;
  };
  CHECK(result(all[dmarc::max_identifiers - 1]) == dmarc::Result::pass);
  CHECK(result(all[dmarc::max_identifiers]) == dmarc::Result::fail);
}

TEST_CASE("dmarc limits: no order of identifiers, and no strictness, makes more walks", "[dmarc][limits]") {
  const std::string author = name_of("author", 12);
  std::vector<base::Domain> likely;  // share two labels with the author: asked for in the first round
  for (int i = 0; i < 100; ++i) likely.push_back(domain(fmt::format("a.b.c.d.e.f.g{}.author1.com", i)));
  std::vector<base::Domain> mixed = identifiers(100);
  mixed.insert(mixed.end(), likely.begin(), likely.end());
  for (const char* tags : {"p=none; np=reject", "p=none; np=reject; aspf=s", "p=none; np=reject; adkim=s"}) {
    for (const auto& signers : {mixed, likely, identifiers(100)}) {
      INFO(tags);
      test::MapResolver resolver;
      resolver.txt("_dmarc.com", {std::string("v=DMARC1; ") + tags});
      const Asked asked = discover(resolver, {domain(author), {domain(name_of("m", 12))}, signers});
      CHECK(asked.questions <= most_per_author + per_further_walk);  // one walk more: of MAIL FROM, where SPF is strict
    }
  }
}

TEST_CASE("dmarc limits: ten Author Domains and 12 identifiers are 930 questions, of which 165 differ", "[dmarc][limits]") {
  test::MapResolver resolver;
  fill_with_worst(resolver);
  const auto signers = identifiers(dmarc::max_identifiers);
  std::size_t questions = 0;
  for (std::size_t i = 0; i < message::Author::max_domains; ++i)
    questions += discover(resolver, {domain(name_of(fmt::format("a{}x", i), 12)), {}, signers}).questions;
  CHECK(questions == message::Author::max_domains * most_per_author);
  const std::set<dns::Question> different(resolver.asked().begin(), resolver.asked().end());
  CHECK(different.size() == 1 + message::Author::max_domains * (per_further_walk + 1) +
                                dmarc::max_identifiers * per_further_walk);  // what is in flight or cached is asked once
}

TEST_CASE("dmarc limits: of ten Author Domains each is evaluated, eleven are refused", "[dmarc][limits]") {
  for (const std::size_t count : {message::Author::max_domains, message::Author::max_domains + 1}) {
    std::string from;
    for (std::size_t i = 0; i < count; ++i) from += fmt::format("{}a@d{}.example", i == 0 ? "" : ", ", i);
    const message::Author author = message::parse_author(from);
    CHECK((author.status == message::AuthorStatus::ok) == (count == message::Author::max_domains));
    CHECK(author.domains.size() == (count == message::Author::max_domains ? count : 0));
  }
}

TEST_CASE("dmarc limits: of one domain a hundred addresses are read, one more is refused", "[dmarc][limits]") {
  for (const std::size_t count : {message::Author::max_addresses, message::Author::max_addresses + 1}) {
    std::string from;
    for (std::size_t i = 0; i < count; ++i) from += fmt::format("{}a{}@d.example", i == 0 ? "" : ", ", i);
    const bool is_read = count == message::Author::max_addresses;
    CHECK(message::parse_author(from).status == (is_read ? message::AuthorStatus::ok : message::AuthorStatus::too_many));
  }
}

TEST_CASE("dmarc limits: a record of 4096 octets is one, one of 4097 is none", "[dmarc][limits]") {
  for (const std::size_t octets : {dmarc::max_record_octets, dmarc::max_record_octets + 1}) {
    std::string record = "v=DMARC1; p=reject; x=";
    record.resize(octets, 'x');
    const bool is_record = octets == dmarc::max_record_octets;
    CHECK(dmarc::parse_record(record).status == (is_record ? dmarc::RecordStatus::ok : dmarc::RecordStatus::not_dmarc));
  }
}
