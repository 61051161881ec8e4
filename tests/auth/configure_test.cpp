#include "auth/configure.hpp"

#include <catch2/catch.hpp>

namespace {

auth::Options options_of(const std::string& text) { return auth::configure(conf::parse(text, "/f.toml")).options; }

}  // namespace

TEST_CASE("configure: DMARC is discovered by the tree walk unless a suffix list is asked for", "[auth]") {
  CHECK(options_of("").suffix_list == nullptr);
  CHECK(options_of("dmarc.psl-file = \"/nowhere\"").suffix_list == nullptr);  // not asked for, so not read
  const auto list = options_of("dmarc.discovery = \"psl\"").suffix_list;
  REQUIRE(list);
  CHECK(list->organizational_domain(base::Domain::parse("a.b.example.co.uk").value()).text() == "example.co.uk");
}

TEST_CASE("configure: a suffix list that cannot be read is named with its line", "[auth]") {
  const auto configure = [] { return options_of("[dmarc]\ndiscovery = \"psl\"\npsl-file = \"nowhere\"\n"); };
  CHECK_THROWS_AS(configure(), conf::Error);
  CHECK_THROWS_WITH(configure(), "/f.toml:3:12: /nowhere: found no public suffix list, expected one");
}
