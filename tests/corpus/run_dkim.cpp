// Cases of dkim/ (whole messages), dkim-sign/ (vectors of signers) and dkim-tables/.

#include <fmt/format.h>
#include <openssl/evp.h>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/tag_list.hpp"
#include "base/text.hpp"
#include "dkim/header_hash.hpp"
#include "dkim/key_record.hpp"
#include "dkim/signature.hpp"
#include "dkim/signer.hpp"
#include "dkim/verifier.hpp"
#include "message/message_file.hpp"
#include "tests/corpus/case.hpp"
#include "tests/corpus/report.hpp"
#include "tests/support/map_resolver.hpp"

namespace corpus {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t max_message_header = 1U << 22U;  // one case has a header of 400 KB

std::string_view characters_of(const dkim::Octets& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
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
    const std::string error = text_of(value, "error");
    const auto status = error == "timeout"    ? dns::Status::timeout
                        : error == "servfail" ? dns::Status::server_failure
                                              : dns::Status::no_such_name;
    resolver.fail(name, dns::Type::txt, status);
  }
}

/// What a short l= is worth is the receiver's policy (RFC 6376 §8.2): here the source's own.
bool is_short_length_accepted(const json& expected) {
  return std::none_of(expected.begin(), expected.end(), [](const json& one) { return text_of(one, "result") == "policy"; });
}

/// A source that looks at so many signatures and no more lists no others: we stop there, too.
std::vector<dkim::Outcome> verify(const message::MessageFile& message, const json& one, const json& expected) {
  const std::size_t max_signatures = std::max<std::size_t>(expected.size(), 1);
  dkim::VerifyPolicy policy;
  policy.accept_short_length = is_short_length_accepted(expected);
  policy.max_signatures_verified = 10000;
  policy.max_signatures_seen = static_cast<unsigned>(max_signatures);
  policy.max_keys_tried = dkim::max_key_record_octets;
  base::UnixTime now{std::chrono::seconds{1700000000}};
  if (states(one, "now"))
    now = base::UnixTime{std::chrono::seconds{one["now"].get<std::int64_t>()}};
  else  // any time must do: let nothing be too early or too late
    policy.clock_drift = std::chrono::hours{24 * 365 * 1000};
  test::MapResolver resolver;
  fill(resolver, one.value("dns", json::object()));
  dkim::BodyHashes hashes;
  dkim::Verifier verifier(message.header, {}, policy, now, hashes);
  verifier.start(resolver);
  hashes.update(message.body);
  hashes.finish();
  return verifier.finish(hashes, base::SteadyTime{});
}

/// RFC 8301 is enforced: its result where the case gives one; rsa-sha1 is permerror whatever else is wrong.
std::string expected_result(const json& expected) {
  if (states(expected, "result_rfc8301")) return text_of(expected, "result_rfc8301");
  return base::iequals(text_of(expected, "a"), "rsa-sha1") ? "permerror" : text_of(expected, "result");
}

/// What is wrong with an outcome; empty: nothing.
std::string compare(const json& expected, const dkim::Outcome& outcome) {
  const std::string got(dkim::to_text(outcome.result));
  const json accepted = list_of(expected, "accept");
  const bool is_accepted = std::find(accepted.begin(), accepted.end(), got) != accepted.end();
  if (got != expected_result(expected) && !is_accepted) return fmt::format("{} ({})", got, outcome.reason);
  const std::string domain = base::to_lower(text_of(expected, "d"));
  if (!outcome.domain.empty() && states(expected, "d") && domain != outcome.domain && base::is_ascii(domain))
    return "d=" + outcome.domain;
  const std::string selector = base::to_lower(text_of(expected, "s"));
  if (!outcome.selector.empty() && states(expected, "s") && selector != base::to_lower(outcome.selector))
    return "s=" + outcome.selector;
  return {};
}

void run_message_case(const fs::path& folder, const json& one, Report& report) {
  const auto message = message::parse_message_file(read_octets(folder / one.at("file").get<std::string>()), max_message_header);
  json expected = list_of(one, "expected");
  if (states(one, "expected_all")) {
    const json& all = one["expected_all"];
    expected = json::array();
    for (std::size_t i = 0; i < all.at("count").get<std::size_t>(); ++i) expected.push_back(all);
  }
  const auto outcomes = verify(message, one, expected);
  std::string want, got;
  bool good = expected.empty() ? outcomes.empty() : outcomes.size() >= expected.size();
  if (!good) got = fmt::format("{} signatures instead of {}", outcomes.size(), expected.size());
  for (std::size_t i = 0; good && i < expected.size(); ++i) {
    got = compare(expected[i], outcomes[i]);
    want = fmt::format("#{} {}", i, expected_result(expected[i]));
    good = got.empty();
  }
  settle(one, {good, want, got, "RFC 6376 §6.1"}, report);
}

