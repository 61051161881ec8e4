#include "dmarc/record.hpp"

#include <catch2/catch.hpp>

using dmarc::AlignmentMode;
using dmarc::parse_record;
using dmarc::ParsedRecord;
using dmarc::Policy;
using dmarc::PublicSuffix;
using dmarc::RecordStatus;

TEST_CASE("dmarc record: it starts with v=DMARC1 or is no DMARC record", "[dmarc]") {
  struct Row {
    std::string txt;
    RecordStatus status;
  };
  const Row rows[] = {
      {"v=DMARC1; p=none", RecordStatus::ok},
      {"v=DMARC1;p=none", RecordStatus::ok},
      {"v = DMARC1 ; p = none", RecordStatus::ok},                       // equals = *WSP "=" *WSP
      {"v\t=\tDMARC1\t;\tp=none", RecordStatus::ok},                     // WSP is a tab, too
      {"V=DMARC1; p=none", RecordStatus::ok},                            // "v" in ABNF is either case, %s"DMARC1" is not
      {"v=dmarc1; p=none", RecordStatus::not_dmarc},                     // the exact case
      {"v=DMARC1x; p=none", RecordStatus::not_dmarc},                    // a longer word
      {"v=DMARC2; p=none", RecordStatus::not_dmarc},                     // another version
      {"v=DMARC1 p=none", RecordStatus::not_dmarc},                      // the semicolon is missing
      {" v=DMARC1; p=none", RecordStatus::not_dmarc},                    // nothing before it
      {"p=none; v=DMARC1", RecordStatus::not_dmarc},                     // first, not somewhere
      {";v=DMARC1; p=none", RecordStatus::not_dmarc},                    // an empty tag before it
      {"vv=DMARC1; p=none", RecordStatus::not_dmarc},                    // another tag
      {"=DMARC1; p=none", RecordStatus::not_dmarc},                      // no tag
      {"DMARC1; p=none", RecordStatus::not_dmarc},                       // no tag
      {"v=; p=none", RecordStatus::not_dmarc},                           // no version
      {"v=spf1 -all", RecordStatus::not_dmarc},                          // something else
      {"", RecordStatus::not_dmarc},                                     // nothing
      {std::string("v=DMARC1\0; p=none", 17), RecordStatus::not_dmarc},  // NUL is no white space
      {"v=DMARC1", RecordStatus::unusable},                              // a record, without policy
      {"v=DMARC1;", RecordStatus::unusable},
      {"v=DMARC1;;", RecordStatus::unusable},
      {"v=DMARC1 ", RecordStatus::unusable},
  };
  for (const Row& row : rows) {
    INFO(row.txt);
    CHECK(parse_record(row.txt).status == row.status);
  }
}

TEST_CASE("dmarc record: the policy decides what can be done with it", "[dmarc]") {
  struct Row {
    const char* tags;
    RecordStatus status;
  };
  const Row rows[] = {
      {"p=none", RecordStatus::ok},
      {"p=quarantine", RecordStatus::ok},
      {"p=Reject", RecordStatus::ok},  // without regard to case
      {"P=reject", RecordStatus::ok},  // names too
      {"p=reject; sp=NONE; np=Quarantine", RecordStatus::ok},
      {"sp=none; p=reject", RecordStatus::ok},  // p need not be second
      {"p=r", RecordStatus::unusable},          // no abbreviations
      {"p=", RecordStatus::unusable},
      {"p", RecordStatus::unusable},  // no tag at all
      {"p=none reject", RecordStatus::unusable},
      {"sp=reject", RecordStatus::unusable},         // no p
      {"p=reject; sp=bad", RecordStatus::unusable},  // p is fine, sp is not
      {"p=reject; np=bad", RecordStatus::unusable},
      {"p=reject; sp=", RecordStatus::unusable},
      {"p=reject; sp", RecordStatus::ok},                  // no tag at all: skipped
      {"rua=mailto:a@example.org", RecordStatus::p_none},  // somewhere to report to
      {"p=bad; rua=mailto:a@example.org", RecordStatus::p_none},
      {"p=reject; sp=bad; rua=mailto:a@example.org", RecordStatus::p_none},
      {"p=reject; np=bad; rua=mailto:a@example.org", RecordStatus::p_none},
      {"rua=nonsense,mailto:a@example.org", RecordStatus::p_none},           // one valid URI is enough
      {"rua=ftp://example.org", RecordStatus::p_none},                       // valid syntax is enough
      {"rua=nonsense", RecordStatus::unusable},                              // no valid URI
      {"ruf=mailto:a@example.org", RecordStatus::unusable},                  // only rua counts
      {"p=none; p=none", RecordStatus::unusable},                            // repeated
      {"p=none; P=none", RecordStatus::unusable},                            // repeated, in another case
      {"p=none; rua=mailto:a@example.org; p=none", RecordStatus::unusable},  // no tag of it counts, rua neither
      {"p=none; v=DMARC1", RecordStatus::unusable},                          // v is a tag like others
      {"p=none; foo=1; foo=2", RecordStatus::unusable},                      // RFC 6376 §3.2: any tag
      {"p=none; foo; foo", RecordStatus::ok},                                // those are no tags
  };
  for (const Row& row : rows) {
    INFO(row.tags);
    CHECK(parse_record(std::string("v=DMARC1; ") + row.tags).status == row.status);
  }
}

