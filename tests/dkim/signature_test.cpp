#include "dkim/signature.hpp"

#include <catch2/catch.hpp>

namespace {

constexpr std::string_view body_hash = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";  // of 32 octets

/// A valid value with one tag replaced ("a=x"), added, or left out ("a").
std::string value_with(std::string_view change) {
  std::vector<std::string> tags = {
      "v=1", "a=rsa-sha256", "d=example.com", "s=sel", "h=from:to", "bh=" + std::string(body_hash), "b=AAAA"};
  const std::string_view name = change.substr(0, change.find('='));
  std::erase_if(tags, [&](const std::string& tag) { return tag.substr(0, tag.find('=')) == name; });
  if (change.find('=') != std::string_view::npos) tags.emplace_back(change);
  std::string value;
  for (const auto& tag : tags) value += " " + tag + ";";
  return value;
}

std::string fault_of(std::string_view value) {
  const auto signature = dkim::parse_signature(value);
  return std::string(signature ? dkim::find_fault(*signature) : signature.error().text);
}

}  // namespace

TEST_CASE("signature: the example of RFC 6376 §3.5 is read whole", "[dkim]") {
  const auto signature = dkim::parse_signature(
                             " v=1; a=rsa-sha256; d=example.net; s=brisbane;\r\n   c=simple; q=dns/txt; i=@eng.example.net;\r\n"
                             "   t=1117574938; x=1118006938;\r\n   h=From:to : subject:date;\r\n   z=From:a@b|To:c@d;\r\n"
                             "   bh=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=;\r\n   b=AA\r\n AA")
                             .value();
  CHECK(signature.algorithm == dkim::Algorithm::rsa_sha256);
  CHECK(signature.domain.text() == "example.net");
  CHECK(signature.selector == "brisbane");
  CHECK(signature.identity == "@eng.example.net");
  CHECK(signature.identity_domain->text() == "eng.example.net");
  CHECK(signature.timestamp == 1117574938U);
  CHECK(signature.expiration == 1118006938U);
  CHECK(signature.signed_fields == std::vector<std::string>{"from", "to", "subject", "date"});
  CHECK(signature.body_hash.size() == 32);
  CHECK(signature.signature.size() == 3);
  CHECK_FALSE(signature.length.has_value());
  CHECK(dkim::find_fault(signature).empty());
}

TEST_CASE("signature: what RFC 6376 allows is accepted", "[dkim]") {
  for (const std::string_view change : {
           "c=relaxed",
           "c=relaxed/simple",
           "c=SIMPLE/Relaxed",  // the grammar's strings have no case
           "a=RSA-SHA256",
           "q=other:dns/txt",
           "x_unknown=anything at all",
           "l=0",
           "t=0",
           "i=a.b@example.com",
           "i=@sub.example.com",
           "i=with=20space@example.com",
           "i=\"a@b\"@example.com",
           "h=From",
           "h=from:from",
           "h= to :\r\n\tFROM",
           "d=example.com.",
           "d=EXAMPLE.com",
           "s=a.b",
           "s=_x",
           "d=b\xc3\xbc"
           "cher.example",
           "z=",
           "b=AA AA",
           "x=1",
       }) {
    CAPTURE(change);
    CHECK(fault_of(value_with(change)).empty());
  }
}

TEST_CASE("signature: U-labels become A-labels", "[dkim]") {
  std::string value = value_with(
                          "d=b\xc3\xbc"
                          "cher.example") +
                      " i=x@mail.b\xc3\xbc"
                      "cher.example";
  const auto signature = dkim::parse_signature(value).value();  // RFC 8616 §5
  CHECK(signature.domain.text() == "xn--bcher-kva.example");
  CHECK(signature.identity_domain->text() == "mail.xn--bcher-kva.example");
  CHECK(dkim::parse_signature(value_with("s=sch\xc3\xb6n")).value().selector == "xn--schn-7qa");
}

TEST_CASE("signature: without c= and i= the defaults apply", "[dkim]") {
  const auto signature = dkim::parse_signature(value_with("v=1")).value();
  CHECK(signature.header_canonicalization == dkim::Canonicalization::simple);
  CHECK(signature.body_canonicalization == dkim::Canonicalization::simple);
  CHECK(signature.identity == "@example.com");
  const auto relaxed = dkim::parse_signature(value_with("c=relaxed")).value();
  CHECK(relaxed.header_canonicalization == dkim::Canonicalization::relaxed);
  CHECK(relaxed.body_canonicalization == dkim::Canonicalization::simple);  // of c=relaxed, often forgotten
}

