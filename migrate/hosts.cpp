#include "migrate/hosts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "conf/syntax.hpp"

namespace migrate {
namespace {

using base::IpAddress;
using base::IpNetwork;

constexpr std::size_t max_exclusions = 1000;  // each may split each network

struct Octets {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v4 = true;

  explicit Octets(const IpAddress& address) : is_v4(address.is_v4()) {
    const auto from = address.octets();
    std::copy(from.begin(), from.end(), bytes.begin());
  }
  [[nodiscard]] IpAddress address() const {
    const std::span<const std::uint8_t, 16> all(bytes);
    return is_v4 ? IpAddress::v4(all.first<4>()) : IpAddress::v6(all);
  }
  void set_bit(unsigned bit, bool value) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    auto& octet = bytes[bit / 8];
    octet = static_cast<std::uint8_t>(value ? octet | mask : octet & ~mask);
  }
};

IpNetwork half(const IpNetwork& network, bool upper) {
  Octets octets(network.address);
  octets.set_bit(network.prefix, upper);
  return {octets.address(), network.prefix + 1};
}

bool is_within(const IpNetwork& inner, const IpNetwork& outer) {
  return inner.address.is_v4() == outer.address.is_v4() && inner.prefix >= outer.prefix && outer.contains(inner.address);
}

/// A list of hosts while it is read.
class Reading {
 public:
  Reading(std::string_view option, Findings& findings) : option_(option), findings_(findings) {}

  void read(const DataEntry& entry) {
    std::string_view text = entry.key;
    const bool is_exclusion = text.starts_with('!');
    if (is_exclusion) text.remove_prefix(1);
    if (base::iequals(text, "localhost")) {
      add("127.0.0.1", entry, is_exclusion);
      add("::1", entry, is_exclusion);
    } else {
      add(without_brackets(text), entry, is_exclusion);
    }
  }

  std::vector<HostNetwork> finish() {
    for (const auto& hole : holes_) {
      std::vector<HostNetwork> left;
      for (const auto& network : networks_)
        for (const auto& part : subtract(network.network, hole)) left.push_back({part, network.why});
      networks_ = std::move(left);
    }
    return std::move(networks_);
  }

 private:
  /// "[2001:db8::1]" and "[192.0.2.0]/24": brackets may be around the address.
  static std::string without_brackets(std::string_view text) {
    std::string out(text);
    out.erase(std::remove_if(out.begin(), out.end(), [](char c) { return c == '[' || c == ']'; }), out.end());
    return out;
  }

  void add(const std::string& text, const DataEntry& entry, bool is_exclusion) {
    const auto network = IpNetwork::parse(text);
    if (!network) return refuse(text, entry.place);
    const IpNetwork clean = without_host_bits(*network);
    if (clean != *network)
      findings_.warn(entry.place,
                     fmt::format("{}: {} has bits set behind its prefix, so the old program never matched it; taken as {}",
                                 option_, conf::printable_words(text), clean.text()));
    if (!is_exclusion)
      networks_.push_back({clean, cite(entry)});
    else if (holes_.size() < max_exclusions)
      holes_.push_back(clean);
    else
      findings_.problem(entry.place, fmt::format("more than {} exclusions: this one is left out", max_exclusions));
  }

  void refuse(const std::string& text, const Place& place) {
    findings_.warn(place, fmt::format("{}: {} is a name, and Signet goes by addresses: if this host sends without logging in, "
                                      "add its address to the list",
                                      option_, conf::printable_words(text)));
  }

  std::string_view option_;
  Findings& findings_;
  std::vector<HostNetwork> networks_;
  std::vector<IpNetwork> holes_;
};

}  // namespace

base::IpNetwork without_host_bits(const IpNetwork& network) {
  Octets octets(network.address);
  for (unsigned bit = network.prefix; bit < network.address.bits(); ++bit) octets.set_bit(bit, false);
  return {octets.address(), network.prefix};
}

std::vector<IpNetwork> subtract(const IpNetwork& network, const IpNetwork& hole) {
  if (!is_within(hole, network)) return {network};  // what surrounds it is less precise, and counts less
  std::vector<IpNetwork> left;
  IpNetwork around = network;
  while (around.prefix < hole.prefix) {
    const bool is_upper = half(around, true).contains(hole.address);
    left.push_back(half(around, !is_upper));
    around = half(around, is_upper);
  }
  return left;
}

std::vector<HostNetwork> read_networks(const DataSet& set, std::string_view option, Findings& findings) {
  Reading reading(option, findings);
  for (const auto& entry : set.entries) reading.read(entry);
  return reading.finish();
}

}  // namespace migrate
