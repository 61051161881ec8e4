#include "dns/question.hpp"

#include <catch2/catch.hpp>

using dns::Type;

TEST_CASE("dns question: one spelling, lower case and without the final dot", "[dns]") {
  CHECK(dns::ask_for("Mail.EXAMPLE.org.", Type::a) == dns::Question{"mail.example.org", Type::a});
  CHECK(dns::ask_for("\xc3\x84.org", Type::a).name == "\xc3\x84.org");  // only ASCII letters have a case
  CHECK(dns::ask_for("", Type::a).name.empty());
}

TEST_CASE("dns question: the names that can be sent", "[dns]") {
  const std::string label(63, 'x');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'x');
  REQUIRE(longest.size() == 253);
  for (const std::string& name : {std::string("a"), std::string("a b\xff.c"), label, longest})
    CHECK(dns::is_sendable_name(name));
  for (const std::string& name :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a."), label + "x", longest + "x"})
    CHECK_FALSE(dns::is_sendable_name(name));
}
