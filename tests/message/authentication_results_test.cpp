#include "message/authentication_results.hpp"

#include <catch2/catch.hpp>

using message::AuthenticationResults;
using message::FormatOptions;
using message::MethodResult;
using namespace std::string_view_literals;

namespace {

constexpr FormatOptions utf8{.smtputf8 = true};

/// The property as it is written for header.d, or "" if it is dropped.
std::string written(std::string_view value, const FormatOptions& options = {}) {
  AuthenticationResults results;
  results.authserv_id = "mx.example";
  results.results.push_back({"dkim", "", "pass", "", "", {{"header", "d", std::string(value)}}});
  const std::string prefix = "mx.example;\n\tdkim=pass", name = "header.d=";
  const std::string text = format_authentication_results(results, options);
  REQUIRE(text.starts_with(prefix));
  if (text == prefix) return "";
  const std::size_t position = text.find(name);  // after a space or a fold
  REQUIRE(position - prefix.size() <= 2);
  return text.substr(position + name.size());
}

std::string with_comment(std::string_view comment, const FormatOptions& options = {}) {
  return message::format_authentication_results({"mx.example", "", "", {{"spf", "", "pass", std::string(comment), "", {}}}},
                                                options);
}

std::string with_reason(std::string_view reason, const FormatOptions& options = {}) {
  return message::format_authentication_results({"mx.example", "", "", {{"spf", "", "pass", "", std::string(reason), {}}}},
                                                options);
}

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0, column = 0;
  for (const char c : text) {
    column = c == '\n' ? 0 : column + (c == '\t' ? 8 : 1);
    longest = std::max(longest, column);
  }
  return longest;
}

}  // namespace

TEST_CASE("authentication-results writer: a value is bare where RFC 8601 §2.2 allows, else quoted, else dropped",
          "[message][ar]") {
  struct Row {
    std::string_view value, text;
  };
  const Row rows[] = {
      {"example.com", "example.com"},
      {"rsa-sha256", "rsa-sha256"},  // token
      {"192.0.2.1", "192.0.2.1"},
      {"2001:db8::1", "\"2001:db8::1\""},  // ':' is a tspecial
      {"gfT/i2HB", "\"gfT/i2HB\""},        // so are '/' and '='
      {"AA==", "\"AA==\""},
      {"a+b", "a+b"},
      {"", "\"\""},
      {"user@example.com", "user@example.com"},  // local-part "@" domain-name
      {"@example.com", "@example.com"},
      {"SRS0=HH=TT=x.example=u@fwd.example", "SRS0=HH=TT=x.example=u@fwd.example"},
      {"\"a b\"@example.com", "\"a b\"@example.com"},        // a quoted local part
      {"user@localhost", "\"user@localhost\""},              // domain-name has two labels
      {"user@foo_bar.example", "\"user@foo_bar.example\""},  // and no underscore
      {"a..b@example.com", "\"a..b@example.com\""},          // no dot-atom
      {"user@example.com.", "\"user@example.com.\""},
      {"user@-a.example", "\"user@-a.example\""},
      {"a b", "\"a b\""},
      {"value1;value2", "\"value1;value2\""},
      {"a=b", "\"a=b\""},
      {"<a>", "\"<a>\""},
      {"a\"b", ""},  // would need an escape
      {"a\\b", ""},
      {"sel\"; spf=pass", ""},
      {"\"a\\\"b\"@example.com", ""},
      {"\"a(b\"@example.com", ""},  // unbalanced for a reader that knows no quotes
      {"a(b", ""},
      {"a)b", ""},
      {"(a)", ""},
      {"evil.example\r\nX-Injected: yes", ""},
      {"a\rb", ""},
      {"a\nb", ""},
      {"a\tb", ""},
      {"a\0b"sv, ""},
      {"a\x7f", ""},
      {"\x1b[31m", ""},
      {"\xc3\xbc.example", ""},  // no UTF-8 without SMTPUTF8
      {"\xff", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.value));
    CHECK(written(row.value) == row.text);
  }
}

TEST_CASE("authentication-results writer: with SMTPUTF8, UTF-8 stays and other octets are dropped", "[message][ar]") {
  CHECK(written("m\xc3\xb8x.example", utf8) == "m\xc3\xb8x.example");
  CHECK(written("\xc3\xbc@m\xc3\xb8x.example", utf8) == "\xc3\xbc@m\xc3\xb8x.example");
  CHECK(written("\xc3\xbc", utf8) == "\"\xc3\xbc\"");  // no token, no domain-name
  CHECK(written("\xff.example", utf8).empty());
  CHECK(written("\xc3\xbc\r\n", utf8).empty());
}

