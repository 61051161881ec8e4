#include "bench/load/kinds.hpp"

#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "auth/key_file.hpp"
#include "dkim/signer.hpp"

namespace load {
namespace {

constexpr std::size_t max_header_octets = std::size_t{16} << 20U;            // hostile headers are sent, too
constexpr base::UnixTime signing_time{std::chrono::seconds{1'790'000'000}};  // any time that has passed

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string octets(std::istreambuf_iterator<char>(in), {});
  if (!in) throw std::runtime_error("cannot read " + path);
  return octets;
}

std::optional<Signing> read_signing(const nlohmann::json& object) {
  const auto found = object.find("sign");
  if (found == object.end()) return std::nullopt;
  return Signing{found->at("domain"), found->at("selector"), found->at("key"), found->value("signatures", 1U)};
}

Kind read_kind(const nlohmann::json& object) {
  return {object.at("name"),
          read_file(object.at("file")),
          object.at("client"),
          object.value("helo", "mx.sender.example"),
          object.at("sender"),
          object.at("daemon_name"),
          object.at("verdict"),
          object.at("code"),
          object.at("inserted"),
          object.value("first", std::size_t{0}),
          object.value("different", std::size_t{1}),
          read_signing(object)};
}

std::string numbered(std::string text, std::size_t number) {
  constexpr std::string_view mark = "{n}";
  const std::string digits = fmt::format("{:07}", number);  // as long as bench_dns has them
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + digits.size()))
    text.replace(at, mark.size(), digits);
  return text;
}

std::vector<dkim::SigningKey> keys_of(const Signing& signing, const dkim::PrivateKey& key, std::size_t number) {
  const auto domain = base::Domain::parse(numbered(signing.domain, number));
  if (!domain) throw std::runtime_error("no domain to sign with: " + signing.domain);
  std::vector<dkim::SigningKey> keys;
  for (unsigned i = 1; i <= signing.signatures; ++i)
    keys.push_back({*domain, signing.signatures == 1 ? signing.selector : fmt::format("{}{}", signing.selector, i), key});
  return keys;
}

/// The message with its signatures on top.
std::string with_signatures(const std::string& text, std::vector<dkim::SigningKey> keys) {
  const auto message = message::parse_message_file(text, max_header_octets);
  dkim::BodyHashes hashes;
  const dkim::Signer signer(message.header, std::move(keys), {}, signing_time, hashes);
  hashes.update(message.body);
  hashes.finish();
  std::string out;
  for (const auto& value : signer.finish(hashes)) out += "DKIM-Signature:" + value + "\r\n";
  return out + text;
}

dkim::PrivateKey read_key(const std::string& path) {
  auto key = auth::read_key_file(path);
  if (!key) throw std::runtime_error(path + ": " + key.error());
  return *std::move(key);
}

}  // namespace

std::vector<Kind> read_kinds(const std::string& path) {
  std::vector<Kind> kinds;
  for (const auto& object : nlohmann::json::parse(read_file(path))) kinds.push_back(read_kind(object));
  if (kinds.empty()) throw std::runtime_error(path + ": found no kind of message, expected at least one");
  return kinds;
}

std::vector<Mail> make_mail(const Kind& kind) {
  std::optional<dkim::PrivateKey> key;
  if (kind.signing) key = read_key(kind.signing->key);
  std::vector<Mail> all;
  for (std::size_t number = kind.first; number < kind.first + kind.different; ++number) {
    std::string text = numbered(kind.text, number);
    if (key) text = with_signatures(text, keys_of(*kind.signing, *key, number));
    all.push_back({&kind, numbered(kind.helo, number), numbered(kind.sender, number), fmt::format("4Q{}", number),
                   message::parse_message_file(text, max_header_octets)});
  }
  return all;
}

}  // namespace load