TEST_CASE("dmarc record: a bad value is the tag's default", "[dmarc]") {
  const auto record = [](const std::string& tags) { return parse_record("v=DMARC1; p=reject; " + tags).record; };
  CHECK(record("").adkim == AlignmentMode::relaxed);
  CHECK(record("adkim=s").adkim == AlignmentMode::strict);
  CHECK(record("adkim=S").adkim == AlignmentMode::strict);
  CHECK(record("adkim=strict").adkim == AlignmentMode::relaxed);
  CHECK(record("adkim=").adkim == AlignmentMode::relaxed);
  CHECK(record("aspf=s").aspf == AlignmentMode::strict);
  CHECK(record("aspf=s").adkim == AlignmentMode::relaxed);
  CHECK(record("aspf=x").aspf == AlignmentMode::relaxed);
  CHECK(record("psd=y").psd == PublicSuffix::yes);
  CHECK(record("psd=N").psd == PublicSuffix::no);
  CHECK(record("psd=u").psd == PublicSuffix::undefined);
  CHECK(record("psd=yes").psd == PublicSuffix::undefined);
  CHECK(record("t=y").testing);
  CHECK(record("t=Y").testing);
  CHECK_FALSE(record("t=n").testing);
  CHECK_FALSE(record("t=yes").testing);
  CHECK_FALSE(record("").testing);
  CHECK_FALSE(parse_record("v=DMARC1; p=reject; aspf=x; adkim=x; psd=x; t=x; fo=x").record.is_policy_faulty);
}

TEST_CASE("dmarc record: what is no tag, unknown or gone is skipped", "[dmarc]") {
  const auto plain = parse_record("v=DMARC1; p=reject; aspf=s");
  const char* rows[] = {
      "v=DMARC1; p=reject; aspf=s;",
      "v=DMARC1; p=reject; aspf=s ; ",
      "v=DMARC1;;p=reject;;aspf=s;;",
      "v=DMARC1; p=reject; fo:0; aspf=s",                   // a colon for the equals sign
      "v=DMARC1; p=reject; 0; aspf=s",                      // a value that lost its tag
      "v=DMARC1; p=reject; =value; aspf=s",                 // a name that is missing
      "v=DMARC1; p=reject; xyz=foo; aspf=s",                // unknown
      "v=DMARC1; p=reject; a_b=foo; aspf=s",                // unknown
      "v=DMARC1; pct=0; p=reject; ri=1; rf=iodef; aspf=s",  // gone with RFC 9989
      "v=DMARC1; pct=bad; p=reject; aspf=s",
      "v=DMARC1; p=reject; x=\xff\x01; aspf=s",  // octets that are no text
  };
  for (const char* row : rows) {
    INFO(row);
    CHECK(parse_record(row).status == RecordStatus::ok);
    CHECK(parse_record(row).record == plain.record);
  }
}

TEST_CASE("dmarc record: fo counts only beside ruf", "[dmarc]") {
  struct Row {
    const char* tags;
    const char* fo;
  };
  const Row rows[] = {
      {"fo=1", "0"},                // no ruf
      {"fo=1; ruf=nonsense", "0"},  // no ruf that is one
      {"fo=1; ruf=mailto:a@example.org", "1"},
      {"ruf=mailto:a@example.org; fo=1", "1"},  // in any order
      {"ruf=mailto:a@example.org", "0"},
      {"ruf=mailto:a@example.org; fo=D:S", "d:s"},
      {"ruf=mailto:a@example.org; fo=s:d:1", "s:d:1"},
      {"ruf=mailto:a@example.org; fo=0:1:d:s", "0:1:d:s"},  // 0 adds nothing to 1
      {"ruf=mailto:a@example.org; fo=d:d", "d"},
      {"ruf=mailto:a@example.org; fo=01", "0"},  // a syntax error is the default
      {"ruf=mailto:a@example.org; fo=1:", "0"},
      {"ruf=mailto:a@example.org; fo=1:x", "0"},
      {"ruf=mailto:a@example.org; fo=", "0"},
  };
  for (const Row& row : rows) {
    INFO(row.tags);
    CHECK(parse_record(std::string("v=DMARC1; p=none; ") + row.tags).record.fo == row.fo);
  }
}

