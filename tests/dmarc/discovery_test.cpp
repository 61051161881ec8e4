#include "dmarc/discovery.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/map_resolver.hpp"

using dmarc::Alignment;
using dmarc::Discovery;
using dmarc::DiscoveryStatus;
using dmarc::Policy;
using dns::Status;

namespace {

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

std::vector<base::Domain> domains(const std::vector<std::string>& texts) {
  std::vector<base::Domain> out;
  for (const auto& text : texts) out.push_back(domain(text));
  return out;
}

Discovery discover(dns::Resolver& resolver, const dmarc::DiscoveryInput& input) {
  return test::decide<Discovery>(resolver, [&](dns::View& view) { return dmarc::discover(view, input); });
}

Discovery discover(dns::Resolver& resolver, const std::string& author) { return discover(resolver, {domain(author), {}, {}}); }

std::vector<std::string> asked(const test::MapResolver& resolver) {
  std::vector<std::string> names;
  for (const auto& question : resolver.asked()) names.push_back(std::string(dns::to_text(question.type)) + " " + question.name);
  return names;
}

void fail(test::MapResolver& resolver, const std::string& name, Status status = Status::timeout) {
  resolver.fail("_dmarc." + name, dns::Type::txt, status);
}

bool has_asked(const test::MapResolver& resolver, const std::string& name) {
  const auto names = asked(resolver);
  return std::find(names.begin(), names.end(), "TXT _dmarc." + name) != names.end();
}

}  // namespace

TEST_CASE("dmarc discovery: the Author Domain's own record comes first", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.mail.example.com", {"v=DMARC1; p=quarantine; sp=none; np=none"});
  resolver.txt("_dmarc.example.com", {"v=DMARC1; p=reject"});
  const Discovery found = discover(resolver, "mail.example.com");
  CHECK(found.status == DiscoveryStatus::found);
  CHECK(found.policy_domain == domain("mail.example.com"));
  CHECK(found.policy == Policy::quarantine);  // p, whatever sp and np say
  CHECK(found.policy_tag == "p");
  CHECK_FALSE(found.is_inherited);
  CHECK(asked(resolver) == std::vector<std::string>{"TXT _dmarc.mail.example.com", "TXT _dmarc.example.com", "TXT _dmarc.com"});
}

TEST_CASE("dmarc discovery: without one it is the Organizational Domain's, then the Public Suffix Domain's", "[dmarc]") {
  struct Row {
    std::vector<std::pair<std::string, std::string>> zone;
    std::string policy_domain, organization;  // empty: no record applies
  };
  const Row rows[] = {
      {{}, "", ""},
      {{{"b.c.d", ""}}, "b.c.d", "b.c.d"},
      {{{"b.c.d", ""}, {"c.d", ""}}, "c.d", "c.d"},  // that between is passed over
      {{{"b.c.d", "; psd=n"}, {"c.d", ""}}, "b.c.d", "b.c.d"},
      {{{"c.d", "; psd=y"}}, "c.d", "b.c.d"},                     // the organization has none: the suffix's
      {{{"b.c.d", ""}, {"c.d", "; psd=y"}}, "b.c.d", "b.c.d"},    // it has one: not the suffix's
      {{{"b.c.d", ""}, {"d", "; psd=y"}}, "d", "c.d"},            // one that is neither is passed over
      {{{"b.c.d", "; psd=y"}, {"c.d", ""}}, "b.c.d", "a.b.c.d"},  // the Author Domain is the organization
      {{{"d", ""}}, "d", "d"},
  };
  for (const Row& row : rows) {
    test::MapResolver resolver;
    for (const auto& [name, tags] : row.zone) resolver.txt("_dmarc." + name, {"v=DMARC1; p=reject" + tags});
    const Discovery found = discover(resolver, "a.b.c.d");
    INFO(row.policy_domain);
    CHECK((found.policy_domain ? found.policy_domain->text() : "") == row.policy_domain);
    CHECK((found.organizational_domain ? found.organizational_domain->text() : "") == row.organization);
    CHECK(found.status == (row.zone.empty() ? DiscoveryStatus::none : DiscoveryStatus::found));
    CHECK(found.is_inherited == !row.zone.empty());
  }
}

