#include "report/mime.hpp"

#include <algorithm>
#include <optional>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "message/message_file.hpp"

namespace report {
namespace {

using base::parse_error;
using Parts = base::Result<std::vector<std::string>, base::ParseError>;

constexpr std::string_view crlf = "\r\n";

std::string field(const message::HeaderBlock& header, std::string_view name) {
  const auto found = header.find_all(name);
  return found.empty() ? std::string() : std::string(base::trim(header[found.front()].value));
}

/// "; boundary=..." with or without quotes (RFC 2045 §5.1); empty: there is none.
std::string boundary_of(std::string_view content_type) {
  for (const std::string_view part : base::split(content_type, ';')) {
    const std::string_view parameter = base::trim(part);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !base::iequals(base::trim(parameter.substr(0, equals)), "boundary")) continue;
    std::string_view value = base::trim(parameter.substr(equals + 1));
    if (!value.starts_with('"')) return std::string(value.substr(0, value.find_first_of(" \t")));
    value.remove_prefix(1);
    return std::string(value.substr(0, value.find('"')));
  }
  return {};
}

/// The bodies between the delimiters, without the line end that belongs to the next one. Borrows.
std::vector<std::string_view> split_multipart(std::string_view body, const std::string& boundary) {
  const std::string delimiter = "--" + boundary;
  std::vector<std::string_view> out;
  std::optional<std::size_t> begin;
  for (std::size_t at = 0; at < body.size() && out.size() <= MimeLimits::max_parts;) {
    const std::size_t end = std::min(body.find(crlf, at), body.size());
    const std::string_view line = body.substr(at, end - at);
    if (line.starts_with(delimiter)) {
      if (begin) out.push_back(body.substr(*begin, std::max(at, *begin + crlf.size()) - *begin - crlf.size()));
      begin = end + crlf.size();
      if (line.substr(delimiter.size()).starts_with("--")) return out;
    }
    at = end + crlf.size();
  }
  if (begin && *begin < body.size()) out.push_back(body.substr(*begin));  // cut off: what is there may be whole
  return out;
}

int hex(char c) {
  if (base::is_digit(c)) return c - '0';
  const char lower = base::to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// RFC 2045 §6.7; what is no escape stays as it is.
std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i + 1).starts_with(crlf)) {
      i += 2;
    } else if (i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += '=';
    }
  }
  return out;
}

std::optional<std::string> decode(std::string_view body, std::string_view encoding) {
  if (base::iequals(encoding, "quoted-printable")) return decode_quoted_printable(body);
  if (!base::iequals(encoding, "base64")) return std::string(body);
  const auto octets = base::decode_base64(body);
  if (!octets) return std::nullopt;
  return std::string(octets->begin(), octets->end());
}

class Walk {
 public:
  /// False: a limit is exceeded.
  bool enter(std::string_view octets, std::size_t depth) {
    if (depth > MimeLimits::max_depth || ++seen_ > MimeLimits::max_parts) return false;
    // An entity without header fields begins with the empty line that ends them (RFC 2046 §5.1).
    const message::MessageFile entity = message::parse_message_file(octets, MimeLimits::max_header_octets);
    if (entity.header.is_truncated()) return false;
    const std::string type = field(entity.header, "Content-Type");
    if (base::istarts_with(type, "multipart/")) {
      const std::string boundary = boundary_of(type);
      if (boundary.empty()) return true;
      const auto parts = split_multipart(entity.body, boundary);
      return std::all_of(parts.begin(), parts.end(), [&](std::string_view part) { return enter(part, depth + 1); });
    }
    auto body = decode(entity.body, field(entity.header, "Content-Transfer-Encoding"));
    if (!body) return true;
    if (base::istarts_with(type, "message/rfc822")) return enter(*body, depth + 1);
    found_.push_back(std::move(*body));
    return true;
  }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  std::size_t seen_ = 0;
  std::vector<std::string> found_;
};

}  // namespace

Parts find_parts(std::string_view message) {
  const std::string_view first_line = message.substr(0, message.find('\n'));
  if (first_line.find(':') == std::string_view::npos && !first_line.starts_with("From "))
    return parse_error(0, "no report: neither XML, gzip, zip nor a mail");
  Walk walk;
  if (!walk.enter(message, 0)) return parse_error(0, "a mail with too many parts, or too deep in each other");
  return walk.take();
}

}  // namespace report
