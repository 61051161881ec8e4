#include "report/gzip.hpp"

#include <zlib.h>

#include <array>
#include <new>

namespace report {
namespace {

using base::parse_error;

constexpr std::string_view member_begin = "\x1f\x8b";
constexpr int gzip_windows = 15 + 16;  // the largest window; 16: gzip, not zlib

class Inflater {
 public:
  /// Borrows octets.
  explicit Inflater(std::string_view octets) : octets_(octets) {
    // zlib 1.2 has no const here, and reads only.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
    stream_.avail_in = static_cast<uInt>(octets.size());
    if (::inflateInit2(&stream_, gzip_windows) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { ::inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// zlib's status; the octets made are in `piece()` then.
  int step() {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    return ::inflate(&stream_, Z_NO_FLUSH);
  }
  [[nodiscard]] std::string_view piece() const { return {buffer_.data(), buffer_.size() - stream_.avail_out}; }
  [[nodiscard]] std::size_t place() const { return octets_.size() - stream_.avail_in; }
  /// False: no other member follows.
  bool begin_next() { return octets_.substr(place()).starts_with(member_begin) && ::inflateReset(&stream_) == Z_OK; }

 private:
  std::string_view octets_;
  z_stream stream_{};
  std::array<char, 64 * 1024> buffer_{};
};

}  // namespace

base::Result<std::string, base::ParseError> gunzip(std::string_view octets, std::size_t most) {
  if (octets.size() > most) return parse_error(most, "more gzip than is read");
  Inflater inflater(octets);
  std::string out;
  for (;;) {
    const int status = inflater.step();
    if (status != Z_OK && status != Z_STREAM_END) return parse_error(inflater.place(), "damaged or cut-off gzip");
    if (inflater.piece().size() > most - out.size()) return parse_error(inflater.place(), "more in the gzip than is read");
    out += inflater.piece();
    if (is_bomb(inflater.place(), out.size())) return parse_error(inflater.place(), "a gzip bomb");
    if (status == Z_STREAM_END && !inflater.begin_next()) return out;
  }
}

}  // namespace report
