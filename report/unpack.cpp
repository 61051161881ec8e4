#include "report/unpack.hpp"

#include <iterator>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "report/gzip.hpp"
#include "report/mime.hpp"
#include "report/zip.hpp"

namespace report {
namespace {

using base::parse_error;
using Found = base::Result<std::vector<std::string>, base::ParseError>;

enum class Packing { xml, gzip, zip, other };

constexpr std::string_view utf8_mark = "\xef\xbb\xbf", utf16_little_mark = "\xff\xfe", utf16_big_mark = "\xfe\xff";

Packing packing_of(std::string_view octets) {
  if (octets.starts_with("\x1f\x8b")) return Packing::gzip;
  if (octets.starts_with("PK\x03\x04") || octets.starts_with("PK\x05\x06")) return Packing::zip;
  if (octets.starts_with(utf16_little_mark) || octets.starts_with(utf16_big_mark)) return Packing::xml;
  if (octets.starts_with(utf8_mark)) octets.remove_prefix(utf8_mark.size());
  return base::trim(octets).starts_with('<') ? Packing::xml : Packing::other;
}

/// A part of a mail that is text and no report is what people read, such as HTML.
bool may_be_report(std::string_view part) {
  const Packing packing = packing_of(part);
  if (packing != Packing::xml) return packing != Packing::other;
  const std::string_view head = part.substr(0, 4096);
  return head.find("<feedback") != std::string_view::npos || head.find(":feedback") != std::string_view::npos ||
         head.find('\0') != std::string_view::npos;  // UTF-16
}

class Unpacking {
 public:
  /// Fails beyond a limit and on damage.
  Found open(std::string octets, std::size_t depth) {
    const Packing packing = packing_of(octets);
    if (packing == Packing::xml) return std::vector<std::string>{std::move(octets)};
    if (depth >= UnpackLimits::max_depth) return parse_error(0, "packed too often");
    auto inner = open_one(octets, packing, depth);
    octets = {};
    if (!inner) return inner;
    std::size_t made = 0;
    for (const std::string& one : *inner) made += one.size();
    if (made > left_) return parse_error(0, "more in it than is read");
    left_ -= made;
    return open_all(std::move(*inner), depth + 1);
  }

 private:
  Found open_one(std::string_view octets, Packing packing, std::size_t depth) const {
    if (packing == Packing::zip) return unzip(octets, UnpackLimits::max_octets);
    if (packing == Packing::gzip)
      return gunzip(octets, UnpackLimits::max_octets).map([](std::string xml) {
        return std::vector<std::string>{std::move(xml)};
      });
    if (depth > 0) return parse_error(0, "something packed that is no report");
    return find_parts(octets);
  }

  /// One that cannot be used does not hide another.
  Found open_all(std::vector<std::string> candidates, std::size_t depth) {
    std::vector<std::string> out;
    std::optional<base::ParseError> fault;
    for (std::string& candidate : candidates) {
      if (!may_be_report(candidate)) continue;
      auto found = open(std::move(candidate), depth);
      if (!found && !fault) fault = found.error();
      if (found) std::move(found->begin(), found->end(), std::back_inserter(out));
    }
    if (!out.empty()) return out;
    return fault ? tl::unexpected(*fault) : parse_error(0, "no report in it");
  }

  std::size_t left_ = 2 * UnpackLimits::max_octets;  // gzip in a mail is counted at both levels
};

}  // namespace

Found unpack(std::string_view octets) {
  if (octets.size() > UnpackLimits::max_octets) return parse_error(UnpackLimits::max_octets, "larger than is read");
  return Unpacking().open(std::string(octets), 0);
}

}  // namespace report