TEST_CASE("dmarc discovery: several records at one name are no record", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.mail.example.com", {"v=DMARC1; p=reject", "v=DMARC1; p=reject"});
  resolver.txt("_dmarc.example.com", {"something else", "v=DMARC1; p=quarantine", "v=spf1 -all"});
  const Discovery found = discover(resolver, "mail.example.com");
  CHECK(found.policy_domain == domain("example.com"));  // other text beside it does no harm
  CHECK(found.policy == Policy::quarantine);
}

TEST_CASE("dmarc discovery: an inherited policy is np, sp or p", "[dmarc]") {
  struct Row {
    const char* tags;
    bool exists;
    Policy policy;
    const char* tag;
    bool is_existence_asked;
  };
  const Row rows[] = {
      {"p=reject", true, Policy::reject, "p", false},
      {"p=reject", false, Policy::reject, "p", false},
      {"p=reject; sp=none", true, Policy::none, "sp", false},
      {"p=reject; sp=none", false, Policy::none, "sp", false},  // np falls back to sp
      {"p=none; np=reject", true, Policy::none, "p", true},
      {"p=none; np=reject", false, Policy::reject, "np", true},
      {"p=reject; sp=none; np=quarantine", true, Policy::none, "sp", true},
      {"p=reject; sp=none; np=quarantine", false, Policy::quarantine, "np", true},
      {"p=none; sp=reject; np=reject", false, Policy::reject, "sp", false},  // np would change nothing
      {"p=reject; np=reject", false, Policy::reject, "p", false},
      {"rua=mailto:a@example.org; sp=reject; np=reject", false, Policy::none, "p", false},  // acts as p=none
      {"p=reject; sp=bad; rua=mailto:a@example.org", true, Policy::none, "p", false},
  };
  for (const Row& row : rows) {
    test::MapResolver resolver;
    resolver.txt("_dmarc.example.com", {std::string("v=DMARC1; ") + row.tags});
    if (row.exists) resolver.mx("mail.example.com", {{10, "mx.example.com"}});  // no A record: it exists all the same
    const Discovery found = discover(resolver, "mail.example.com");
    INFO(row.tags << " exists: " << row.exists);
    CHECK(found.policy == row.policy);
    CHECK(found.policy_tag == row.tag);
    CHECK(found.author_is_nonexistent == (row.is_existence_asked && !row.exists));
    const auto questions = asked(resolver);
    CHECK(std::count(questions.begin(), questions.end(), "A mail.example.com") == (row.is_existence_asked ? 1 : 0));
    CHECK(questions.size() == (row.is_existence_asked ? 4U : 3U));
  }
}

TEST_CASE("dmarc discovery: an Author Domain whose existence is not known exists, and that is noted", "[dmarc]") {
  for (const Status status : {Status::timeout, Status::server_failure, Status::malformed}) {
    test::MapResolver resolver;
    resolver.txt("_dmarc.example.com", {"v=DMARC1; p=none; np=reject"});
    resolver.fail("mail.example.com", dns::Type::a, status);
    const Discovery found = discover(resolver, "mail.example.com");
    CHECK(found.status == DiscoveryStatus::found);
    CHECK(found.policy == Policy::none);
    CHECK_FALSE(found.author_is_nonexistent);
    CHECK(found.reason == "existence of mail.example.com not known (" + std::string(dns::to_text(status)) + ")");
  }
}

TEST_CASE("dmarc discovery: an unusable record ends the search", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.mail.example.com", {"v=DMARC1; p=bad"});
  resolver.txt("_dmarc.example.com", {"v=DMARC1; p=reject"});
  const Discovery found = discover(resolver, "mail.example.com");
  CHECK(found.status == DiscoveryStatus::permerror);
  CHECK(found.policy_domain == domain("mail.example.com"));
  CHECK(found.reason == "record at _dmarc.mail.example.com: p=bad is not valid");
  test::MapResolver inherited;
  inherited.txt("_dmarc.example.com", {"v=DMARC1; sp=reject"});
  CHECK(discover(inherited, "mail.example.com").status == DiscoveryStatus::permerror);
}