TEST_CASE("dmarc record: of a list of URIs the valid ones are kept", "[dmarc]") {
  using Uris = std::vector<std::string>;
  const auto rua = [](const std::string& value) { return parse_record("v=DMARC1; p=none; rua=" + value).record.rua; };
  CHECK(rua("mailto:a@example.org") == Uris{"mailto:a@example.org"});
  CHECK(rua("mailto:A@Example.ORG") == Uris{"mailto:A@Example.ORG"});  // as written
  CHECK(rua("mailto:a@example.org , mailto:b@example.org") == Uris{"mailto:a@example.org", "mailto:b@example.org"});
  CHECK(rua("mailto:a@example.org!10m,mailto:b@example.org!5") == Uris{"mailto:a@example.org", "mailto:b@example.org"});
  CHECK(rua("a@example.org,mailto:b@example.org") == Uris{"mailto:b@example.org"});
  CHECK(rua("mailto:a@example.org,,") == Uris{"mailto:a@example.org"});
  CHECK(rua("").empty());
  CHECK(rua(",").empty());
}

TEST_CASE("dmarc record: fifty URIs are kept and no more", "[dmarc][limits]") {
  std::string text = "v=DMARC1; p=none; rua=a:1";
  for (std::size_t i = 1; i < dmarc::max_report_uris; ++i) text += ",a:1";
  CHECK(parse_record(text).record.rua.size() == dmarc::max_report_uris);
  CHECK(parse_record(text).fault.empty());
  CHECK(parse_record(text + ",a:1").record.rua.size() == dmarc::max_report_uris);
  CHECK(parse_record(text + ",a:1").fault == "rua has more than 50 URIs");
}

TEST_CASE("dmarc record: a fault is told in one line of bounded ASCII", "[dmarc]") {
  CHECK(parse_record("v=DMARC1; p=none").fault.empty());
  CHECK(parse_record("v=spf1").fault == "does not start with v=DMARC1");
  CHECK(parse_record("v=DMARC1").fault == "no valid p tag");
  CHECK(parse_record("v=DMARC1; p=x").fault == "p=x is not valid");
  CHECK(parse_record("v=DMARC1; p=none; t=1; psd=2").fault == "t=1 is not valid");  // the first
  CHECK(parse_record("v=DMARC1; p=none; p=none").fault == "tag p is repeated");
  CHECK(parse_record("v=DMARC1; p=\n\"\xff").fault == "p=\\x22\\xff is not valid");
  CHECK(parse_record("v=DMARC1; p=" + std::string(3000, 'x')).fault.size() < 100);
  const std::string name(1000, 'x');
  CHECK(parse_record("v=DMARC1; " + name + "=1; " + name + "=1").fault.size() < 100);
}

TEST_CASE("dmarc record: 4096 octets are read and one more is not", "[dmarc][limits]") {
  const std::string start = "v=DMARC1; p=none; x=";
  const std::string longest = start + std::string(dmarc::max_record_octets - start.size(), 'x');
  CHECK(parse_record(longest).status == RecordStatus::ok);
  CHECK(parse_record(longest + "x").status == RecordStatus::not_dmarc);
}

TEST_CASE("dmarc record: the most tags that fit are read", "[dmarc][limits]") {
  std::string txt = "v=DMARC1;p=none";
  for (char a = 'a'; a <= 'z'; ++a)
    for (char b = 'a'; b <= 'z'; ++b) txt += std::string(";x") + a + b + "=";
  CHECK(parse_record(txt.substr(0, dmarc::max_record_octets)).status == RecordStatus::ok);
  CHECK(parse_record(std::string("v=DMARC1") + std::string(4000, ';')).status == RecordStatus::unusable);
}

TEST_CASE("dmarc record: what parses also formats, and parses to the same again", "[dmarc]") {
  const char* rows[] = {
      "v=DMARC1; p=reject",
      "v=DMARC1; p=quarantine; sp=none; np=reject; adkim=s; aspf=s; psd=y; t=y",
      "v=DMARC1; p=none; psd=n; rua=mailto:a@example.org!5k,https://example.org/x; ruf=mailto:b@example.org; fo=1:d",
      "v=DMARC1; rua=mailto:a@example.org",
      "v=DMARC1; p=reject; sp=bad; rua=mailto:a@example.org",
      "v=DMARC1; p=reject; sp=none; np=bad; rua=mailto:a@example.org",
      "v=DMARC1; p=reject; sp=bad; np=bad",
      "v=DMARC1; sp=reject",
      "v=DMARC1; fo=1; p=none",
      "v=DMARC1",
  };
  for (const char* row : rows) {
    INFO(row);
    const ParsedRecord once = parse_record(row);
    const ParsedRecord again = parse_record(dmarc::format_record(once.record));
    CHECK(again.record == once.record);
    CHECK(again.status == once.status);
    CHECK(dmarc::format_record(again.record) == dmarc::format_record(once.record));
  }
  CHECK(dmarc::format_record(parse_record("v = DMARC1;P=Reject;t=Y;;pct=5;adkim=r").record) == "v=DMARC1; p=reject; t=y");
}

TEST_CASE("dmarc record: policies have their RFC names", "[dmarc]") {
  CHECK(dmarc::to_text(Policy::none) == "none");
  CHECK(dmarc::to_text(Policy::quarantine) == "quarantine");
  CHECK(dmarc::to_text(Policy::reject) == "reject");
}