TEST_CASE("signature: what is malformed or breaks a rule is refused", "[dkim]") {
  struct {
    std::string_view change, fault;
  } const table[] = {
      {"v", "v= is missing"},
      {"a", "a= is missing"},
      {"b", "b= is missing"},
      {"bh", "bh= is missing"},
      {"d", "d= is missing"},
      {"h", "h= is missing"},
      {"s", "s= is missing"},
      {"v=2", "v= is not 1"},
      {"v=01", "v= is not 1"},
      {"v=", "v= is not 1"},
      {"a=", "a= is empty"},
      {"a=rsa-sha1", "rsa-sha1 is not acceptable"},  // RFC 8301 §3.1
      {"a=rsa-sha512", "unknown algorithm"},
      {"a=ed25519-sha1", "unknown algorithm"},
      {"b=", "b= is empty or not base64"},
      {"b=A*AA", "b= is empty or not base64"},
      {"b==", "b= is empty or not base64"},
      {"bh=", "bh= is empty or not base64"},
      {"bh=AAAA", "bh= has the wrong length"},  // before it is used
      {"c=", "unknown c="},
      {"c=/", "unknown c="},
      {"c=relaxed/", "unknown c="},
      {"c=relaxed/x", "unknown c="},
      {"c=simple/simple/simple", "unknown c="},
      {"d=", "d= is not a domain name"},
      {"d=com", "d= is not a domain name"},  // two labels at least
      {"d=a..b", "d= is not a domain name"},
      {"d=exa mple.com", "d= is not a domain name"},
      {"h=", "h= is not a list of field names"},
      {"h=from:", "h= is not a list of field names"},
      {"h=fr om", "h= is not a list of field names"},
      {"h=to:subject", "From is not signed"},
      {"i=example.com", "i= has no '@'"},
      {"i=a@", "i= has no valid domain"},
      {"i=a@example.org", "i= is not within d="},
      {"i=a@com", "i= is not within d="},
      {"i=a@notexample.com", "i= is not within d="},  // a suffix is not a parent
      {"i=a=4@example.com", "i= is not quoted-printable"},
      {"i=@example.com=", "i= is not quoted-printable"},
      {"l=", "l= is not a number of octets"},
      {"l=-1", "l= is not a number of octets"},
      {"l=1 0", "l= is not a number of octets"},
      {"q=dns", "q= does not offer dns/txt"},
      {"q=", "q= does not offer dns/txt"},
      {"s=", "s= is not a selector"},
      {"s=a..b", "s= is not a selector"},
      {"t=now", "t= is not a time"},
      {"t=", "t= is not a time"},
      {"x=never", "x= is not a time"},
      {"x=-1", "x= is not a time"},
  };
  for (const auto& row : table) {
    CAPTURE(row.change);
    CHECK(fault_of(value_with(row.change)) == row.fault);
  }
}

TEST_CASE("signature: x= must be after t=", "[dkim]") {
  CHECK(fault_of(value_with("t=10") + " x=11").empty());
  CHECK(fault_of(value_with("t=10") + " x=10") == "x= is not after t=");
  CHECK(fault_of(value_with("t=10") + " x=9") == "x= is not after t=");
}

TEST_CASE("signature: a list that is none is refused", "[dkim]") {
  CHECK(fault_of("") == "empty tag list");
  CHECK(fault_of(value_with("v=1") + "v=1") == "repeated tag");
  CHECK(fault_of(value_with("v=1") + "; x=1") == "tag without '='");
  CHECK(fault_of(value_with("x-y=z")) == "not a tag name");
  CHECK(fault_of(value_with("n=\x01")) == "character not allowed in a tag value");
}

TEST_CASE("signature: limits hold at the edge and one past", "[dkim][limits]") {
  std::string names = "h=from";
  for (std::size_t i = 1; i < dkim::Signature::max_signed_fields; ++i) names += ":x";
  CHECK(fault_of(value_with(names)).empty());
  CHECK(fault_of(value_with(names + ":x")) == "too many names in h=");
  CHECK(dkim::parse_signature(value_with("l=18446744073709551615")).value().length == ~std::uint64_t{0});
  CHECK(dkim::parse_signature(value_with("l=18446744073709551616")).value().length == ~std::uint64_t{0});
  CHECK(fault_of(value_with("l=" + std::string(76, '9'))).empty());
  CHECK(fault_of(value_with("l=" + std::string(77, '9'))) == "l= is not a number of octets");
  CHECK(fault_of(value_with("x=" + std::string(12, '9'))).empty());
  CHECK(fault_of(value_with("x=" + std::string(13, '9'))) == "x= is not a time");
}

TEST_CASE("signature: the value of b=, and of b= only, is taken out", "[dkim]") {
  struct {
    std::string_view value, expected;
  } const table[] = {
      {" v=1; b=abc", " v=1; b="},
      {" b=abc; v=1", " b=; v=1"},
      {" v=1;\r\n\tb = a\r\n\tb ;\r\n bh=x", " v=1;\r\n\tb =;\r\n bh=x"},  // white space in and around it goes
      {"b=", "b="},
      {"bh=abc; b=d=e; h=b", "bh=abc; b=; h=b"},  // to the semicolon, whatever is inside
      {"B=abc; b=d", "B=abc; b="},                // names have case (RFC 6376 §3.2)
      {"xb=abc; b =d;", "xb=abc; b =;"},
      {"v=1; b", "v=1; b"},
      {"", ""},
      {";;", ";;"},
  };
  for (const auto& row : table) {
    CAPTURE(row.value);
    CHECK(dkim::without_signature_value(row.value) == row.expected);
  }
}