TEST_CASE("dmarc discovery: a failure matters where it can hide the record that applies", "[dmarc]") {
  struct Row {
    std::vector<std::pair<std::string, std::string>> zone;  // "!": fails
    DiscoveryStatus status;
    const char* policy_domain;
  };
  const Row rows[] = {
      {{{"a.b.c.d", "!"}, {"c.d", ""}}, DiscoveryStatus::temperror, ""},  // the Author Domain's own
      {{{"a.b.c.d", ""}, {"b.c.d", "!"}, {"c.d", "!"}, {"d", "!"}}, DiscoveryStatus::found, "a.b.c.d"},
      {{{"b.c.d", "!"}, {"c.d", ""}}, DiscoveryStatus::temperror, ""},          // might say psd=n
      {{{"c.d", ""}, {"d", "!"}}, DiscoveryStatus::temperror, ""},              // might be the fewest labels
      {{{"d", "!"}}, DiscoveryStatus::temperror, ""},                           // might be the only one
      {{{"b.c.d", "; psd=n"}, {"c.d", "!"}}, DiscoveryStatus::found, "b.c.d"},  // beyond the end
      {{{"c.d", "; psd=y"}, {"d", "!"}}, DiscoveryStatus::found, "c.d"},
      {{{"b.c.d", "!"}, {"c.d", "; psd=y"}}, DiscoveryStatus::temperror, ""},
  };
  for (const Row& row : rows) {
    test::MapResolver resolver;
    for (const auto& [name, tags] : row.zone) {
      if (tags == "!")
        fail(resolver, name, Status::server_failure);
      else
        resolver.txt("_dmarc." + name, {"v=DMARC1; p=reject" + tags});
    }
    const Discovery found = discover(resolver, "a.b.c.d");
    INFO(row.zone.front().first << row.zone.front().second);
    CHECK(found.status == row.status);
    CHECK((found.policy_domain ? found.policy_domain->text() : "") == row.policy_domain);
  }
  test::MapResolver resolver;
  fail(resolver, "b.c.d");
  CHECK(discover(resolver, "a.b.c.d").reason == "DNS timeout for _dmarc.b.c.d");
}

TEST_CASE("dmarc discovery: an own record is enough when no identifier needs more", "[dmarc]") {
  struct Row {
    const char* tags;
    std::vector<std::string> spf, dkim;
    bool is_needed;
  };
  const Row rows[] = {
      {"", {}, {}, false},
      {"", {"example.com"}, {"example.com"}, false},       // all equal the Author Domain
      {"", {"example.net"}, {"mail.example.org"}, false},  // have no way to align
      {"", {"mail.example.com"}, {}, true},
      {"", {}, {"mail.example.com"}, true},
      {"; aspf=s", {"mail.example.com"}, {}, false},  // strict
      {"; adkim=s", {}, {"mail.example.com"}, false},
      {"; adkim=s", {"mail.example.com"}, {}, true},  // the other mode
      {"; aspf=s; adkim=s", {"mail.example.com"}, {"mail.example.com"}, false},
      {"; psd=n", {"com"}, {"other.com"}, false},  // not below the Organizational Domain
  };
  for (const Row& row : rows) {
    test::MapResolver resolver;
    resolver.txt("_dmarc.example.com", {std::string("v=DMARC1; p=reject") + row.tags});
    fail(resolver, "com");
    const Discovery found = discover(resolver, {domain("example.com"), domains(row.spf), domains(row.dkim)});
    INFO(row.tags);
    CHECK(found.status == DiscoveryStatus::found);
    CHECK(found.policy == Policy::reject);
    CHECK(found.organizational_domain_unknown == row.is_needed);
    CHECK(found.relaxed_alignments.size() == (row.is_needed ? 1U : 0U));
  }
}

TEST_CASE("dmarc discovery: an own record alone is not waited beyond", "[dmarc]") {
  dns::Answers answers;
  auto record = std::make_shared<dns::Answer>();
  record->status = Status::ok;
  record->texts = {"v=DMARC1; p=reject"};
  answers[{"_dmarc.mail.example.com", dns::Type::txt}] = record;
  dns::View view(answers);
  CHECK(dmarc::discover(view, {domain("mail.example.com"), {}, domains({"mail.example.com"})}).has_value());
  dns::View again(answers);
  CHECK_FALSE(dmarc::discover(again, {domain("mail.example.com"), {}, domains({"example.com"})}).has_value());
}

