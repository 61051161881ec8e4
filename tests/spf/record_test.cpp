#include "spf/record.hpp"

#include <catch2/catch.hpp>

namespace {

struct Row {
  std::string text;
  bool is_valid;
};

}  // namespace

TEST_CASE("spf record: only v=spf1 and a space, or v=spf1 alone, begins a record", "[spf]") {
  const std::vector<Row> rows = {
      {"v=spf1", true},
      {"v=spf1 -all", true},
      {"V=SPF1 -all", true},    // ABNF strings have no case (RFC 7208 §12)
      {"v=spf1 ", true},        // spaces at the end are allowed
      {"v=spf10 -all", false},  // another version
      {"v=spf1-all", false},    // no space
      {"v=spf1\t-all", false},  // a tab is no SP
      {" v=spf1 -all", false},  // not at the start
      {"\"v=spf1 -all\"", false},
      {"spf2.0/pra -all", false},  // Sender ID
      {"", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(spf::is_record(row.text) == row.is_valid);
  }
}

TEST_CASE("spf record: of one record in several texts the others are ignored, two count as two", "[spf]") {
  CHECK(spf::select_record({}).count == 0);
  CHECK(spf::select_record({"v=spf10 -all", "google-site-verification=x"}).count == 0);
  const auto one = spf::select_record({"\x80\xff", "v=spf1 mx -all", "x"});
  CHECK(one.count == 1);
  CHECK(one.record.directives.size() == 2);
  CHECK_FALSE(one.fault);
  CHECK(spf::select_record({"v=spf1 -all", "v=spf1 -all"}).count == 2);
  CHECK(spf::select_record({"v=spf1 -all", "v=spf1 nonsense"}).count == 2);  // selection is before syntax (§4.5)
  CHECK(spf::select_record({"v=spf1 nonsense"}).fault);
}

TEST_CASE("spf record: directives have the syntax of RFC 7208 section 12", "[spf]") {
  const std::vector<Row> rows = {
      {"all", true},
      {"-ALL", true},   // names have no case
      {"all:", false},  // all takes nothing
      {"all/8", false},
      {"-", false},             // a qualifier alone
      {"!all", false},          // no such qualifier
      {"--all", false},         // two of them
      {"", true},               // spaces only
      {"alle", false},          // unknown mechanisms are errors
      {"ip:192.0.2.1", false},  // a common mistake
      {"include:a.example", true},
      {"include", false},
      {"include:", false},
      {"include/24", false},
      {"include:a.example/24", false},  // takes no prefix; "example/24" is no top label
      {"exists:%{ir}.bl.example.com", true},
      {"exists", false},
      {"exists:a.example/24", false},
      {"ptr", true},
      {"ptr:a.example", true},
      {"ptr:", false},
      {"ptr/0", false},
      {"a", true},
      {"a:a.example", true},
      {"a:", false},
      {"a:/24", false},
      {"a/24", true},
      {"a//64", true},
      {"a/24//64", true},
      {"a:a.example/24//64", true},
      {"a/0", true},
      {"a/32", true},
      {"a/33", false},  // one past
      {"a//128", true},
      {"a//129", false},  // one past
      {"a/", false},
      {"a//", false},
      {"a/24/", false},
      {"a/24//", false},
      {"a/024", false},  // no leading zeros
      {"a//064", false},
      {"a/+24", false},
      {"a/24/24", false},
      {"a///24", false},
      {"a//24//24", false},
      {"a/99999999999999999999", false},  // more than a number holds
      {"a:a.example/x", false},
      {"a:b/c.example", true},  // a slash may stand in a label
      {"a:b/24.example/24", true},
      {"mx", true},
      {"mx:a.example/24//64", true},
      {"mx//0", true},
      {"mx/24//129", false},
      {"mx:1.2.3.4", false},   // a top label is not digits alone
      {"a:localhost", false},  // one label
      {"a:example.", false},
      {"a:a.example.", true},  // a final dot is fine
      {"a:a.example..", false},
      {"a:a..example", true},  // syntactically fine; never sent
      {"a:.example", true},
      {"a:a.-example", false},
      {"a:a.example-", false},
      {"a:a.xn--zckzah", true},
      {"a:a.b-", false},
      {"a:a.ex_ample", false},  // a top label has no underscore
      {"a:_spf.example", true},
      {"a:foo:bar.example", true},  // a colon may stand in a label
      {"a:a.example:80", false},    // not in the last
      {"a:%{d}", true},             // a macro may end a name
      {"a:%{d}.example", true},
      {"a:%{d}example", false},  // no top label after the macro
      {"a:x%%", false},          // no top label ends so
      {"a:x.%%", false},
      {"a:%%.%{d}", true},
      {"a:m\xc3\xbcnchen.example", false},  // ASCII only; A-labels are to be published
      {"a:a.example\x01", false},
      {"a:a.example\x7f", false},
      {"a\tmx", false},  // a tab separates nothing
      {"a=b", true},     // an unknown modifier of that name
      {"+a=b", false},   // modifiers have no qualifier
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(spf::parse_record("v=spf1 " + row.text).has_value() == row.is_valid);
  }
}

TEST_CASE("spf record: networks are whole addresses of their family with a prefix of theirs", "[spf]") {
  const std::vector<Row> rows = {
      {"ip4:192.0.2.1", true},
      {"ip4:192.0.2.0/24", true},
      {"ip4:192.0.2.77/24", true},  // host bits are ignored
      {"ip4:0.0.0.0/0", true},
      {"ip4:192.0.2.1/32", true},
      {"ip4:192.0.2.1/33", false},
      {"ip4:192.0.2.1/", false},
      {"ip4:192.0.2.1//24", false},
      {"ip4:192.0.2.1/024", false},
      {"ip4:192.0.2.1/00", false},
      {"ip4:192.0.2", false},
      {"ip4:192.0.2.0.1", false},
      {"ip4:192.0.2.256", false},
      {"ip4:192.0.2.01", false},  // qnum has no leading zero
      {"ip4:192.0.2.1:25", false},
      {"ip4:2001:db8::1", false},
      {"ip4:::ffff:192.0.2.1", false},  // the IPv6 form does not belong here
      {"ip4:", false},
      {"ip4", false},
      {"ip4/24", false},
      {"ip4:a.example", false},
      {"ip4:%{i}", false},  // no macros in networks
      {"ip6:2001:db8::1", true},
      {"ip6:2001:DB8::/32", true},
      {"ip6:::/0", true},
      {"ip6:::1/128", true},
      {"ip6:::1/129", false},
      {"ip6:::ffff:192.0.2.1/120", true},
      {"ip6:192.0.2.1", false},
      {"ip6:2001:db8:::1", false},
      {"ip6:fe80::1%eth0", false},
      {"ip6:[2001:db8::1]", false},
      {"ip6:", false},
      {"ip6", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(spf::parse_record("v=spf1 " + row.text).has_value() == row.is_valid);
  }
}

TEST_CASE("spf record: a modifier may stand anywhere, redirect and exp once", "[spf]") {
  const std::vector<Row> rows = {
      {"redirect=a.example", true},
      {"REDIRECT=a.example -all", true},
      {"redirect=a.example redirect=a.example", false},
      {"exp=a.example exp=b.example", false},
      {"exp=a.example redirect=b.example", true},
      {"redirect=", false},
      {"exp=", false},
      {"redirect=%{d}.%{h}", true},
      {"redirect=%{r}", false},  // only in explanation text (§7.2)
      {"exp=%{t}", false},
      {"redirect=a.example/24", false},
      {"redirect:a.example", false},  // a directive of that name does not exist
      {"exp:a.example", false},
      {"moo=", true},             // unknown ones may be empty
      {"moo=a/b:c moo=d", true},  // and repeated
      {"moo=%{d}%%", true},
      {"moo=%x", false},  // but are macro-strings (§6)
      {"moo=%{d", false},
      {"m-o_o.1=x", true},
      {"1moo=x", false},  // a name begins with a letter
      {"-moo=x", false},
      {"=x", false},
      {"moo=\xe9", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(spf::parse_record("v=spf1 " + row.text).has_value() == row.is_valid);
  }
}

TEST_CASE("spf record: what is parsed keeps the text, the qualifier and the argument", "[spf]") {
  const auto record = spf::parse_record("v=spf1   ip4:192.0.2.0/24  ~MX:a.example/26//60 exp=why.example -all  ").value();
  REQUIRE(record.directives.size() == 3);
  CHECK(record.directives[0].qualifier == spf::Result::pass);
  CHECK(record.directives[0].network->text() == "192.0.2.0/24");
  CHECK(record.directives[1].text == "~MX:a.example/26//60");
  CHECK(record.directives[1].qualifier == spf::Result::softfail);
  CHECK(record.directives[1].mechanism == spf::Mechanism::mx);
  CHECK(record.directives[1].ip4_prefix == 26);
  CHECK(record.directives[1].ip6_prefix == 60);
  CHECK(record.directives[1].domain_spec->parts().front().text == "a.example");
  CHECK(record.directives[2].mechanism == spf::Mechanism::all);
  CHECK(record.exp->text == "exp=why.example");
  CHECK_FALSE(record.redirect);
}

TEST_CASE("spf record: an error names the first offending octet", "[spf]") {
  CHECK(spf::parse_record("v=spf1 -all ip4:192.0.2.300").error() == base::ParseError{16, "bad IPv4 address"});
  CHECK(spf::parse_record("v=spf1 ~foo").error() == base::ParseError{8, "unknown mechanism"});
  CHECK(spf::parse_record("v=spf1 a:%{x}.example").error() == base::ParseError{11, "unknown macro letter"});
  CHECK(spf::parse_record("v=spf1 a redirect=%").error() == base::ParseError{19, "percent sign that starts no macro"});
}

TEST_CASE("spf record: 512 terms are a record, one more is an error, and all ends them", "[spf][limits]") {
  std::string text = "v=spf1";
  for (std::size_t i = 0; i < spf::Record::max_terms; ++i) text += " ip4:192.0.2.1";
  CHECK(spf::parse_record(text).value().directives.size() == spf::Record::max_terms);
  CHECK_FALSE(spf::parse_record(text + " a"));
  CHECK(spf::parse_record(text + " redirect=a.example"));  // a modifier is none
  std::string ended = "v=spf1 -all";
  for (std::size_t i = 0; i < 2 * spf::Record::max_terms; ++i) ended += " +all";
  CHECK(spf::parse_record(ended).value().directives.size() == 1);
  CHECK_FALSE(spf::parse_record(ended + " nonsense"));
}

TEST_CASE("spf record: 256 macros are read, one more is an error", "[spf][limits]") {
  std::string text = "v=spf1";
  for (std::size_t i = 0; i < spf::Record::max_macros; ++i) text += " exists:%{v}";
  CHECK(spf::parse_record(text + " a").value().macros == spf::Record::max_macros);
  CHECK_FALSE(spf::parse_record(text + " a:%{v}"));
}

TEST_CASE("spf record: 16384 octets are a record, one more is an error", "[spf][limits]") {
  std::string text = "v=spf1";
  text.resize(spf::Record::max_octets, ' ');
  CHECK(spf::parse_record(text));
  CHECK_FALSE(spf::parse_record(text + " "));
}

TEST_CASE("spf record: a network of IPv4-mapped addresses holds no IPv4 client and no other", "[spf]") {
  const auto network = [](const std::string& term) {
    return spf::parse_record("v=spf1 " + term).value().directives.front().network;
  };
  const auto v4 = base::IpAddress::parse("192.0.2.1").value(), v6 = base::IpAddress::parse("::1").value();
  CHECK_FALSE(network("ip6:::ffff:192.0.2.1"));
  CHECK_FALSE(network("ip6:::ffff:192.0.2.1/96"));
  CHECK_FALSE(network("ip6:::ffff:192.0.2.1/95")->contains(v4));
  CHECK(network("ip6:::ffff:192.0.2.1/95")->contains(base::IpAddress::parse("::fffe:0:1").value()));
  CHECK_FALSE(network("ip6:::ffff:192.0.2.1/95")->contains(v6));
  CHECK(network("ip6:::ffff:192.0.2.1/64")->contains(v6));  // ::/64
  CHECK_FALSE(network("ip6:::/0")->contains(v4));
}
