#pragma once
// gzip (RFC 1952), the one file that knows zlib.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace report {

struct GzipLimits {
  static constexpr std::size_t max_ratio = 200;                     // reports reach 50; deflate at its worst 1032
  static constexpr std::size_t ratio_free = std::size_t{1} << 20U;  // octets that any ratio may make
};

/// All members, one behind the other; what follows them and is no member is ignored. Never holds more than `most` octets of
/// output. Fails on damage, on more than that, and on a bomb.
[[nodiscard]] base::Result<std::string, base::ParseError> gunzip(std::string_view octets, std::size_t most);

/// Whether `made` octets from `read` are more than honest data gives.
[[nodiscard]] constexpr bool is_bomb(std::size_t read, std::size_t made) {
  return made > GzipLimits::ratio_free && made / GzipLimits::max_ratio > read;
}

}  // namespace report