// ---- dkim-sign/: vectors

base::Result<dkim::PrivateKey, base::ParseError> private_key(const json& one) {
  const std::string seed = text_of(one, "ed25519_seed");
  if (!seed.empty()) return dkim::PrivateKey::from_ed25519_seed(base::decode_base64(seed).value());
  return dkim::PrivateKey::from_der(base::decode_base64(text_of(one, "key_der")).value());
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
  const auto message = message::parse_message_file(read_octets(folder / one.at("message").get<std::string>()));
  const auto [header_c, body_c] = canonicalizations(text_of(one, "canonicalization"));
  message::HeaderBlock own;
  own.add_line(text_of(one, "template_header"));
  std::vector<std::string> names;
  for (const auto& name : one.at("signed_headers")) names.push_back(base::to_lower(name.get<std::string>()));
  std::string octets = dkim::FieldIndex(message.header).canonical_fields(names, header_c);
  dkim::append_own_field(octets, own[0], header_c);
  const dkim::Digest digest = dkim::sha256(octets);
  settle(one, {hex(digest) == text_of(one, "hash_input_sha256"), "hash_input_sha256", octets, "RFC 6376 §3.7"}, report);
  if (text_of(one, "algorithm") == "rsa-sha1") return;  // no more to compare with SHA-256
  const json recomputed = one.value("recomputed", json::object());
  if (flag_of(recomputed, "bh")) {
    const std::string hash = body_hash(message.body, body_c, one.value("length", json()));
    settle(one, {hash == text_of(one, "expected_bh"), text_of(one, "expected_bh"), hash, "RFC 6376 §3.7"}, report);
  }
  if (!states(one, "key_der") && !states(one, "ed25519_seed")) return;
  const auto key = private_key(one);
  if (!key) return settle(one, {false, "a private key", std::string(key.error().text), "RFC 6376 §3.7"}, report);
  const std::string b = base::encode_base64(key->sign(digest));
  const bool is_disputed = states(recomputed, "b") && !flag_of(recomputed, "b");  // nobody else could make it
  settle(one, {b == text_of(one, "expected_b"), text_of(one, "expected_b"), b, "RFC 6376 §3.7", is_disputed}, report);
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
  const auto c = canonicalization(text_of(one, "algorithm"));
  std::string got;
  if (text_of(one, "kind") == "body") {
    got = canonical_body(message::parse_message_file("\r\n" + text_of(one, "input")).body, c);
  } else {
    const auto message = message::parse_message_file(text_of(one, "input"));
    for (std::size_t i = 0; i < message.header.size(); ++i) dkim::append_canonical_field(got, message.header[i], c);
  }
  settle(one, {got == text_of(one, "expected"), text_of(one, "expected"), got, "RFC 6376 §3.4"}, report);
}

/// SHA-1 is none of ours (RFC 8301); here it only proves which octets are hashed.
std::string sha1(std::string_view octets) {
  dkim::Octets digest(20);
  if (EVP_Q_digest(nullptr, "SHA1", nullptr, octets.data(), octets.size(), digest.data(), nullptr) != 1)
    throw std::runtime_error("no SHA-1");
  return base::encode_base64(digest);
}

void run_body_hash_case(const json& one, Report& report) {
  const auto octets = base::decode_base64(text_of(one, "body_base64")).value();
  const auto c = canonicalization(text_of(one, "canonicalization"));
  std::string got;
  if (text_of(one, "hash") == "sha1") {
    const std::string canonical = canonical_body(std::string(characters_of(octets)), c);
    got = sha1(canonical.substr(0, states(one, "l") ? one.at("l").get<std::size_t>() : std::string::npos));
  } else {
    got = body_hash(std::string(characters_of(octets)), c, one.value("l", json()));
  }
  settle(one, {got == text_of(one, "expected"), text_of(one, "expected"), got, "RFC 6376 §3.4.3, §3.4.4"}, report);
}

