#include "auth/signing_table.hpp"

#include <catch2/catch.hpp>

namespace {

base::Domain domain(std::string_view text) { return base::Domain::parse(text).value(); }

dkim::PrivateKey test_key() {
  const std::string seed(32, 's');
  return dkim::PrivateKey::from_ed25519_seed({reinterpret_cast<const std::uint8_t*>(seed.data()), seed.size()}).value();
}

}  // namespace

TEST_CASE("signing table: the nearest pattern wins", "[auth]") {
  auth::SigningTable table;
  const auto add = [&](std::string_view pattern, std::optional<base::Domain> signer) {
    return table.add(pattern, table.add_rule({std::move(signer), {{std::string(pattern), test_key()}}}));
  };
  REQUIRE(add("boss@a.example", std::nullopt));
  REQUIRE(add("A.example.", std::nullopt));
  REQUIRE(add("*.a.example", domain("a.example")));
  REQUIRE(add("*.deep.a.example", std::nullopt));
  REQUIRE(add("*", domain("catchall.example")));

  struct Row {
    std::string local_part, from, pattern, signer;
  };
  const auto row = GENERATE(values<Row>({
      {"BOSS", "a.example", "boss@a.example", "a.example"},  // local parts without regard to case
      {"x", "a.example", "A.example.", "a.example"},
      {"x", "b.a.example", "*.a.example", "a.example"},  // d= is the rule's
      {"x", "c.b.a.example", "*.a.example", "a.example"},
      {"x", "e.deep.a.example", "*.deep.a.example", "e.deep.a.example"},
      {"x", "deep.a.example", "*.a.example", "a.example"},
      {"x", "aa.example", "*", "catchall.example"},  // no suffix match without a dot
  }));
  const auto keys = table.find({row.local_part, domain(row.from)}).keys;
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].selector == row.pattern);
  CHECK(keys[0].domain.text() == row.signer);
}

TEST_CASE("signing table: who has no signer has a reason", "[auth]") {
  auth::SigningTable table;
  auto is_refused = std::make_shared<std::atomic<bool>>(true);
  REQUIRE(table.add("a.example", table.add_rule({std::nullopt, {}})));
  REQUIRE(table.add("b.example", table.add_rule({std::nullopt, {{"s", test_key(), is_refused}}})));
  CHECK(table.find({"x", domain("c.example")}).why_none == "no-rule-for-domain");
  CHECK(table.find({"x", domain("a.example")}).why_none == "no-active-key");
  CHECK(table.find({"x", domain("b.example")}).why_none == "key-differs");
  *is_refused = false;
  CHECK(table.find({"x", domain("b.example")}).keys.size() == 1);
}

TEST_CASE("signing table: a key's uses are the domains that are known without a message", "[auth]") {
  auth::SigningTable table;
  const auto own = table.add_rule({std::nullopt, {{"s", test_key()}}});
  for (const auto* pattern : {"b.example", "x@a.example", "*.c.example", "*"}) REQUIRE(table.add(pattern, own));
  REQUIRE(table.add("d.example", table.add_rule({domain("signer.example"), {{"t", test_key()}}})));
  std::vector<std::string> names;
  for (const auto& use : table.uses()) names.push_back(use.selector + "." + use.domain.text());
  CHECK(names == std::vector<std::string>{"s.a.example", "s.b.example", "t.signer.example"});
}

TEST_CASE("signing table: a pattern is refused when malformed or there already", "[auth]") {
  auth::SigningTable table;
  CHECK(table.add("a.example", 0));
  CHECK_FALSE(table.add("A.EXAMPLE", 0));
  CHECK_FALSE(table.add("@a.example", 0));
  CHECK_FALSE(table.add("a b.example", 0));
  CHECK_FALSE(table.add("*a.example", 0));
  CHECK_FALSE(table.add("", 0));
}
