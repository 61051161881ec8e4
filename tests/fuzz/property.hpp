#pragma once
// What every fuzz target shares: a property that must hold, and the input as text or taken apart into choices.
// A target is one function from octets to nothing; libFuzzer drives it, and so does replay_main.cpp.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// Returns 0, always; a broken property ends the process.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size);

namespace fuzz {

/// `text` says what is true of every input, as the name of a test does.
inline void require(bool holds, const char* text) {
  if (holds) return;
  static_cast<void>(std::fprintf(stderr, "BROKEN PROPERTY: %s\n", text));
  std::abort();
}

inline std::string_view as_text(const std::uint8_t* octets, std::size_t size) {
  return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(octets), size);
}

/// Takes choices from the front of an input, so that the text behind them stays readable. When there is nothing left
/// every choice is the first one and every text is empty.
class Input {
 public:
  explicit Input(std::string_view octets) : rest_(octets) {}

  [[nodiscard]] bool is_empty() const { return rest_.empty(); }
  [[nodiscard]] unsigned octet() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  /// 0 to count - 1, from one octet: '0' is 0 where count divides 48.
  [[nodiscard]] unsigned below(unsigned count) { return octet() % count; }
  [[nodiscard]] bool flag() { return (octet() & 1U) != 0; }
  /// Up to the next separator, which is dropped.
  [[nodiscard]] std::string_view until(char separator) {
    const std::size_t end = rest_.find(separator);
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return text;
  }
  [[nodiscard]] std::string_view line() { return until('\n'); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// The same numbers on every machine, from a seed: where an input chooses more than it has octets for.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  /// SplitMix64.
  [[nodiscard]] std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  [[nodiscard]] std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }

 private:
  std::uint64_t state_;
};

}  // namespace fuzz
