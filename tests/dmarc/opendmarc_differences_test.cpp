// Where libopendmarc, left to itself, would have answered otherwise: the raw records, its own discovery by a suffix
// list and its own alignment, beside discover() and evaluate() on the same data. docs/opendmarc-differences.md is what
// this makes.
#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "dmarc/evaluation.hpp"
#include "tests/dmarc/kept_log.hpp"
#include "tests/support/map_resolver.hpp"

extern "C" {
#include <opendmarc/dmarc.h>
// Exported, though no header says so. From the first record on, the library asks nothing but these.
void opendmarc_dns_fake_record(const char* name, const char* answer);
int opendmarc_tld_read_file(char* path, char* comment, char* drop, char* except);
void opendmarc_tld_shutdown(void);
}

namespace {

const std::filesystem::path shipped = std::filesystem::path(SIGNET_SOURCE_DIR) / "docs/opendmarc-differences.md";

/// In names "@" is the domain of the row, under the public suffix "example". What passed does so with this domain.
struct Row {
  std::string what;
  std::vector<std::pair<std::string, std::string>> records;  // at _dmarc.NAME; several at one name are several records
  std::string from;
  std::string spf, dkim;  // "" is no pass; "HELO x": HELO alone passed
  std::string section;
  bool counts_reports = false;  // compared is how many addresses get aggregate reports
};

const std::vector<Row> rows = {
    {"`v` is not the first tag", {{"@", "p=reject; v=DMARC1"}}, "@", "", "", "RFC 9989 §4.7"},
    {"`v` in another case", {{"@", "v=dmarc1; p=reject"}}, "@", "", "", "RFC 9989 §4.8"},
    {"`p` is only the beginning of a word", {{"@", "v=DMARC1; p=r"}}, "@", "", "", "RFC 9989 §4.10.1"},
    {"a tag is repeated", {{"@", "v=DMARC1; p=reject; p=none"}}, "@", "", "", "RFC 6376 §3.2"},
    {"no `p`, but reports are wanted", {{"@", "v=DMARC1; rua=mailto:a@example.org"}}, "@", "", "", "RFC 9989 §4.10.1"},
    {"`sp` is not valid, but reports are wanted",
     {{"@", "v=DMARC1; p=reject; sp=nonsense; rua=mailto:a@example.org"}},
     "@",
     "",
     "",
     "RFC 9989 §4.10.1"},
    {"`fo` is not valid", {{"@", "v=DMARC1; p=reject; fo=x"}}, "@", "", "", "RFC 9989 §4.8"},
    {"`adkim` is not valid", {{"@", "v=DMARC1; p=reject; adkim=x"}}, "@", "", "", "RFC 9989 §4.8"},
    {"`rf=iodef` before `aspf=s`", {{"@", "v=DMARC1; p=reject; rf=iodef; aspf=s"}}, "@", "mail.@", "", "RFC 9989 §4.4.2"},
    {"many report addresses",
     {{"@", "v=DMARC1; p=none; rua=" +
                [] {
                  std::string uris;
                  for (int i = 0; i < 30; ++i)
                    uris += fmt::format("{}mailto:reports{}@destination.example.org", i == 0 ? "" : ",", i);
                  return uris;
                }()}},
     "@",
     "",
     "",
     "RFC 9989 §4.7",
     true},
    {"strict DKIM, signed by a subdomain", {{"@", "v=DMARC1; p=reject; adkim=s"}}, "@", "", "mail.@", "RFC 9989 §4.4.1"},
    {"strict SPF, MAIL FROM in a subdomain", {{"@", "v=DMARC1; p=reject; aspf=s"}}, "@", "mail.@", "", "RFC 9989 §4.4.2"},
    {"signed by the public suffix", {{"@", "v=DMARC1; p=reject"}}, "@", "", "example", "RFC 9989 §4.10.2"},
    {"signed by an ancestor that is another organization",
     {{"unit.@", "v=DMARC1; p=reject; psd=n"}, {"@", "v=DMARC1; p=none"}},
     "unit.@",
     "",
     "@",
     "RFC 9989 §4.10.2"},
    {"signed by a sibling that is another organization",
     {{"@", "v=DMARC1; p=reject; psd=y"}, {"one.@", "v=DMARC1; p=reject"}},
     "one.@",
     "",
     "two.@",
     "RFC 9989 §4.10.2"},
    {"HELO passed, MAIL FROM did not", {{"@", "v=DMARC1; p=reject"}}, "@", "HELO @", "", "RFC 9989 §4.4.2"},
    {"the record is between the domain and its organization",
     {{"b.@", "v=DMARC1; p=reject; psd=n"}},
     "a.b.@",
     "",
     "",
     "RFC 9989 §4.10.1"},
    {"the record is the public suffix's", {{"example", "v=DMARC1; p=reject; psd=y"}}, "@", "", "", "RFC 9989 §4.10.1"},
    {"a domain that does not exist, `np`", {{"@", "v=DMARC1; p=none; np=reject"}}, "ghost.@", "", "", "RFC 9989 §4.10.1"},
    {"`t=y`", {{"@", "v=DMARC1; p=reject; t=y"}}, "@", "", "", "RFC 9989 §4.7"},
    {"several records at the domain", {{"@", "v=DMARC1; p=reject"}, {"@", "v=DMARC1; p=none"}}, "@", "", "", "RFC 9989 §4.10"},
};

std::string fill_in(std::string text, const std::string& own) {
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@')) text.replace(at, 1, own);
  return text;
}

/// Names of one row are no other's: the library forgets none.
std::string own_domain(std::size_t row) { return fmt::format("case{}.example", row + 1); }

// ---- theirs

/// The library with a suffix list of one rule, and afterwards as the product sets it up.
class Opendmarc {
 public:
  Opendmarc() : list_(std::filesystem::temp_directory_path() / fmt::format("signet-list-{}", ::getpid())) {
    std::ofstream(list_) << "example\n";
    OPENDMARC_LIB_T options{};
    options.tld_type = OPENDMARC_TLD_TYPE_MOZILLA;
    std::strncpy(reinterpret_cast<char*>(options.tld_source_file), list_.c_str(), sizeof options.tld_source_file - 1);
    REQUIRE(opendmarc_policy_library_init(&options) == DMARC_PARSE_OKAY);
  }
  ~Opendmarc() {
    OPENDMARC_LIB_T options{};
    static_cast<void>(opendmarc_policy_library_shutdown(&options));
    static_cast<void>(opendmarc_policy_library_init(&options));
    std::filesystem::remove(list_);
  }
  Opendmarc(const Opendmarc&) = delete;
  Opendmarc& operator=(const Opendmarc&) = delete;

