// Cases of dkim/ (whole messages), dkim-sign/ (vectors of signers) and dkim-tables/.

#include <fmt/format.h>
#include <openssl/evp.h>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "base/base64.hpp"
#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "dkim/header_hash.hpp"
#include "dkim/key_record.hpp"
#include "dkim/signature.hpp"
#include "dkim/signer.hpp"
#include "dkim/verifier.hpp"
#include "message/message_file.hpp"
#include "tests/corpus/report.hpp"
#include "tests/support/map_resolver.hpp"

namespace corpus {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t max_message_header = 1U << 22U;  // one case has a header of 400 KB

std::string read_octets(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A string member; null and absent are empty.
std::string text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string_view as_text(const dkim::Octets& octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

/// `section`: the rule that the kind of case is about.
void check(Report& report, const json& one, bool good, const std::string& expected, const std::string& got,
           std::string_view section) {
  const std::string id = text(one, "id");
  if (good)
    report.passed(id);
  else if (one.contains("disputed") && one["disputed"] != false)
    report.disputed(id, expected, got, section);
  else
    report.failed(id, expected, got);
}

dkim::Canonicalization canonicalization(std::string_view name) {
  return name == "relaxed" ? dkim::Canonicalization::relaxed : dkim::Canonicalization::simple;
}

/// "header/body" or "header"; the body's is simple when not given (RFC 6376 §3.5).
std::pair<dkim::Canonicalization, dkim::Canonicalization> canonicalizations(const std::string& both) {
  const std::size_t slash = both.find('/');
  const auto body = slash == std::string::npos ? "simple" : both.substr(slash + 1);
  return {canonicalization(both.substr(0, slash)), canonicalization(body)};
}

// ---- dkim/: messages

void fill(test::MapResolver& resolver, const json& dns) {
  for (const auto& [name, value] : dns.items()) {
    if (value.is_string()) resolver.txt(name, {value.get<std::string>()});
    if (value.is_array()) resolver.txt(name, value.get<std::vector<std::string>>());
    if (!value.is_object()) continue;
    const std::string error = text(value, "error");
    const auto status = error == "timeout"    ? dns::Status::timeout
                        : error == "servfail" ? dns::Status::server_failure
                                              : dns::Status::no_such_name;
    resolver.fail(name, dns::Type::txt, status);
  }
}

/// A source that looks at so many signatures and no more lists no others: we stop there, too.
std::vector<dkim::Outcome> verify(const message::MessageFile& message, const json& one, std::size_t max_signatures) {
  dkim::VerifyPolicy policy;
  policy.accept_short_length = true;
  policy.max_signatures_verified = 10000;
  policy.max_signatures_seen = static_cast<unsigned>(max_signatures);
  policy.max_keys_tried = dkim::max_key_record_octets;
  base::UnixTime now{std::chrono::seconds{1700000000}};
  if (one.contains("now") && one["now"].is_number())
    now = base::UnixTime{std::chrono::seconds{one["now"].get<std::int64_t>()}};
  else  // any time must do: let nothing be too early or too late
    policy.clock_drift = std::chrono::hours{24 * 365 * 1000};
  test::MapResolver resolver;
  fill(resolver, one.at("dns"));
  dkim::BodyHashes hashes;
  dkim::Verifier verifier(message.header, {}, policy, now, hashes);
  verifier.start(resolver);
  hashes.update(message.body);
  hashes.finish();
  return verifier.finish(hashes, base::SteadyTime{});
}

/// RFC 8301 is enforced: its result where the case gives one; rsa-sha1 is permerror whatever else is wrong.
std::string expected_result(const json& expected) {
  if (expected.contains("result_rfc8301")) return text(expected, "result_rfc8301");
  return base::iequals(text(expected, "a"), "rsa-sha1") ? "permerror" : text(expected, "result");
}

/// What is wrong with an outcome; empty: nothing.
std::string compare(const json& expected, const dkim::Outcome& outcome) {
  const std::string got(dkim::to_text(outcome.result));
  const auto accepted = expected.value("accept", std::vector<std::string>{});
  const bool is_accepted = std::find(accepted.begin(), accepted.end(), got) != accepted.end();
  if (got != expected_result(expected) && !is_accepted) return fmt::format("{} ({})", got, outcome.reason);
  const std::string domain = base::to_lower(text(expected, "d"));
  if (!outcome.domain.empty() && expected.contains("d") && domain != outcome.domain && base::is_ascii(domain))
    return "d=" + outcome.domain;
  const std::string selector = base::to_lower(text(expected, "s"));
  if (!outcome.selector.empty() && expected.contains("s") && selector != base::to_lower(outcome.selector))
    return "s=" + outcome.selector;
  return {};
}

void run_message_case(const fs::path& folder, const json& one, Report& report) {
  const auto message = message::parse_message_file(read_octets(folder / text(one, "file")), max_message_header);
  json expected = one.at("expected");
  if (one.contains("expected_all")) {
    const json& all = one["expected_all"];
    expected = json::array();
    for (std::size_t i = 0; i < all.at("count").get<std::size_t>(); ++i) expected.push_back(all);
  }
  const auto outcomes = verify(message, one, expected.size());
  std::string want, got;
  bool good = expected.empty() ? outcomes.empty() : outcomes.size() >= expected.size();
  if (!good) got = fmt::format("{} signatures instead of {}", outcomes.size(), expected.size());
  for (std::size_t i = 0; good && i < expected.size(); ++i) {
    got = compare(expected[i], outcomes[i]);
    want = fmt::format("#{} {}", i, expected_result(expected[i]));
    good = got.empty();
  }
  check(report, one, good, want, got, "RFC 6376 §6.1");
}

// ---- dkim-sign/: vectors

base::Result<dkim::PrivateKey, base::ParseError> private_key(const json& one) {
  const std::string seed = text(one, "ed25519_seed");
  if (!seed.empty()) return dkim::PrivateKey::from_ed25519_seed(base::decode_base64(seed).value());
  return dkim::PrivateKey::from_der(base::decode_base64(text(one, "key_der")).value());
}

std::string hex(const dkim::Digest& digest) {
  std::string out;
  for (const auto octet : digest) out += fmt::format("{:02x}", octet);
  return out;
}

std::string body_hash(const std::string& body, dkim::Canonicalization c, const json& length) {
  dkim::BodyHashes hashes;
  const auto id = hashes.want(c, length.is_number() ? std::optional(length.get<std::uint64_t>()) : std::nullopt);
  hashes.update(body);
  hashes.finish();
  return base::encode_base64(hashes.digest(id));
}

void run_sign_case(const fs::path& folder, const json& one, Report& report) {
  const auto message = message::parse_message_file(read_octets(folder / text(one, "message")));
  const auto [header_c, body_c] = canonicalizations(text(one, "canonicalization"));
  message::HeaderBlock own;
  own.add_line(text(one, "template_header"));
  std::vector<std::string> names;
  for (const auto& name : one.at("signed_headers")) names.push_back(base::to_lower(name.get<std::string>()));
  std::string octets = dkim::FieldIndex(message.header).canonical_fields(names, header_c);
  dkim::append_own_field(octets, own[0], header_c);
  const dkim::Digest digest = dkim::sha256(octets);
  check(report, one, hex(digest) == text(one, "hash_input_sha256"), "hash_input_sha256", octets, "RFC 6376 §3.7");
  if (text(one, "algorithm") == "rsa-sha1") return;  // no more to compare with SHA-256
  const json& recomputed = one.at("recomputed");
  if (recomputed.value("bh", false)) {
    const std::string hash = body_hash(message.body, body_c, one.at("length"));
    check(report, one, hash == text(one, "expected_bh"), text(one, "expected_bh"), hash, "RFC 6376 §3.7");
  }
  const auto key = private_key(one);
  if (!key) return check(report, one, false, "a private key", std::string(key.error().text), "RFC 6376 §3.7");
  const std::string b = base::encode_base64(key->sign(digest));
  check(report, one, b == text(one, "expected_b"), text(one, "expected_b"), b, "RFC 6376 §3.7");
}

// ---- dkim-tables/

std::string canonical_body(const std::string& body, dkim::Canonicalization c) {
  std::string out;
  dkim::BodyCanonicalizer canonicalizer(c, [&](std::string_view octets) { out += octets; });
  canonicalizer.update(body);
  canonicalizer.finish();
  return out;
}

void run_canonicalization_case(const json& one, Report& report) {
  const auto c = canonicalization(text(one, "algorithm"));
  std::string got;
  if (text(one, "kind") == "body") {
    got = canonical_body(message::parse_message_file("\r\n" + text(one, "input")).body, c);
  } else {
    const auto message = message::parse_message_file(text(one, "input"));
    for (std::size_t i = 0; i < message.header.size(); ++i) dkim::append_canonical_field(got, message.header[i], c);
  }
  check(report, one, got == text(one, "expected"), text(one, "expected"), got, "RFC 6376 §3.4");
}

/// SHA-1 is none of ours (RFC 8301); here it only proves which octets are hashed.
std::string sha1(std::string_view octets) {
  dkim::Octets digest(20);
  if (EVP_Q_digest(nullptr, "SHA1", nullptr, octets.data(), octets.size(), digest.data(), nullptr) != 1)
    throw std::runtime_error("no SHA-1");
  return base::encode_base64(digest);
}

void run_body_hash_case(const json& one, Report& report) {
  const auto octets = base::decode_base64(text(one, "body_base64")).value();
  const auto c = canonicalization(text(one, "canonicalization"));
  std::string got;
  if (text(one, "hash") == "sha1") {
    const std::string canonical = canonical_body(std::string(as_text(octets)), c);
    got = sha1(canonical.substr(0, one.at("l").is_number() ? one["l"].get<std::size_t>() : std::string::npos));
  } else {
    got = body_hash(std::string(as_text(octets)), c, one.at("l"));
  }
  check(report, one, got == text(one, "expected"), text(one, "expected"), got, "RFC 6376 §3.4.3, §3.4.4");
}

/// Usable or revoked, as the verifier would find.
std::string key_fault(const json& one, dkim::KeyRecord& record) {
  auto parsed = dkim::parse_key_record(text(one, "record"));
  if (!parsed) return std::string(parsed.error().text);
  record = std::move(*parsed);
  if (!record.allows_email) return "not for email";
  if (record.public_key.empty()) return {};
  const auto key = dkim::PublicKey::decode(record.type, record.public_key);
  return key ? std::string() : std::string(key.error().text);
}

void run_key_record_case(const json& one, Report& report) {
  dkim::KeyRecord record;
  const std::string fault = key_fault(one, record);
  const std::string got = fault.empty() ? "valid" : "invalid: " + fault;
  const json& valid = one.at("valid");
  bool good = valid.is_boolean() && valid.get<bool>() == fault.empty();
  if (good && one.value("revoked", false)) good = record.public_key.empty();
  if (good && one.contains("parsed")) {
    const std::string key = text(one["parsed"], "key_base64");
    good = key.empty() || base::encode_base64(record.public_key) == key;
  }
  check(report, one, good, valid.dump(), got, "RFC 6376 §3.6.1");
}

bool parsed_equal(const json& parsed, const dkim::Signature& signature) {
  const auto octets_equal = [&](const char* key, const dkim::Octets& octets) {
    return !parsed.contains(key) || base::encode_base64(octets) == text(parsed, key);
  };
  const auto number_equal = [&](const char* key, const std::optional<std::uint64_t>& number) {
    return !parsed.contains(key) || (number && parsed[key] == *number);
  };
  std::vector<std::string> names;
  if (parsed.contains("h"))
    for (const auto& name : parsed["h"]) names.push_back(base::to_lower(name.get<std::string>()));
  return octets_equal("b_base64", signature.signature) && octets_equal("bh_base64", signature.body_hash) &&
         number_equal("l", signature.length) && number_equal("t", signature.timestamp) &&
         number_equal("x", signature.expiration) && (names.empty() || names == signature.signed_fields) &&
         (!parsed.contains("i") || text(parsed, "i") == signature.identity) &&
         (!parsed.contains("d") || text(parsed, "d") == signature.domain.text());
}

/// A valid case is one of syntax; an invalid one may break any rule that needs neither key nor message.
void run_signature_case(const json& one, Report& report) {
  const auto signature = dkim::parse_signature(text(one, "value"));
  std::string fault(signature ? std::string_view() : signature.error().text);
  const bool valid = one.at("valid").get<bool>();
  if (!valid && signature) fault = dkim::find_fault(*signature);
  if (valid && signature && one.contains("parsed") && !parsed_equal(one["parsed"], *signature)) fault = "tags differ";
  check(report, one, valid == fault.empty(), one["valid"].dump(), fault.empty() ? "valid" : fault, "RFC 6376 §3.5");
}

void run_strip_case(const json& one, Report& report) {
  const std::string input = text(one, "input");
  std::string got = dkim::without_signature_value(input);
  if (got.ends_with("\r\n")) got.resize(got.size() - 2);
  const auto tags = base::TagList::parse(input);
  if (got != text(one, "expected") && tags && !tags->find("b"))  // tag names are case-sensitive (RFC 6376 §3.2)
    return report.disputed(text(one, "id"), text(one, "expected"), got, "RFC 6376 §3.2");
  check(report, one, got == text(one, "expected"), text(one, "expected"), got, "RFC 6376 §3.2, §3.7");
}

}  // namespace

void run_dkim(const fs::path& file, Report& report) {
  const json data = json::parse(read_octets(file));
  const fs::path folder = file.parent_path();
  const std::string name = file.filename().string();
  for (const json& one : data.contains("vectors") ? data["vectors"] : data.at("cases")) {
    if (one.contains("expected_header"))
      run_sign_case(folder, one, report);
    else if (name == "manifest.json")
      run_message_case(folder, one, report);
    else if (name == "canonicalization.json")
      run_canonicalization_case(one, report);
    else if (name == "body-hash.json")
      run_body_hash_case(one, report);
    else if (name == "key-records.json")
      run_key_record_case(one, report);
    else if (name == "signature-headers.json")
      run_signature_case(one, report);
    else if (name == "strip-b.json")
      run_strip_case(one, report);
    else
      report.skipped(text(one, "id"), "unknown kind");
  }
}

}  // namespace corpus
