#include "dmarc/tree_walk.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/support/map_resolver.hpp"

using dmarc::Alignment;
using dns::Status;

namespace {

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

std::string names_of(const std::vector<base::Domain>& names) {
  std::string text;
  for (const base::Domain& name : names) text += (text.empty() ? "" : " ") + name.text();
  return text;
}

/// "NAME tags": a record there; "NAME !": a failure; "NAME 2": two records.
void fill(test::MapResolver& resolver, const std::vector<std::string>& zone) {
  for (const std::string& entry : zone) {
    const std::size_t space = entry.find(' ');
    const std::string name = "_dmarc." + entry.substr(0, space), tags = entry.substr(space + 1);
    if (tags == "!")
      resolver.fail(name, dns::Type::txt, Status::timeout);
    else if (tags == "2")
      resolver.txt(name, {"v=DMARC1; p=none; psd=n", "v=DMARC1; p=none; psd=n"});
    else
      resolver.txt(name, {"v=DMARC1; " + tags});
  }
}

/// What the Organizational Domain can be, by names, shortest first.
std::string organizations(const std::string& name, const std::vector<std::string>& zone) {
  test::MapResolver resolver;
  fill(resolver, zone);
  return test::decide<std::string>(resolver, [&](dns::View& view) -> std::optional<std::string> {
    const dmarc::TreeWalk walk(view, domain(name));
    if (!walk.is_complete()) return std::nullopt;
    return names_of(dmarc::possible_organizations(walk));
  });
}

Alignment compare(const std::string& a, const std::string& b, const std::vector<std::string>& zone) {
  test::MapResolver resolver;
  fill(resolver, zone);
  return test::decide<Alignment>(resolver, [&](dns::View& view) -> std::optional<Alignment> {
    const dmarc::TreeWalk walk_a(view, domain(a)), walk_b(view, domain(b));
    if (!walk_a.is_complete() || !walk_b.is_complete()) return std::nullopt;
    return dmarc::compare_organizations(walk_a, walk_b);
  });
}

}  // namespace

TEST_CASE("dmarc tree walk: it asks for at most eight names", "[dmarc]") {
  const std::pair<const char*, const char*> rows[] = {
      {"a", "a"},
      {"b.a", "b.a a"},
      {"c.b.a", "c.b.a b.a a"},
      {"d.c.b.a", "d.c.b.a c.b.a b.a a"},
      {"e.d.c.b.a", "e.d.c.b.a d.c.b.a c.b.a b.a a"},
      {"f.e.d.c.b.a", "f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a"},
      {"g.f.e.d.c.b.a", "g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a"},
      {"h.g.f.e.d.c.b.a", "h.g.f.e.d.c.b.a g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a"},
      {"i.h.g.f.e.d.c.b.a", "i.h.g.f.e.d.c.b.a g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a"},
      {"j.i.h.g.f.e.d.c.b.a", "j.i.h.g.f.e.d.c.b.a g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a"},
      {"k.j.i.h.g.f.e.d.c.b.a", "k.j.i.h.g.f.e.d.c.b.a g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a"},
      {"l.k.j.i.h.g.f.e.d.c.b.a", "l.k.j.i.h.g.f.e.d.c.b.a g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a"},
  };
  for (const auto& [start, names] : rows) CHECK(names_of(dmarc::walk_names(domain(start))) == names);
}

TEST_CASE("dmarc tree walk: all its questions are asked in one round", "[dmarc]") {
  const dns::Answers none;
  dns::View view(none);
  const dmarc::TreeWalk walk(view, domain("c.b.a"));
  CHECK_FALSE(walk.is_complete());
  const std::vector<dns::Question> all = {
      {"_dmarc.c.b.a", dns::Type::txt}, {"_dmarc.b.a", dns::Type::txt}, {"_dmarc.a", dns::Type::txt}};
  CHECK(view.wanted() == all);
}

TEST_CASE("dmarc tree walk: answers beyond its end are not waited for", "[dmarc]") {
  dns::Answers answers;
  auto record = std::make_shared<dns::Answer>();
  record->status = Status::ok;
  record->texts = {"v=DMARC1; p=none; psd=n"};
  answers[{"_dmarc.c.b.a", dns::Type::txt}] = record;
  dns::View view(answers);
  const dmarc::TreeWalk walk(view, domain("c.b.a"));
  CHECK(walk.is_complete());
  CHECK(walk.steps().size() == 1);
}