TEST_CASE("dmarc discovery: identifiers are walked for in the same round if they are likely to align", "[dmarc]") {
  test::MapResolver resolver;
  resolver.defer(true);
  const dmarc::DiscoveryInput input{domain("news.example.com"), domains({"bounce.example.com"}),
                                    domains({"example.com", "esp.com", "example.net"})};
  auto inquiry = dns::Inquiry<Discovery>::start(resolver, [&](dns::View& view) { return dmarc::discover(view, input); });
  CHECK(asked(resolver) == std::vector<std::string>{"TXT _dmarc.news.example.com", "TXT _dmarc.example.com", "TXT _dmarc.com",
                                                    "TXT _dmarc.bounce.example.com"});
  resolver.txt("_dmarc.example.com", {"v=DMARC1; p=none"});
  resolver.answer_all();
  REQUIRE(inquiry->is_done());
  const Discovery& found = inquiry->collect({});
  CHECK(found.organizational_domain == domain("example.com"));
  CHECK(found.relaxed_alignments == std::map<base::Domain, Alignment>{{domain("bounce.example.com"), Alignment::yes},
                                                                      {domain("example.com"), Alignment::yes}});
}

TEST_CASE("dmarc discovery: an Organizational Domain of one label asks a second round", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.com", {"v=DMARC1; p=none"});
  const Discovery found = discover(resolver, {domain("example.com"), {}, domains({"esp.com", "esp.net"})});
  CHECK(found.organizational_domain == domain("com"));
  CHECK(found.relaxed_alignments.at(domain("esp.com")) == Alignment::yes);
  CHECK(has_asked(resolver, "esp.com"));
  CHECK_FALSE(has_asked(resolver, "esp.net"));
}

TEST_CASE("dmarc discovery: a subdomain with psd=n is an organization of its own", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.example.com", {"v=DMARC1; p=none"});
  resolver.txt("_dmarc.lab.example.com", {"v=DMARC1; p=none; psd=n"});
  const Discovery found = discover(resolver, {domain("example.com"), {}, domains({"x.lab.example.com", "www.example.com"})});
  CHECK(found.relaxed_alignments.at(domain("x.lab.example.com")) == Alignment::no);
  CHECK(found.relaxed_alignments.at(domain("www.example.com")) == Alignment::yes);
}

TEST_CASE("dmarc discovery: twelve identifiers are walked for and no more", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.example.com", {"v=DMARC1; p=none"});
  std::vector<std::string> names = {"example.com", "example.net", "s0.example.com"};  // repeated and plain ones do not count
  for (std::size_t i = 0; i <= dmarc::max_identifiers; ++i) names.push_back("s" + std::to_string(i) + ".example.com");
  const Discovery found = discover(resolver, {domain("example.com"), domains({"s0.example.com"}), domains(names)});
  CHECK(found.relaxed_alignments.size() == dmarc::max_identifiers);
  CHECK(found.relaxed_alignments.contains(domain("s11.example.com")));
  CHECK_FALSE(has_asked(resolver, "s12.example.com"));
}

TEST_CASE("dmarc discovery: the most questions one message can cause stay below an Inquiry's limit", "[dmarc]") {
  test::MapResolver resolver;
  const std::string author = "a.b.c.d.e.f.g.h.com";
  resolver.txt("_dmarc.com", {"v=DMARC1; p=none; np=reject"});
  std::vector<std::string> names;
  for (char tld = 'a'; tld < 'z'; ++tld) names.push_back(std::string("a.b.c.d.e.f.") + tld + ".h.com");
  for (char tld = 'a'; tld < 'z'; ++tld) names.push_back(std::string("a.b.c.d.e.f.g.") + tld + ".com");
  CHECK(discover(resolver, {domain(author), {}, domains(names)}).status == DiscoveryStatus::found);
  CHECK(resolver.asked().size() <= 8 + 2 * 8 * dmarc::max_identifiers + 1);
  CHECK(resolver.asked().size() < dns::InquiryBase::max_questions);
}

TEST_CASE("dmarc discovery: any name has an Organizational Domain, or a failure hides it", "[dmarc]") {
  test::MapResolver resolver;
  resolver.txt("_dmarc.example.com", {"v=DMARC1; p=none; psd=n"});
  fail(resolver, "example.net");
  const auto find = [&](const std::string& name) {
    return test::decide<dmarc::OrganizationalDomain>(
        resolver, [&](dns::View& view) { return dmarc::find_organizational_domain(view, domain(name)); });
  };
  CHECK(find("a.b.example.com").domain == domain("example.com"));
  CHECK_FALSE(find("a.example.net").domain.has_value());
}