 private:
  std::filesystem::path list_;
};

u_char* octets(std::string& text) { return reinterpret_cast<u_char*>(text.data()); }

std::string enforced(DMARC_POLICY_T* context) {
  switch (opendmarc_get_policy_to_enforce(context)) {
    case DMARC_POLICY_PASS:
      return "pass";
    case DMARC_POLICY_REJECT:
      return "fail, reject";
    case DMARC_POLICY_QUARANTINE:
      return "fail, quarantine";
    case DMARC_POLICY_NONE:
      return "fail, none";
    default:
      return "no policy";
  }
}

std::string count_reports(std::size_t count) { return fmt::format("{} addresses", count); }

std::string their_answer(const Row& row, const std::string& own) {
  std::string client = "192.0.2.1", from = fill_in(row.from, own), dkim = fill_in(row.dkim, own);
  const bool is_helo = row.spf.starts_with("HELO ");
  std::string spf = fill_in(is_helo ? row.spf.substr(5) : row.spf, own);
  for (const auto& [name, record] : row.records)
    opendmarc_dns_fake_record(("_dmarc." + fill_in(name, own)).c_str(), record.c_str());
  DMARC_POLICY_T* context = opendmarc_policy_connect_init(octets(client), 4);
  static_cast<void>(opendmarc_policy_store_from_domain(context, octets(from)));
  const int origin = is_helo ? DMARC_POLICY_SPF_ORIGIN_HELO : DMARC_POLICY_SPF_ORIGIN_MAILFROM;
  if (!spf.empty())
    static_cast<void>(opendmarc_policy_store_spf(context, octets(spf), DMARC_POLICY_SPF_OUTCOME_PASS, origin, nullptr));
  if (!dkim.empty())
    static_cast<void>(opendmarc_policy_store_dkim(context, octets(dkim), nullptr, DMARC_POLICY_DKIM_OUTCOME_PASS, nullptr));
  const int status = opendmarc_policy_query_dmarc(context, octets(from));
  std::string answer = status == DMARC_PARSE_OKAY ? enforced(context) : "no policy";
  if (row.counts_reports) {
    std::size_t count = 0;
    u_char** uris = opendmarc_policy_fetch_rua(context, nullptr, 0, 1);
    while (uris != nullptr && uris[count] != nullptr) ++count;
    answer = count_reports(count);
  }
  static_cast<void>(opendmarc_policy_connect_shutdown(context));
  return answer;
}

// ---- ours

base::Domain domain(const std::string& text) { return base::Domain::parse(text).value(); }

dmarc::Verdict our_verdict(const Row& row, const std::string& own) {
  test::MapResolver resolver;
  std::map<std::string, std::vector<std::string>> texts;
  for (const auto& [name, record] : row.records) texts["_dmarc." + fill_in(name, own)].push_back(record);
  for (const auto& [name, values] : texts) resolver.txt(name, values);
  std::optional<dmarc::Identifier> spf;
  std::vector<dmarc::Identifier> dkim;
  if (!row.spf.empty() && !row.spf.starts_with("HELO ")) spf = {domain(fill_in(row.spf, own)), dmarc::IdentifierState::passed};
  if (!row.dkim.empty()) dkim.push_back({domain(fill_in(row.dkim, own)), dmarc::IdentifierState::passed});
  dmarc::DiscoveryInput input{domain(fill_in(row.from, own)), {}, {}};
  if (spf) input.spf_identifiers.push_back(spf->domain);
  for (const auto& signer : dkim) input.dkim_identifiers.push_back(signer.domain);
  const auto discovery =
      test::decide<dmarc::Discovery>(resolver, [&](dns::View& view) { return dmarc::discover(view, input); });
  test::KeptLog log;
  return dmarc::evaluate(discovery, spf, dkim, log);
}

std::string our_answer(const Row& row, const std::string& own) {
  const dmarc::Verdict verdict = our_verdict(row, own);
  if (row.counts_reports) return count_reports(verdict.record ? verdict.record->rua.size() : 0);
  if (verdict.result == dmarc::Result::fail) return fmt::format("fail, {}", dmarc::to_text(verdict.policy));
  if (verdict.result == dmarc::Result::pass) return "pass";
  return "no policy";
}

// ---- the list

std::string shortened(const std::string& record) {
  constexpr std::size_t most = 70;
  return record.size() <= most ? record : record.substr(0, most) + "...";
}

std::string describe(const Row& row, const std::string& own, const std::string& theirs) {
  std::string records, passed;
  for (const auto& [name, record] : row.records)
    records += fmt::format("{}`{}` `{}`", records.empty() ? "" : "<br>", fill_in(name, own), shortened(record));
  if (!row.spf.empty()) passed += "SPF " + fill_in(row.spf, own);
  if (!row.dkim.empty()) passed += "DKIM " + fill_in(row.dkim, own);
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", row.what, records, fill_in(row.from, own),
                     passed.empty() ? "nothing" : passed, theirs, our_answer(row, own), row.section);
}

