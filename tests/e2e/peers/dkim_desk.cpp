// dkim_desk ZONE DOMAIN SELECTOR=KEYFILE…: our signer and verifier for many messages in one process, octet for octet.
//
// `signet sign` and `signet verify` read files, whose bare LFs they take for line ends; what this takes and gives is
// what a message has on the wire. It drives dkim/ as auth/ does, header block, body in pieces and all.
//
//     sign HEADER/BODY SELECTOR OCTETS\n<octets>    answer: OCTETS\n and a DKIM-Signature field with its CRLF
//     verify OCTETS\n<octets>                       answer: OCTETS\n and "pass", or "RESULT: REASON"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "auth/key_file.hpp"
#include "base/text.hpp"
#include "dkim/signer.hpp"
#include "dkim/verifier.hpp"
#include "dns/zone_file.hpp"

namespace {

constexpr std::size_t max_header_octets = std::size_t{1} << 20U;  // a shape of many long lines is no flood
constexpr std::size_t chunk_octets = 65535;                       // what libmilter gives at once

struct Message {
  message::HeaderBlock header{max_header_octets};
  std::string_view body;
};

/// The end of the field that starts at `at`: before a CRLF that no white space follows.
std::size_t field_end(std::string_view octets, std::size_t at) {
  for (;;) {
    const std::size_t end = octets.find("\r\n", at);
    if (end == std::string_view::npos) return octets.size();
    if (end + 2 == octets.size() || !base::is_wsp(octets[end + 2])) return end;
    at = end + 2;
  }
}

Message split(std::string_view octets) {
  Message message;
  while (!octets.empty() && !octets.starts_with("\r\n")) {
    const std::size_t end = field_end(octets, 0);
    message.header.add_line(octets.substr(0, end));
    octets.remove_prefix(std::min(end + 2, octets.size()));
  }
  message.body = octets.substr(std::min<std::size_t>(2, octets.size()));
  return message;
}

dkim::Canonicalization canonicalization(std::string_view name) {
  return name == "simple" ? dkim::Canonicalization::simple : dkim::Canonicalization::relaxed;
}

base::UnixTime now() { return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()); }

void hash(std::string_view body, dkim::BodyHashes& hashes) {
  for (; !body.empty(); body.remove_prefix(std::min(chunk_octets, body.size()))) hashes.update(body.substr(0, chunk_octets));
  hashes.finish();
}

class Desk {
 public:
  Desk(dns::Zone zone, base::Domain domain) : resolver_(std::move(zone)), domain_(std::move(domain)) {}

  /// SELECTOR=KEYFILE
  void add_key(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos) throw std::runtime_error("expected SELECTOR=KEYFILE");
    auto key = auth::read_key_file(std::string(argument.substr(equals + 1)));
    if (!key) throw std::runtime_error(key.error());
    keys_.emplace(argument.substr(0, equals), std::move(*key));
  }

  /// With every field that there is covered, and From against one more.
  [[nodiscard]] std::string sign(std::string_view octets, const std::string& forms, const std::string& selector) const {
    const Message message = split(octets);
    dkim::SignPolicy policy;
    policy.header_canonicalization = canonicalization(forms.substr(0, forms.find('/')));
    policy.body_canonicalization = canonicalization(forms.substr(forms.find('/') + 1));
    policy.signed_fields.clear();
    for (std::size_t i = 0; i < message.header.size(); ++i)
      policy.signed_fields.push_back(base::to_lower(message.header[i].name));
    policy.oversigned_fields = {"from"};
    dkim::BodyHashes hashes;
    const dkim::Signer signer(message.header, {{domain_, selector, keys_.at(selector)}}, policy, now(), hashes);
    hash(message.body, hashes);
    return "DKIM-Signature:" + signer.finish(hashes).at(0) + "\r\n";
  }

  [[nodiscard]] std::string verify(std::string_view octets) {
    const Message message = split(octets);
    dkim::BodyHashes hashes;
    dkim::Verifier verifier(message.header, std::span(&domain_, 1), {}, now(), hashes);
    verifier.start(resolver_);
    hash(message.body, hashes);
    std::vector<std::string> texts;
    for (const dkim::Outcome& one : verifier.finish(hashes, base::SteadyTime{}))
      texts.push_back(std::string(dkim::to_text(one.result)) + (one.reason.empty() ? "" : ": " + one.reason));
    return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ", "));
  }

 private:
  dns::ZoneResolver resolver_;
  base::Domain domain_;
  std::map<std::string, dkim::PrivateKey> keys_;
};

std::string read_octets(std::size_t count) {
  std::string octets(count, '\0');
  if (!std::cin.read(octets.data(), static_cast<std::streamsize>(count))) throw std::runtime_error("request cut short");
  return octets;
}

std::string answer(Desk& desk, const std::string& request) {
  std::istringstream words(request);
  std::string what, forms, selector;
  std::size_t count = 0;
  words >> what;
  if (what == "sign") words >> forms >> selector;
  words >> count;
  if (!words || (what != "sign" && what != "verify")) throw std::runtime_error("no such request: " + request);
  const std::string octets = read_octets(count);
  return what == "sign" ? desk.sign(octets, forms, selector) : desk.verify(octets);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) throw std::runtime_error("usage: dkim_desk ZONE DOMAIN SELECTOR=KEYFILE…");
  Desk desk(dns::load_zone(argv[1]), base::Domain::parse(argv[2]).value());
  for (int i = 3; i < argc; ++i) desk.add_key(argv[i]);
  for (std::string request; std::getline(std::cin, request);) {
    const std::string text = answer(desk, request);
    std::cout << text.size() << '\n' << text << std::flush;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "dkim_desk: " << error.what() << '\n';
  return 1;
}
