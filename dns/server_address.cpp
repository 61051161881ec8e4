#include "dns/server_address.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace dns {
namespace {

/// The octets of `text` that are the host, with its brackets.
std::size_t host_size(std::string_view text) {
  if (text.starts_with('[')) return std::min(text.find(']'), text.size() - 1) + 1;
  const bool has_port = std::count(text.begin(), text.end(), ':') == 1;
  return has_port ? text.find(':') : text.size();
}

}  // namespace

base::Result<ServerAddress, base::ParseError> ServerAddress::parse(std::string_view text) {
  const std::size_t size = host_size(text);
  std::string_view host = text.substr(0, size);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = base::IpAddress::parse(host);
  if (!address) return tl::unexpected<base::ParseError>(address.error());
  if (size == text.size()) return ServerAddress{*address};
  std::uint64_t port = 0;
  const bool good =
      text[size] == ':' && base::parse_number(text.substr(size + 1), std::numeric_limits<std::uint16_t>::max(), port);
  if (!good || port == 0) return base::parse_error(size, "not a port number");
  return ServerAddress{*address, static_cast<std::uint16_t>(port)};
}

}  // namespace dns
