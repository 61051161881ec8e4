#pragma once
// The header fields of one message, as they were on the wire. RFC 5322 §2.2.
// Holds octets and finds fields; it does not interpret them.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace message {

/// One field. Views into the HeaderBlock it came from: valid until the next add().
struct Field {
  std::string_view raw;    // name, colon, value; CRLF at folds, none at the end
  std::string_view name;   // as written, without white space before the colon
  std::string_view value;  // everything after the colon, leading space included

  [[nodiscard]] bool is(std::string_view field_name) const;  // ASCII case means nothing
};

class HeaderBlock {
 public:
  static constexpr std::size_t default_max_octets = 64 * 1024;
  static constexpr std::size_t most_octets = 0xffffffff;  // what a field's place can count

  /// max_octets: of all fields together, line ends included; at most most_octets.
  explicit HeaderBlock(std::size_t max_octets = default_max_octets);

  /// Adds the next field. A bare LF in `value` (how libmilter gives folds) becomes CRLF; a CRLF stays.
  /// `value` has its leading space if the sender wrote one. False, and nothing is added, now and from
  /// then on, when the block would exceed its limit: see is_truncated().
  bool add(std::string_view name, std::string_view value);
  /// The same for a whole field line, "Name: value" (from a file); without a colon it is all name.
  bool add_line(std::string_view line);

  [[nodiscard]] bool is_truncated() const { return truncated_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] Field operator[](std::size_t index) const;  // 0 is the topmost
  /// Indices of the fields with this name, top to bottom.
  [[nodiscard]] std::vector<std::size_t> find_all(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;

 private:
  struct Entry {  // begins where the one before ends
    std::uint32_t name_size = 0, value_begin = 0, end = 0;
  };
  bool store(std::string_view name, std::string_view colon, std::string_view value);

  std::string text_;
  std::deque<Entry> entries_;  // not a vector: it would take twice its size, and a half, as it grows
  std::size_t max_octets_;
  bool truncated_ = false;
};

}  // namespace message
