#include "spf/macro.hpp"

#include <catch2/catch.hpp>

#include "tests/spf/checking.hpp"

namespace {

struct Row {
  std::string macro, expected;
};

std::string expand(const std::string& text, const spf::Input& input) {
  const auto macros = spf::parse_domain_spec(text);
  return macros ? spf::expand_name(*macros, {input, input.domain, "unknown"}) : "error: " + std::string(macros.error().text);
}

std::string expand(const std::string& text) {
  spf::Input input = test::spf_input("email.example.com", "192.0.2.3");
  return expand(text, input);
}

}  // namespace

TEST_CASE("spf macro: transformers split, reverse, keep the right and join with dots", "[spf]") {
  const std::vector<Row> rows = {
      {"%{s}", "strong-bad@email.example.com"},
      {"%{o}", "email.example.com"},
      {"%{d4}", "email.example.com"},  // more than there are: all
      {"%{d3}", "email.example.com"},
      {"%{D2}", "example.com"},
      {"%{d1}", "com"},
      {"%{d2r}", "example.email"},  // reversed first, then cut
      {"%{dR}", "com.example.email"},
      {"%{l-}", "strong.bad"},
      {"%{l1r-}", "strong"},
      {"%{l+}", "strong-bad"},  // a delimiter that does not occur
      {"%{s.-}", "strong.bad@email.example.com"},
      {"%{s1-}", "bad@email.example.com"},  // the dot is no delimiter unless named
      {"%{i}", "192.0.2.3"},
      {"%{ir}.%{v}.x.example", "3.2.0.192.in-addr.x.example"},
      {"%{h2}", "example.org"},
      {"%{p}", "unknown"},
      {"a%%b%_c%-d.example", "a%b c%20d.example"},
      {"%{d99999999999999999999}", "email.example.com"},
      {"%{d}.", "error: domain without a top label"},
      {"a.example.", "a.example"},  // a final dot is not part of the name
  };
  for (const Row& row : rows) {
    CAPTURE(row.macro);
    CHECK(expand(row.macro) == row.expected);
  }
}

TEST_CASE("spf macro: what RFC 7208 section 7.1 does not allow is an error", "[spf]") {
  const std::vector<std::string> rows = {
      "%",    "%d",   "%{",   "%{}",  "%{d",   "%{d0}", "%{d00}", "%{dr2}", "%{d-r}", "%{d*}",       "%{x}",
      "%{c}", "%{r}", "%{t}", "%{T}", "% {d}", "%{ d}", "%{d}%",  "%{d2",   "%{dd}",  "a b.example", "",
  };
  for (const auto& row : rows) {
    CAPTURE(row);
    CHECK_FALSE(spf::parse_domain_spec(row));
  }
}

TEST_CASE("spf macro: c, r and t are for explanations, which may hold spaces", "[spf]") {
  const auto input = test::spf_input("email.example.com", "2001:db8::cb01");
  const auto text = [&](const std::string& macro) {
    return spf::expand_text(spf::MacroString::parse(macro, spf::MacroUse::explanation).value(),
                            {input, input.domain, "mx.example.org"}, 100);
  };
  CHECK(text("%{c} to %{r} at %{t}, %{p}") == "2001:db8::cb01 to mail.receiver.example at 1700000000, mx.example.org");
  CHECK(text("") == "");
  CHECK_FALSE(spf::MacroString::parse("tab\t", spf::MacroUse::explanation));
  CHECK_FALSE(spf::MacroString::parse("caf\xc3\xa9", spf::MacroUse::explanation));
}

TEST_CASE("spf macro: an upper-case letter escapes all but the unreserved characters", "[spf]") {
  auto input = test::spf_input("email.example.com", "192.0.2.3");
  input.local_part = "~jack&jill=up-a_b3.c\x01/";
  CHECK(expand("%{L}.example", input) == "~jack%26jill%3Dup-a_b3.c%01%2F.example");
  CHECK(expand("%{l}.example", input) == "~jack&jill=up-a_b3.c\x01/.example");
  CHECK(expand("%{S1/}", input) == "%40email.example.com");  // escaped after the transformation
}

TEST_CASE("spf macro: an IPv6 address becomes nibbles in %{i}", "[spf]") {
  const auto input = test::spf_input("email.example.com", "2001:db8::cb01");
  CHECK(expand("%{ir}.%{v}", input) == "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6");
  CHECK(expand("%{i}", test::spf_input("email.example.com", "::ffff:192.0.2.9")) == "192.0.2.9");
}

TEST_CASE("spf macro: a missing local part is postmaster, a missing receiver unknown", "[spf]") {
  auto input = test::spf_input("email.example.com", "192.0.2.3");
  input.local_part = input.receiver = "";
  CHECK(expand("%{s}", input) == "postmaster@email.example.com");
  CHECK(expand("%{l}", input) == "postmaster");
  const auto receiver = spf::MacroString::parse("%{r}", spf::MacroUse::explanation).value();
  CHECK(spf::expand_text(receiver, {input, input.domain, ""}, 100) == "unknown");
}

TEST_CASE("spf macro: internationalized domains expand as A-labels, other names as they are", "[spf]") {
  auto input = test::spf_input("email.example.com", "192.0.2.3");
  input.sender_domain = "m\xc3\xbcnchen.example";
  input.helo = "\xff\xfe";
  CHECK(expand("%{o}", input) == "xn--mnchen-3ya.example");
  CHECK(expand("%{h}", input) == "\xff\xfe");
}

TEST_CASE("spf macro: a name over 253 octets loses whole labels on the left", "[spf][limits]") {
  const std::string label(49, 'a'), name = label + "." + label + "." + label + "." + label;  // 199
  const auto name_after = [](const std::string& text) { return expand(text + ".example"); };
  const std::string tail = name + "." + std::string(45, 'b');  // 245; with ".example" 253
  CHECK(name_after(tail) == tail + ".example");                // at the limit
  CHECK(name_after("." + tail) == tail + ".example");          // 254: the empty label goes
  CHECK(name_after("x." + tail) == tail + ".example");
  CHECK(name_after("x" + tail) == tail.substr(50) + ".example");   // 254: a whole label goes
  CHECK(expand("x." + tail + ".example.") == tail + ".example");   // the final dot does not count
  CHECK(expand(std::string(300, 'a') + "%{d}") == "example.com");  // one huge label
  auto input = test::spf_input("email.example.com", "192.0.2.3");
  input.local_part = std::string(5000, '.') + std::string(300, 'l');
  CHECK(expand("%{l}%{l}", input).empty());  // nothing whole is left
  CHECK(expand("%{l}.example", input) == "example");
}

TEST_CASE("spf macro: 64 macros are read, one more is an error", "[spf][limits]") {
  std::string text;
  for (std::size_t i = 0; i < spf::MacroString::max_macros; ++i) text += "%{d}";
  CHECK(spf::MacroString::parse(text, spf::MacroUse::domain_spec));
  CHECK_FALSE(spf::MacroString::parse(text + "%{d}", spf::MacroUse::domain_spec));
}

TEST_CASE("spf macro: text is cut at its bound", "[spf][limits]") {
  const auto input = test::spf_input("email.example.com", "192.0.2.3");
  const auto macros = spf::MacroString::parse("%{d}%{d}%{d}", spf::MacroUse::explanation).value();
  CHECK(spf::expand_text(macros, {input, input.domain, ""}, 20) == "email.example.comema");
}
