#include <catch2/catch.hpp>

#include "message/authentication_results.hpp"

using message::AuthenticationResults;
using message::parse_authentication_results;
using namespace std::string_view_literals;

namespace {

/// The parts in one line: id[/version]|method[/version]=result(comment)[reason]{ptype.property=value,…}…
std::string read(std::string_view value) {
  const auto parsed = parse_authentication_results(value);
  if (!parsed) return "error";
  std::string out = (parsed->instance.empty() ? "" : "i" + parsed->instance + ":") + parsed->authserv_id;
  if (!parsed->version.empty()) out += "/" + parsed->version;
  for (const auto& result : parsed->results) {
    out += "|" + result.method + (result.version.empty() ? "" : "/" + result.version) + "=" + result.result;
    if (!result.comment.empty()) out += "(" + result.comment + ")";
    if (!result.reason.empty()) out += "[" + result.reason + "]";
    for (const auto& p : result.properties) out += "{" + p.ptype + "." + p.property + "=" + p.value + "}";
  }
  return out;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("authentication-results reader: what RFC 8601 §2.2 allows", "[message][ar]") {
  struct Row {
    std::string_view value, parts;
  };
  const Row rows[] = {
      {"mx.example; none", "mx.example"},
      {" mx.example 1;\r\n none (why) \r\n", "mx.example/1"},
      {"\"mx.example\"; none", "mx.example"},
      {"\"m\xc3\xb8x.example\"; none", "m\xc3\xb8x.example"},
      {"(a) mx.example (b) 1 (c) ; (d) none (e)", "mx.example/1"},
      {"mx.example;spf=pass", "mx.example|spf=pass"},
      {"mx.example; NONE=pass", "mx.example|NONE=pass"},
      {"mx.example; spf=fail smtp.mailfrom=a@b.example", "mx.example|spf=fail{smtp.mailfrom=a@b.example}"},
      {"mx.example; spf=pass (a (b) c) (d) smtp.helo=h", "mx.example|spf=pass(a (b) c d){smtp.helo=h}"},
      {"mx.example; spf=pass (a \\) b)", "mx.example|spf=pass(a ) b)"},
      {"mx.example; dkim=fail reason=\"a; b\" header.d=x.example", "mx.example|dkim=fail[a; b]{header.d=x.example}"},
      {"mx.example; dkim=fail reason=bad", "mx.example|dkim=fail[bad]"},
      {"mx.example; a=b reason.x=y", "mx.example|a=b{reason.x=y}"},
      {"mx.example; dkim / 1 = pass header (x) . (y) d (z) = (w) x.example", "mx.example|dkim/1=pass{header.d=x.example}"},
      {"mx.example; dkim=pass header.i=@x.example header.b=\"a/b=\"",
       "mx.example|dkim=pass{header.i=@x.example}{header.b=a/b=}"},
      {"mx.example; dkim=pass header.i=\"a b\"@x.example", "mx.example|dkim=pass{header.i=\"a b\"@x.example}"},
      {"mx.example; dkim=pass header.i=\"\"", "mx.example|dkim=pass{header.i=}"},
      {"mx.example; a=b;c=d ;\n e=f", "mx.example|a=b|c=d|e=f"},
      {"mx.example;\nspf=pass", "mx.example|spf=pass"},         // a fold that lost its blank
      {"i=1; mx.example; spf=pass", "i1:mx.example|spf=pass"},  // RFC 8617 §4.1.1
      {" i = 12 ; mx.example 1; none", "i12:mx.example/1"},
      {"i; none", "i"},                                                                        // a host called i
      {"mx.example; dkim=pass header.b=gfT/i2HB", "mx.example|dkim=pass{header.b=gfT/i2HB}"},  // in use
      {"mx.example; gateway.spf=pass", "mx.example|gateway.spf=pass"},                         // in use
      {"mx.example; x-tls=pass version=TLSv1.2 bits=256", "mx.example|x-tls=pass{.version=TLSv1.2}{.bits=256}"},
      {"mx.example; dkim=pass header.d=a.example x-bits=1024", "mx.example|dkim=pass{header.d=a.example}{.x-bits=1024}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CHECK(read(row.value) == row.parts);
  }
}

TEST_CASE("authentication-results reader: anything else is an error", "[message][ar]") {
  const std::string_view rows[] = {
      "",
      " ",
      "(only a comment)",
      "mx.example",  // no result
      "mx.example;",
      "mx.example 1",
      "mx.example x; none",  // no version
      "mx.example 1 x; none",
      "mx.example 1.0; none",
      "mx.example=1; none",
      "spf=pass",                  // no authserv-id
      "m\xc3\xb8x.example; none",  // UTF-8 only in quotes
      "\"mx.example; none",
      "(mx.example; none",
      "mx.example; none;",
      "mx.example; none; spf=pass",
      "mx.example; spf=pass; none",
      "mx.example; spf=pass;",  // nothing behind the semicolon
      "mx.example;; spf=pass",
      "mx.example; spf",
      "mx.example; spf=",
      "mx.example; =pass",
      "mx.example; spf-=pass",  // a keyword does not end in a hyphen
      "mx.example; spf=pa_ss",
      "mx.example; spf/x=pass",
      "mx.example; spf/1.0=pass",
      "mx.example; spf.=pass",
      "mx.example; spf . x=pass",
      "mx.example; spf==pass",
      "mx.example; spf=pass action=none",  // no ptype
      "mx.example; spf=pass smtp",
      "mx.example; spf=pass smtp.mailfrom",
      "mx.example; spf=pass smtp.mailfrom=",
      "mx.example; spf=pass smtp..x=a",
      "mx.example; spf=pass smtp.a.b=c",
      "mx.example; spf=pass smtp.mailfrom=a\\b",
      "mx.example; spf=pass smtp.mailfrom=a\"b\"",
      "mx.example; spf=pass smtp.mailfrom=\"a\"b",
      "mx.example; spf=pass smtp.mailfrom=\"a",
      "mx.example; spf=pass smtp.mailfrom=a .",
      "mx.example; spf=pass smtp.mailfrom=a reason=b",  // the reason stands first
      "mx.example; spf=pass reason=a reason=b",
      "mx.example; spf=pass reason=",
      "mx.example; spf=pass (a",
      "mx.example; spf=pass a) smtp.x=y",
      "i=1",
      "i=1;",
      "i=1; i=2; mx.example; none",
      "i=100; mx.example; none",
      "i=x; mx.example; none",
      "i=1: mx.example; none",
      "mx.example; spf=pass\0"sv,
      "mx.example; spf=pass smtp.x=\"\0\""sv,
      "mx.example; spf=pass smtp.x=\x01",
      "mx.example; spf=pass smtp.x=\xff",
  };
  for (const std::string_view value : rows) {
    CAPTURE(std::string(value));
    CHECK(read(value) == "error");
  }
}

TEST_CASE("authentication-results reader: the error names the first octet that does not fit", "[message][ar]") {
  CHECK(parse_authentication_results("mx.example; spf=pass action=none").error().offset == 27);
  CHECK(parse_authentication_results("mx.example; spf=pa\xff").error().offset == 18);
  CHECK(parse_authentication_results("mx.example;").error() == base::ParseError{11, "not a keyword"});
}

TEST_CASE("authentication-results reader: without SMTPUTF8 every octet is ASCII", "[message][ar]") {
  const std::string_view value = "mx.example; dkim=pass header.d=m\xc3\xb8x.example";
  CHECK(parse_authentication_results(value));
  CHECK_FALSE(parse_authentication_results(value, false));
  CHECK(parse_authentication_results("mx.example; none", false));
}

TEST_CASE("authentication-results reader: 100 results of 100 properties are the most", "[message][ar][limits]") {
  CHECK(read("a" + repeat(";b=c", 100)) != "error");
  CHECK(read("a" + repeat(";b=c", 101)) == "error");
  CHECK(read("a;b=c" + repeat(" d.e=f", 100)) != "error");
  CHECK(read("a;b=c" + repeat(" d.e=f", 101)) == "error");
  CHECK(read("a" + repeat("(", 1000000)) == "error");
  CHECK(read("a; b=c " + repeat("(x)", 300000)) != "error");
}

TEST_CASE("authentication-results reader: a repeated instance never recurses", "[message][ar]") {
  CHECK(read(repeat("i=1;", 100000)) == "error");
}

TEST_CASE("authentication-results: a field claims our authserv-id however carelessly it is read", "[message][ar]") {
  const std::string_view rows[] = {
      "mx.example; spf=pass",
      "MX.Example; spf=pass",
      "mx.example.; spf=pass",
      "mx.example..;",
      " \r\n\tmx.example ; spf=pass",
      "\"mx.example\"; none",
      "\" mx.example \"; none",
      "\"mx.exa\\mple\"; none",
      "\"mx.example; none",  // quote not closed
      "mx.example\"; none",
      "mx\".\"example; none",
      "(x) mx.example; none",
      "(x (y)) (z)mx.example(w); none",
      "mx(x).example; none",     // for a reader that removes comments
      "mx.example(x)foo; none",  // for one that stops there
      "(mx.example; none",       // comment not closed
      "mx.example(; none",
      "((((mx.example",
      "(\\) mx.example; none) other.example; none",  // for a reader that knows no backslash
      ") mx.example; none",
      "mx.example 1; none",
      "mx.example 99 whatever \xff\0"sv,
      "mx.example",
      "mx.example;;;===",
      "mx.example/1; none",
      "mx.example,foo",
      "mx.example=1",
      "\0mx.example"sv,
      "mx.example\0x"sv,
      "mx\xe3\x80\x82"
      "example; none",  // U+3002
      "; mx.example; spf=pass",
      "i=1; mx.example; spf=pass",  // for a reader that knows ARC's field, as ours does
      "(x) \"i\" = (y) 22 ; (z) mx.example; spf=pass",
  };
  for (const std::string_view value : rows) {
    CAPTURE(std::string(value));
    CHECK(message::claims_authserv_id(value, "mx.example"));
    CHECK(message::claims_authserv_id(value, "MX.EXAMPLE."));
  }
}

TEST_CASE("authentication-results: another's field is not ours", "[message][ar]") {
  const std::string_view rows[] = {
      "",
      ";",
      "other.example; spf=pass",
      "xmx.example; spf=pass",
      "mx.example.com; spf=pass",
      "mx.examples; spf=pass",
      "a.mx.example; spf=pass",
      "example; spf=pass",
      "other.example (mx.example); spf=pass",
      "(mx.example) other.example; spf=pass",
      "other.example; mx.example=pass",
      "other.example mx.example; spf=pass",
      "i=1; other.example; mx.example=pass",
      "i=x; mx.example; none",
      "j=1; mx.example; none",
      "mx-example; none",
      "mx.example-2; none",
  };
  for (const std::string_view value : rows) {
    CAPTURE(std::string(value));
    CHECK_FALSE(message::claims_authserv_id(value, "mx.example"));
  }
}

TEST_CASE("authentication-results: an authserv-id that is no domain is compared as text", "[message][ar]") {
  CHECK(message::claims_authserv_id("\"mail gateway/1\"; none", "x") == false);
  CHECK(message::claims_authserv_id("(x) \"Mail\n gateway; 1\" 1; none", "mail gateway; 1"));
  CHECK(message::claims_authserv_id("\" mail gateway\t\"; none", "mail gateway"));
  CHECK_FALSE(message::claims_authserv_id("\"mail\" gateway; none", "mail gateway"));
  CHECK(message::claims_authserv_id("Gateway/1; none", "gateway/1"));
  CHECK_FALSE(message::claims_authserv_id("gateway/2; none", "gateway/1"));
  CHECK_FALSE(message::claims_authserv_id("; none", ""));  // no name of ours, no claim to it
  CHECK(message::claims_authserv_id("xn--mx-lka.example; none", "m\xc3\xb8x.example"));
  CHECK(message::claims_authserv_id("\"m\xc3\xb8x.example\"; none", "xn--mx-lka.example"));
}

TEST_CASE("authentication-results: finding the claim takes one pass", "[message][ar]") {
  CHECK_FALSE(message::claims_authserv_id(repeat("(", 1000000), "mx.example"));
  CHECK(message::claims_authserv_id(repeat("(x)", 300000) + "mx.example", "mx.example"));
  CHECK_FALSE(message::claims_authserv_id(std::string(1000000, 'a'), "mx.example"));
  CHECK_FALSE(message::claims_authserv_id(repeat("\xc3\xa9", 500000), "mx.example"));
}