/// Usable or revoked, as the verifier would find.
std::string key_fault(const json& one, dkim::KeyRecord& record) {
  auto parsed = dkim::parse_key_record(text_of(one, "record"));
  if (!parsed) return std::string(parsed.error().text);
  record = std::move(*parsed);
  if (!record.allows_email) return "not for email";
  if (record.public_key.empty()) return {};
  const auto key = dkim::PublicKey::decode(record.type, record.public_key);
  if (!key) return std::string(key.error().text);
  return key->bits() < dkim::VerifyPolicy{}.min_rsa_bits && record.type == dkim::KeyType::rsa ? "too short" : "";
}

void run_key_record_case(const json& one, Report& report) {
  dkim::KeyRecord record;
  const std::string fault = key_fault(one, record);
  const std::string got = fault.empty() ? "valid" : "invalid: " + fault;
  const json& valid = one.at("valid");
  bool good = valid.is_boolean() && valid.get<bool>() == fault.empty();
  if (good && flag_of(one, "revoked")) good = record.public_key.empty();
  if (good && states(one, "parsed")) {
    const std::string key = text_of(one["parsed"], "key_base64");
    good = key.empty() || base::encode_base64(record.public_key) == key;
  }
  settle(one, {good, valid.dump(), got, "RFC 6376 §3.6.1; RFC 8301 §3.2"}, report);
}

bool parsed_equal(const json& parsed, const dkim::Signature& signature) {
  const auto octets_equal = [&](const char* key, const dkim::Octets& octets) {
    return !states(parsed, key) || base::encode_base64(octets) == text_of(parsed, key);
  };
  const auto number_equal = [&](const char* key, const std::optional<std::uint64_t>& number) {
    return !states(parsed, key) || (number && parsed.at(key) == *number);
  };
  std::vector<std::string> names;
  for (const auto& name : list_of(parsed, "h")) names.push_back(base::to_lower(name.get<std::string>()));
  return octets_equal("b_base64", signature.signature) && octets_equal("bh_base64", signature.body_hash) &&
         number_equal("l", signature.length) && number_equal("t", signature.timestamp) &&
         number_equal("x", signature.expiration) && (names.empty() || names == signature.signed_fields) &&
         (!states(parsed, "i") || text_of(parsed, "i") == signature.identity) &&
         (!states(parsed, "d") || text_of(parsed, "d") == signature.domain.text());
}

/// A valid case is one of syntax; an invalid one may break any rule that needs neither key nor message.
void run_signature_case(const json& one, Report& report) {
  const auto signature = dkim::parse_signature(text_of(one, "value"));
  std::string fault(signature ? std::string_view() : signature.error().text);
  const bool valid = one.at("valid").get<bool>();
  if (!valid && signature) fault = dkim::find_fault(*signature);
  if (valid && signature && states(one, "parsed") && !parsed_equal(one.at("parsed"), *signature)) fault = "tags differ";
  settle(one, {valid == fault.empty(), one.at("valid").dump(), fault.empty() ? "valid" : fault, "RFC 6376 §3.5"}, report);
}

void run_strip_case(const json& one, Report& report) {
  const std::string input = text_of(one, "input");
  std::string got = dkim::without_signature_value(input);
  if (got.ends_with("\r\n")) got.resize(got.size() - 2);
  const auto tags = base::TagList::parse(input);
  if (got != text_of(one, "expected") && tags && !tags->find("b"))  // tag names are case-sensitive (RFC 6376 §3.2)
    return report.disputed(text_of(one, "id"), text_of(one, "expected"), got, "RFC 6376 §3.2");
  settle(one, {got == text_of(one, "expected"), text_of(one, "expected"), got, "RFC 6376 §3.2, §3.7"}, report);
}

}  // namespace

void run_dkim(const fs::path& file, Report& report) {
  static const std::map<std::string, void (*)(const json&, Report&)> tables = {
      {"canonicalization.json", run_canonicalization_case},
      {"body-hash.json", run_body_hash_case},
      {"key-records.json", run_key_record_case},
      {"signature-headers.json", run_signature_case},
      {"strip-b.json", run_strip_case},
  };
  const json data = json::parse(read_octets(file));
  const fs::path folder = file.parent_path();
  const auto table = tables.find(file.filename().string());
  const auto run = [&](const json& one) {
    if (states(one, "expected_header")) return run_sign_case(folder, one, report);
    if (file.filename() == "manifest.json") return run_message_case(folder, one, report);
    if (table != tables.end()) return table->second(one, report);
    report.skipped(text_of(one, "id"), "unknown kind");
  };
  run_cases(list_of(data, data.contains("vectors") ? "vectors" : "cases"), run, report);
}

}  // namespace corpus
