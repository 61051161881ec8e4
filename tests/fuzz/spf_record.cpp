// SPF records: what parses is parsed the same from its own terms, and checking it gives a verdict within every limit,
// whatever the rest of the DNS is like and in whatever order it answers. RFC 7208.
#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "spf/check_host.hpp"
#include "spf/record.hpp"
#include "tests/fuzz/answers.hpp"

namespace {

using fuzz::require;
using spf::Record;
using spf::Verdict;

constexpr std::string_view domain = "sender.example";

// ---- the text ---------------------------------------------------------------------------------------------------

bool same(const spf::Directive& a, const spf::Directive& b) {
  return a.text == b.text && a.qualifier == b.qualifier && a.mechanism == b.mechanism && a.network == b.network &&
         a.ip4_prefix == b.ip4_prefix && a.ip6_prefix == b.ip6_prefix && a.domain_spec.has_value() == b.domain_spec.has_value();
}

bool same(const std::optional<spf::Modifier>& a, const std::optional<spf::Modifier>& b) {
  return a.has_value() == b.has_value() && (!a || a->text == b->text);
}

bool same(const Record& a, const Record& b) {
  return std::equal(a.directives.begin(), a.directives.end(), b.directives.begin(), b.directives.end(),
                    [](const auto& x, const auto& y) { return same(x, y); }) &&
         same(a.redirect, b.redirect) && same(a.exp, b.exp);
}

/// Terms apart, modifiers first: their place means nothing (§6).
std::string format(const Record& record) {
  std::string out = "V=SPF1";
  for (const auto* modifier : {&record.exp, &record.redirect})
    if (*modifier) out.append("  ").append((*modifier)->text);
  for (const auto& directive : record.directives) out.append("   ").append(directive.text);
  return out + " ";
}

void check_text(std::string_view text) {
  const auto record = spf::parse_record(text);
  if (!record) {
    require(record.error().offset <= text.size() && !record.error().text.empty(), "an error points into the record");
    return;
  }
  require(spf::is_record(text), "what parses as a record is one");
  for (const auto& directive : record->directives) {
    require(text.find(directive.text) != std::string_view::npos, "a term is kept as it was written");
    require(directive.ip4_prefix <= 32 && directive.ip6_prefix <= 128, "a prefix is no longer than an address");
  }
  const std::string formatted = format(*record);
  if (formatted.size() > Record::max_octets) return;
  const auto again = spf::parse_record(formatted);
  require(again && same(*record, *again), "the terms of a record make the same record");
}

// ---- the check --------------------------------------------------------------------------------------------------

struct World {
  explicit World(fuzz::Input choices, std::string_view record) {
    nature = static_cast<fuzz::Nature>(choices.below(fuzz::natures));
    seed = choices.octet();
    input.client = base::IpAddress::parse(choices.flag() ? "2001:db8::25" : "192.0.2.25").value();
    input.domain = input.sender_domain = domain;
    input.local_part = choices.line();
    input.helo = "mail.sender.example";
    stock.texts = {std::string(record), "v=spf1 -all", "v=spf1 a mx ptr exists:%{i}.x.example include:%{d2}.example ?all",
                   "v=spf1 redirect=" + std::to_string(seed) + ".example", "unrelated"};
    stock.names = {"mail.sender.example", "sender.example", "a.example", "b.example", "c.example", "d.example"};
    stock.addresses = {input.client, base::IpAddress::parse("198.51.100.7").value(),
                       base::IpAddress::parse("2001:db8::7").value()};
    dns::Answer own;
    own.texts = {std::string(record)};
    require(zone.add(dns::ask_for(domain, dns::Type::txt), own), "a zone takes one record");
  }

  fuzz::Nature nature{};
  std::uint64_t seed = 0;
  spf::Input input;
  fuzz::Stock stock;
  dns::Zone zone;
};

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || base::is_visible(c); });
}

void check_verdict(const Verdict& verdict, const spf::Limits& limits) {
  const bool is_over = verdict.terms > limits.terms || verdict.void_lookups > limits.void_lookups;
  require(!is_over || verdict.result == spf::Result::permerror, "beyond a limit the result is permerror");
  require(verdict.terms <= limits.terms + 1 && verdict.void_lookups <= limits.void_lookups + 1,
          "nothing goes on beyond a limit");
  require(is_plain(verdict.reason) && verdict.reason.size() <= 200, "a reason is visible text and bounded");
  require(is_plain(verdict.matched) && verdict.matched.size() <= 256, "a matched term is visible text and bounded");
  require(verdict.explanation_domain.empty() || verdict.result == spf::Result::fail, "only a fail is explained");
  require(verdict.matched.empty() || verdict.result != spf::Result::none, "where a term matched there is a result");
}

void check_alone(const Verdict& verdict, std::string_view text) {
  const auto record = spf::parse_record(text);
  if (!spf::is_record(text)) require(verdict.result == spf::Result::none, "without a record the result is none");
  if (spf::is_record(text) && !record) require(verdict.result == spf::Result::permerror, "a syntax error is a permerror");
  const bool has_lookups =
      record && (record->redirect || std::any_of(record->directives.begin(), record->directives.end(),
                                                 [](const auto& d) { return spf::causes_lookups(d.mechanism); }));
  if (record && !has_lookups)
    require(verdict.result <= spf::Result::softfail && verdict.result != spf::Result::none && verdict.terms == 0,
            "a record that asks for nothing decides by itself");
}

void check_host(const World& world, std::string_view text) {
  const spf::Limits limits;
  const auto evaluator = [&](dns::View& view) { return spf::check_host(view, world.input, limits); };
  fuzz::Answers at_once(world.zone, world.nature, world.stock, world.seed);
  const auto verdict = fuzz::decide<Verdict>(at_once, evaluator);
  check_verdict(verdict, limits);
  check_alone(verdict, text);
  require(at_once.question_count() < dns::InquiryBase::max_questions, "a check asks fewer questions than an Inquiry allows");

  fuzz::Answers late(world.zone, world.nature, world.stock, world.seed);
  late.hold(true);
  const auto inquiry = dns::Inquiry<Verdict>::start(late, evaluator);
  fuzz::Dice dice(world.seed);
  late.release(dice);
  require(inquiry->is_done() && inquiry->collect(base::SteadyTime{}) == verdict, "the order of answers changes no verdict");
  require(late.question_count() < dns::InquiryBase::max_questions, "in any order there are fewer questions than are allowed");

  const auto text_of_fail =
      fuzz::decide<std::string>(at_once, [&](dns::View& view) { return spf::explain(view, world.input, verdict); });
  require(is_plain(text_of_fail) && text_of_fail.size() <= 400, "an explanation is visible text and bounded");
}

/// A first line of choices and the local part, then the record.
void check(std::string_view octets) {
  fuzz::Input input(octets);
  const fuzz::Input choices(input.line());
  check_text(input.rest());
  check_host(World(choices, input.rest()), input.rest());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
