// docs/limits.md says what the code says.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "auth/decision.hpp"
#include "auth/shadow.hpp"
#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "cli/dns.hpp"
#include "cli/log_lines.hpp"
#include "cli/spf_survey.hpp"
#include "conf/settings.hpp"
#include "dkim/published_keys.hpp"
#include "dkim/signature.hpp"
#include "dkim/verifier.hpp"
#include "dmarc/discovery.hpp"
#include "dmarc/record.hpp"
#include "dmarc/tree_walk.hpp"
#include "dns/ares_resolver.hpp"
#include "dns/inquiry.hpp"
#include "dns/message.hpp"
#include "keys/authority.hpp"
#include "keys/folder.hpp"
#include "message/authentication_results.hpp"
#include "message/author.hpp"
#include "message/scanner.hpp"
#include "milter/control.hpp"
#include "milter/health.hpp"
#include "milter/http_server.hpp"
#include "milter/key_watch.hpp"
#include "milter/metrics.hpp"
#include "report/gzip.hpp"
#include "report/mime.hpp"
#include "report/read_xml.hpp"
#include "report/summary.hpp"
#include "report/unpack.hpp"
#include "report/zip.hpp"
#include "spf/record.hpp"
#include "spf/trace.hpp"

namespace {

struct Limit {
  std::string name;
  std::uint64_t value;
};

std::uint64_t seconds(std::chrono::milliseconds time) { return static_cast<std::uint64_t>(time.count() / 1000); }

std::vector<Limit> limits_of_options() {
  const conf::Settings settings;
  return {{"max-header-octets", settings.max_header_octets},       {"dkim.max-signatures", settings.dkim.max_signatures},
          {"dkim.max-verified", settings.dkim.max_verified},       {"dkim.min-rsa-bits", settings.dkim.min_rsa_bits},
          {"spf.max-void-lookups", settings.spf.max_void_lookups}, {"spf.timeout", seconds(settings.spf.timeout)},
          {"dmarc.timeout", seconds(settings.dmarc.timeout)},      {"dns.max-in-flight", settings.dns.max_in_flight},
          {"dns.cache-octets", settings.dns.cache_octets}};
}

std::vector<Limit> limits_of_constants() {
  const auto deep = base::Domain::parse("a.b.c.d.e.f.g.h.i.example").value();
  return {{"message::Author::max_addresses", message::Author::max_addresses},
          {"message::Author::max_domains", message::Author::max_domains},
          {"message::Scanner::max_comment_depth", message::Scanner::max_comment_depth},
          {"message::FormatOptions::max_value_octets", message::FormatOptions{}.max_value_octets},
          {"base::TagList::max_tags", base::TagList::max_tags},
          {"base::Domain::max_octets", base::Domain::max_octets},
          {"base::Domain::max_label_octets", base::Domain::max_label_octets},
          {"auth::max_reply_octets", auth::max_reply_octets},
          {"dkim::Verifier::max_outcomes", dkim::Verifier::max_outcomes},
          {"dkim::VerifyPolicy::max_keys_tried", dkim::VerifyPolicy{}.max_keys_tried},
          {"dkim::PublishedKeys::max_keys", dkim::PublishedKeys::max_keys},
          {"dkim::max_key_record_octets", dkim::max_key_record_octets},
          {"dkim::max_key_answer_octets", dkim::max_key_answer_octets},
          {"dkim::PublicKey::max_rsa_bits", dkim::PublicKey::max_rsa_bits},
          {"dkim::Signature::max_signed_fields", dkim::Signature::max_signed_fields},
          {"dkim::Signature::max_length_digits", dkim::Signature::max_length_digits},
          {"dkim::Signature::max_time_digits", dkim::Signature::max_time_digits},
          {"spf::Limits::terms", spf::Limits{}.terms},
          {"spf::Limits::mx_names", spf::Limits{}.mx_names},
          {"spf::Limits::ptr_names", spf::Limits{}.ptr_names},
          {"spf::Record::max_octets", spf::Record::max_octets},
          {"spf::Record::max_terms", spf::Record::max_terms},
          {"spf::Record::max_macros", spf::Record::max_macros},
          {"spf::MacroString::max_macros", spf::MacroString::max_macros},
          {"spf::Trace::max_steps", spf::Trace::max_steps},
          {"spf::Trace::max_answers", spf::Trace::max_answers},
          {"cli::SpfSurvey::max_records", cli::SpfSurvey::max_records},
          {"cli::DnsOptions::max_selectors", cli::DnsOptions::max_selectors},
          {"cli::max_log_line_octets", cli::max_log_line_octets},
          {"dmarc::walk_names", dmarc::walk_names(deep).size()},
          {"dmarc::max_identifiers", dmarc::max_identifiers},
          {"dmarc::max_record_octets", dmarc::max_record_octets},
          {"dmarc::max_report_uris", dmarc::max_report_uris},
          {"dmarc::max_answer_octets", dmarc::max_answer_octets},
          {"dns::max_cname_chain", dns::max_cname_chain},
          {"dns::Answer::max_records", dns::Answer::max_records},
          {"dns::InquiryBase::max_questions", dns::InquiryBase::max_questions},
          {"dns::InquiryBase::max_in_flight", dns::InquiryBase::max_in_flight},
          {"dns::InquiryBase::default_max_octets", dns::InquiryBase::default_max_octets},
          {"milter::Control::max_line_octets", milter::Control::max_line_octets},
          {"milter::Control::patience", seconds(milter::Control::patience)},
          {"milter::Control::max_waiting", milter::Control::max_waiting},
          {"milter::max_http_head_octets", milter::max_http_head_octets},
          {"milter::HttpServer::max_clients", milter::HttpServer::max_clients},
          {"milter::HttpServer::max_waiting", milter::HttpServer::max_waiting},
          {"milter::HttpServer::patience", seconds(milter::HttpServer::patience)},
          {"milter::Metrics::max_signers", milter::Metrics::max_signers},
          {"milter::Health::between_probes", seconds(milter::Health::between_probes)},
          {"milter::Health::probe_wait", seconds(milter::Health::probe_wait)},
          {"dns::AresResolver::Options::max_waiting", dns::AresResolver::Options{}.max_waiting},
          {"dns::AresResolver::Options::questions_per_channel", dns::AresResolver::Options{}.questions_per_channel}};
}

std::vector<Limit> limits_of_keys() {
  return {{"auth::max_shadow_differences", auth::max_shadow_differences},
          {"keys::max_name_servers", keys::max_name_servers},
          {"keys::max_addresses", keys::max_addresses},
          {"keys::max_labels_climbed", keys::max_labels_climbed},
          {"keys::max_aliases", keys::max_aliases},
          {"keys::Folder::max_keys", keys::Folder::max_keys},
          {"dkim::max_rotating_keys", dkim::max_rotating_keys},
          {"dkim::max_rotation_octets", dkim::max_rotation_octets},
          {"milter::KeyWatch::patience", seconds(milter::KeyWatch::patience)}};
}

std::vector<Limit> limits_of_reports() {
  return {{"report::UnpackLimits::max_octets", report::UnpackLimits::max_octets},
          {"report::UnpackLimits::max_depth", report::UnpackLimits::max_depth},
          {"report::GzipLimits::max_ratio", report::GzipLimits::max_ratio},
          {"report::GzipLimits::ratio_free", report::GzipLimits::ratio_free},
          {"report::max_zip_entries", report::max_zip_entries},
          {"report::MimeLimits::max_parts", report::MimeLimits::max_parts},
          {"report::MimeLimits::max_depth", report::MimeLimits::max_depth},
          {"report::MimeLimits::max_header_octets", report::MimeLimits::max_header_octets},
          {"report::XmlLimits::max_octets", report::XmlLimits::max_octets},
          {"report::XmlLimits::max_markup", report::XmlLimits::max_markup},
          {"report::XmlLimits::max_depth", report::XmlLimits::max_depth},
          {"report::XmlLimits::max_records", report::XmlLimits::max_records},
          {"report::XmlLimits::max_parts", report::XmlLimits::max_parts},
          {"report::XmlLimits::max_text_octets", report::XmlLimits::max_text_octets},
          {"report::XmlLimits::max_findings", report::XmlLimits::max_findings},
          {"report::SummaryLimits::max_sources", report::SummaryLimits::max_sources},
          {"report::SummaryLimits::max_reasons", report::SummaryLimits::max_reasons},
          {"report::SummaryLimits::max_networks", report::SummaryLimits::max_networks},
          {"report::SummaryLimits::max_words", report::SummaryLimits::max_words},
          {"report::SummaryLimits::max_reporters", report::SummaryLimits::max_reporters}};
}

/// Held by their own rooms' tests alone: they are no constants that can be seen from here.
const std::set<std::string> unseen = {"message::parse_reverse_path", "auth: max_forged_results", "spf: max_explanation_octets",
                                      "dns::decode_answer",          "auth: max_fields_on_top",  "auth: max_signatures_on_top"};

/// The rows of the page's tables that name a constant or an option.
std::vector<Limit> limits_of_page() {
  std::ifstream page(SIGNET_SOURCE_DIR "/docs/limits.md");
  std::vector<Limit> rows;
  for (std::string line; std::getline(page, line);) {
    const auto cells = base::split(line, '|');
    std::uint64_t value = 0;
    if (cells.size() != 6 || !base::parse_number(base::trim(cells[2]), ~std::uint64_t{0}, value)) continue;
    const std::string_view name = base::trim(cells[3]);
    REQUIRE(name.size() > 2);
    rows.push_back({std::string(name.substr(1, name.size() - 2)), value});
  }
  return rows;
}

}  // namespace

TEST_CASE("limits: docs/limits.md has every limit, and every value is the code's", "[auth][limits]") {
  std::vector<Limit> limits = limits_of_options();
  for (const auto& limit : limits_of_constants()) limits.push_back(limit);
  for (const auto& more : {limits_of_keys(), limits_of_reports()}) limits.insert(limits.end(), more.begin(), more.end());
  const auto rows = limits_of_page();
  for (const auto& limit : limits) {
    CAPTURE(limit.name);
    CHECK(std::any_of(rows.begin(), rows.end(), [&](const Limit& row) { return row.name == limit.name; }));
  }
  for (const auto& row : rows) {
    CAPTURE(row.name);
    if (unseen.contains(row.name)) continue;
    const auto limit = std::find_if(limits.begin(), limits.end(), [&](const Limit& l) { return l.name == row.name; });
    REQUIRE(limit != limits.end());
    CHECK(row.value == limit->value);
  }
}