TEST_CASE("authentication-results writer: a value of 512 octets is written, a longer one dropped", "[message][ar][limits]") {
  CHECK(written(std::string(512, 'a')).size() == 512);
  CHECK(written(std::string(513, 'a')).empty());
  CHECK(written("abc", {.max_value_octets = 2}).empty());
}

TEST_CASE("authentication-results writer: comments cannot close, escape or leave their line", "[message][ar]") {
  struct Row {
    std::string_view comment, text;
  };
  const Row rows[] = {
      {"2048-bit key", "(2048-bit key)"},
      {"a) spf=pass (b", "(a] spf=pass [b)"},
      {"a\\", "(a/)"},
      {"\"a\"", "('a')"},
      {"a\r\nX: y", "(a??X: y)"},
      {"a\0b"sv, "(a?b)"},
      {"a\tb", "(a b)"},
      {"  a   b  ", "(a b)"},
      {"caf\xc3\xa9",
       "(caf?"
       "?)"},
      {"((((", "([[[[)"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.comment));
    CHECK(with_comment(row.comment) == "mx.example;\n\tspf=pass " + std::string(row.text));
  }
  CHECK(with_comment("") == "mx.example;\n\tspf=pass");
  CHECK(with_comment("   ") == "mx.example;\n\tspf=pass");
  CHECK(with_comment("caf\xc3\xa9", utf8) == "mx.example;\n\tspf=pass (caf\xc3\xa9)");
  CHECK(with_comment("caf\xe9", utf8) == "mx.example;\n\tspf=pass (caf?)");
  CHECK(with_comment("a\xc3\xa9", {.smtputf8 = true, .max_value_octets = 2}) ==
        "mx.example;\n\tspf=pass (a)");  // not half a character
  CHECK(with_comment(std::string(600, 'x')).size() == std::string_view("mx.example;\n\tspf=pass\n\t()").size() + 512);
}

TEST_CASE("authentication-results writer: reasons are a token or a quoted string without escapes", "[message][ar]") {
  CHECK(with_reason("bad") == "mx.example;\n\tspf=pass reason=bad");
  CHECK(with_reason("no key") == "mx.example;\n\tspf=pass reason=\"no key\"");
  CHECK(with_reason("a\"; dkim=pass") == "mx.example;\n\tspf=pass reason=\"a'; dkim=pass\"");
  CHECK(with_reason("a\\") == "mx.example;\n\tspf=pass reason=\"a/\"");
  CHECK(with_reason("(\r\n") == "mx.example;\n\tspf=pass reason=\"[??\"");
  // Octets that only continue a character are no character to keep whole.
  CHECK(with_reason(std::string(600, '\xb4'), {.max_value_octets = 8}) == "mx.example;\n\tspf=pass reason=\"?????\"");
}

TEST_CASE("authentication-results writer: the whole field", "[message][ar]") {
  AuthenticationResults results;
  results.authserv_id = "mx.example";
  CHECK(format_authentication_results(results) == "mx.example; none");
  results.version = "1";
  CHECK(format_authentication_results(results) == "mx.example 1; none");
  results.instance = "3";
  CHECK(format_authentication_results(results) == "i=3; mx.example 1; none");
  results.version = results.instance = "1; x";  // not numbers: not written
  results.results.push_back({"spf", "", "fail", "", "", {{"smtp", "mailfrom", "a@b.example"}}});
  results.results.push_back(
      {"dkim", "2", "pass", "2048-bit key", "good", {{"header", "d", "b.example"}, {"header", "s", "s"}}});
  CHECK(format_authentication_results(results) ==
        "mx.example;\n\tspf=fail smtp.mailfrom=a@b.example;\n"
        "\tdkim/2=pass (2048-bit key) reason=good header.d=b.example header.s=s");
  CHECK(format_authentication_results(results, {.fold = " "}) ==
        "mx.example; spf=fail smtp.mailfrom=a@b.example; dkim/2=pass (2048-bit key) reason=good header.d=b.example header.s=s");
}