std::string make_list() {
  const Opendmarc library;
  std::string text =
      "# Where libopendmarc alone would have answered otherwise\n\n"
      "Made by `dmarc_tests \"[.write]\"`, which runs libopendmarc 1.4 on the raw records, with its own discovery by a public\n"
      "suffix list (of the one rule `example`) and its own alignment, beside Signet on the same data. Signet asks it only "
      "what\n"
      "[ADR 0003](adr/0003-libopendmarc-behind-a-wall.md) says, so that none of this reaches a message.\n\n"
      "| what | records at `_dmarc.` | From | passed | libopendmarc | Signet | by |\n|---|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < rows.size(); ++i) text += describe(rows[i], own_domain(i), their_answer(rows[i], own_domain(i)));
  return text;
}

/// Once for the process: what the library was told of a name it keeps.
const std::string& list() {
  static const std::string text = make_list();
  return text;
}

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

// Run this one by name when the table has changed.
TEST_CASE("libopendmarc: write docs/opendmarc-differences.md anew", "[.write]") {
  std::ofstream(shipped, std::ios::binary) << list();
}

TEST_CASE("libopendmarc: the list of differences is what the library and we answer today", "[dmarc]") {
  CHECK(read(shipped) == list());
}

TEST_CASE("libopendmarc: each row of the list of differences is one", "[dmarc]") {
  for (const std::string_view line : base::split(list(), '\n')) {
    const auto cells = base::split(line, '|');
    if (cells.size() < 9 || cells[1] == " what " || cells[1] == "---") continue;
    INFO(line);
    CHECK(cells[5] != cells[6]);
  }
}