TEST_CASE("dmarc tree walk: the Organizational Domain follows from the records", "[dmarc]") {
  struct Row {
    const char* start;
    std::vector<std::string> zone;
    const char* organization;
  };
  const Row rows[] = {
      {"a.b.c.d", {}, "a.b.c.d"},  // no record: the name itself
      {"a.b.c.d", {"a.b.c.d p=none"}, "a.b.c.d"},
      {"a.b.c.d", {"b.c.d p=none"}, "b.c.d"},
      {"a.b.c.d", {"b.c.d p=none", "c.d p=none"}, "c.d"},               // the fewest labels
      {"a.b.c.d", {"a.b.c.d p=none", "d p=none"}, "d"},                 // a single label, too
      {"a.b.c.d", {"a.b.c.d p=none; psd=n", "c.d p=none"}, "a.b.c.d"},  // psd=n at each level
      {"a.b.c.d", {"a.b.c.d p=none", "b.c.d p=none; psd=n", "c.d p=none"}, "b.c.d"},
      {"a.b.c.d", {"a.b.c.d p=none", "c.d p=none; psd=n", "d p=none"}, "c.d"},
      {"a.b.c.d", {"c.d p=none", "d p=none; psd=n"}, "d"},
      {"a.b.c.d", {"a.b.c.d p=none; psd=y", "c.d p=none"}, "a.b.c.d"},  // psd=y at each level: at the start it ends
      {"a.b.c.d", {"b.c.d p=none; psd=y", "c.d p=none"}, "a.b.c.d"},    // the walk and is no label below
      {"a.b.c.d", {"c.d p=none; psd=y"}, "b.c.d"},                      // one below, which need have no record
      {"a.b.c.d", {"a.b.c.d p=none", "c.d p=none; psd=y"}, "b.c.d"},
      {"a.b.c.d", {"d p=none; psd=y"}, "c.d"},
      {"a.b.c.d", {"b.c.d p=none; psd=n", "c.d p=none; psd=y"}, "b.c.d"},  // the longer name decides
      {"a.b.c.d", {"b.c.d p=none; psd=y", "c.d p=none; psd=n"}, "a.b.c.d"},
      {"a.b.c.d", {"c.d 2"}, "a.b.c.d"},  // several records are none
      {"a.b.c.d", {"b.c.d p=none", "c.d 2"}, "b.c.d"},
      {"a.b.c.d", {"c.d p=bad"}, "c.d"},                                  // an unusable record counts
      {"a.b.c.d", {"c.d p=bad; psd=y"}, "b.c.d"},                         // and its psd
      {"a.b.c.d", {"b.c.d p=none; p=none; psd=n", "c.d p=none"}, "c.d"},  // but no tag of an invalid list
      {"d", {"d p=none; psd=y"}, "d"},
      {"d", {}, "d"},
      {"h.g.f.e.d.c.b.a", {"g.f.e.d.c.b.a p=none; psd=y"}, "h.g.f.e.d.c.b.a"},
      {"i.h.g.f.e.d.c.b.a", {"g.f.e.d.c.b.a p=none; psd=y"}, "h.g.f.e.d.c.b.a"},      // a name that is not asked for
      {"i.h.g.f.e.d.c.b.a", {"h.g.f.e.d.c.b.a p=none; psd=n"}, "i.h.g.f.e.d.c.b.a"},  // what lies there is not seen
  };
  for (const Row& row : rows) {
    INFO(row.start << " " << fmt::format("{}", fmt::join(row.zone, ", ")));
    CHECK(organizations(row.start, row.zone) == row.organization);
  }
}

TEST_CASE("dmarc tree walk: a failure matters where it can change the Organizational Domain", "[dmarc]") {
  struct Row {
    const char* start;
    std::vector<std::string> zone;
    const char* possible;
  };
  const Row rows[] = {
      {"a.b.c.d", {"a.b.c.d p=none; psd=n", "b.c.d !", "d !"}, "a.b.c.d"},  // beyond the end of the walk
      {"a.b.c.d", {"c.d p=none; psd=y", "d !"}, "b.c.d"},
      {"a.b.c.d", {"a.b.c.d !"}, "a.b.c.d"},  // the name itself, whatever it holds
      {"a.b.c.d", {"a.b.c.d !", "b.c.d p=none; psd=y"}, "a.b.c.d"},
      {"a.b.c.d", {"a.b.c.d !", "c.d p=none"}, "c.d a.b.c.d"},  // unless it says psd=n
      {"a.b.c.d", {"b.c.d !"}, "b.c.d a.b.c.d"},
      {"a.b.c.d", {"c.d p=none", "d !"}, "d c.d"},
      {"a.b.c.d", {"b.c.d p=none", "d !"}, "d c.d b.c.d"},
      {"a.b.c.d", {"b.c.d !", "c.d p=none; psd=n"}, "c.d b.c.d a.b.c.d"},
      {"d", {"d !"}, "d"},
  };
  for (const Row& row : rows) {
    INFO(row.start << " " << fmt::format("{}", fmt::join(row.zone, ", ")));
    CHECK(organizations(row.start, row.zone) == row.possible);
  }
}

TEST_CASE("dmarc tree walk: a failure that both walks meet need not hide that they end alike", "[dmarc]") {
  struct Row {
    const char *a, *b;
    std::vector<std::string> zone;
    Alignment alignment;
  };
  const Row rows[] = {
      {"example.com", "mail.example.com", {"example.com p=none"}, Alignment::yes},
      {"example.com", "mail.example.com", {"example.com p=none", "mail.example.com p=none; psd=n"}, Alignment::no},
      {"x.example.com", "y.example.com", {"example.com p=none"}, Alignment::yes},
      {"x.example.com", "y.example.com", {}, Alignment::no},
      {"x.example.com", "y.example.com", {"example.com p=none; psd=y"}, Alignment::no},
      {"example.com", "example.net", {"example.com p=none", "example.net p=none"}, Alignment::no},
      {"example.com", "mail.example.com", {"example.com p=none", "com !"}, Alignment::yes},  // com or example.com, both
      {"x.example.com", "y.example.com", {"x.example.com p=none", "example.com !"}, Alignment::unknown},
      {"example.com", "mail.example.com", {"example.com p=none", "mail.example.com !"}, Alignment::unknown},
      {"example.com", "mail.example.com", {"example.com p=none; psd=n", "com !"}, Alignment::yes},
      {"example.com", "other.com", {"example.com p=none", "com !"}, Alignment::unknown},  // were com psd=u or psd=n
      {"example.com", "other.com", {"example.com p=none; psd=n", "com !"}, Alignment::no},
      {"example.com", "other.net", {"example.com p=none", "com !", "net !"}, Alignment::no},
  };
  for (const Row& row : rows) {
    INFO(row.a << " " << row.b << " " << fmt::format("{}", fmt::join(row.zone, ", ")));
    CHECK(compare(row.a, row.b, row.zone) == row.alignment);
    CHECK(compare(row.b, row.a, row.zone) == row.alignment);
  }
}