TEST_CASE("authentication-results writer: names that are no keywords are not written", "[message][ar]") {
  const auto write = [](const MethodResult& result) {
    return message::format_authentication_results({"mx.example", "", "", {result}});
  };
  CHECK(write({"s;pf", "", "pass", "", "", {}}) == "mx.example; none");
  CHECK(write({"", "", "pass", "", "", {}}) == "mx.example; none");
  CHECK(write({"spf", "", "pa ss", "", "", {}}) == "mx.example; none");
  CHECK(write({"spf", "", "", "", "", {}}) == "mx.example; none");
  CHECK(write({"spf", "", "pass", "", "", {{"smtp;", "a", "b"}, {"smtp", "a b", "c"}, {"smtp", "", "c"}, {"", "a", "b"}}}) ==
        "mx.example;\n\tspf=pass");
  CHECK(write({"x-ptr", "", "pass", "", "", {{"", "name", "b"}}}) == "mx.example;\n\tx-ptr=pass name=b");
  CHECK(write({"dkim", "", "pass", "", "", {{"", "x-bits", "1024"}}}) == "mx.example;\n\tdkim=pass x-bits=1024");
}

TEST_CASE("authentication-results writer: the authserv-id always comes out as one value", "[message][ar]") {
  const auto write = [](std::string_view id, const FormatOptions& options = {}) {
    return message::format_authentication_results({std::string(id), "", "", {}}, options);
  };
  CHECK(write("mx.example") == "mx.example; none");
  CHECK(write("mx.example/1") == "\"mx.example/1\"; none");
  CHECK(write("a\"b") == "a'b; none");
  CHECK(write("a\r\nb") == "\"a??b\"; none");
  CHECK(write("") == "\"\"; none");
  CHECK(write("m\xc3\xb8x.example") == "xn--mx-lka.example; none");
  CHECK(write("m\xc3\xb8x.example", utf8) == "\"m\xc3\xb8x.example\"; none");
}

TEST_CASE("authentication-results writer: lines are folded before column 78", "[message][ar]") {
  AuthenticationResults results;
  results.authserv_id = std::string(60, 'm') + ".example";
  MethodResult dkim{"dkim", "", "pass", std::string(30, 'w') + " " + std::string(30, 'v') + " x", "", {}};
  for (int i = 0; i < 20; ++i) dkim.properties.push_back({"header", "d", "name" + std::to_string(i) + ".example"});
  results.results = {dkim, dkim};
  for (const std::string_view fold : {"\n\t"sv, "\r\n\t"sv, "\n "sv, "\n        "sv}) {
    const std::string text = format_authentication_results(results, {.fold = fold});
    CHECK(longest_line(text.substr(text.find('\n') + 1)) <= 78);
    const auto parsed = message::parse_authentication_results(text);
    REQUIRE(parsed);
    CHECK(parsed->results.size() == 2);
    CHECK(parsed->results[1].properties.size() == 20);
    CHECK(parsed->results[1].comment.size() == dkim.comment.size() + (fold == "\n        " ? 7 : 0));
  }
}

TEST_CASE("authentication-results writer: whatever octets it is given, the field parses and says no more", "[message][ar]") {
  std::string octets;
  for (int c = 0; c < 256; ++c) octets += static_cast<char>(c);
  octets += "\"; dkim=pass header.d=bank.example (";
  for (std::size_t from = 0; from < octets.size(); ++from) {
    for (const std::size_t size : {1U, 2U, 5U, 40U}) {
      const std::string piece = octets.substr(from, size);
      CAPTURE(from, size);
      const AuthenticationResults results{
          piece, piece, piece, {{"spf", piece, "fail", piece, piece, {{"smtp", "mailfrom", piece}, {piece, "x", piece}}}}};
      for (const bool smtputf8 : {false, true}) {
        const std::string text = format_authentication_results(results, {.smtputf8 = smtputf8});
        const auto parsed = message::parse_authentication_results(text, smtputf8);
        REQUIRE(parsed);
        REQUIRE(parsed->results.size() == 1);
        CHECK(parsed->results[0].method == "spf");
        CHECK(parsed->results[0].result == "fail");
        CHECK(parsed->results[0].properties.size() <= 2);
        for (const auto& property : parsed->results[0].properties) CHECK(property.value == piece);
        for (std::size_t i = 0; i < text.size(); ++i)
          if (text[i] == '\n') CHECK(text.substr(i, 2) == "\n\t");
      }
    }
  }
}
