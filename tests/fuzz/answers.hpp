#pragma once
// The DNS of a fuzz target: what the input wrote down as a zone, and for every other name an answer made up from the
// question and a seed, so that the same question always has the same answer. Some answers are at hand, others come
// when they are asked for; or all are held back and then come in any order.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "dns/inquiry.hpp"
#include "dns/resolver.hpp"
#include "dns/zone.hpp"
#include "tests/fuzz/property.hpp"

namespace fuzz {

/// What names that nobody listed are like.
enum class Nature { absent, empty, slow, broken, plentiful, mixed };
inline constexpr unsigned natures = 6;

/// What answers are made of when there is one.
struct Stock {
  std::vector<std::string> texts;          // TXT records
  std::vector<std::string> names;          // of exchanges, pointers and aliases
  std::vector<base::IpAddress> addresses;  // of either family
};

class Answers final : public dns::Resolver {
 public:
  Answers(dns::Zone zone, Nature nature, Stock stock, std::uint64_t seed)
      : zone_(std::move(zone)), nature_(nature), stock_(std::move(stock)), seed_(seed) {}

  void start(const dns::Question& question, Callback done) override;
  [[nodiscard]] dns::AnswerPtr at_hand(const dns::Question& question) override;

  /// From now on no answer is at hand and all wait for release(); off: they come at once.
  void hold(bool on) { is_holding_ = on; }
  /// Gives answers in an order the dice choose until none waits, and none of the questions they lead to; or only `most`.
  void release(Dice& dice, std::size_t most = SIZE_MAX);

  [[nodiscard]] std::size_t question_count() const { return questions_; }

 private:
  [[nodiscard]] dns::AnswerPtr answer(const dns::Question& question) const;
  [[nodiscard]] dns::AnswerPtr make_up(const dns::Question& question) const;

  const dns::Zone zone_;
  const Nature nature_;
  const Stock stock_;
  const std::uint64_t seed_;
  std::size_t questions_ = 0;
  bool is_holding_ = false;
  std::vector<std::pair<dns::Question, Callback>> held_;
};

/// The zone that text holds (dns/zone_file.hpp), up to the first line that is none.
[[nodiscard]] dns::Zone read_zone(std::string_view text);

/// Runs an evaluator to its verdict; answers that are held back count as timeouts.
template <class Verdict, class Evaluator>
Verdict decide(dns::Resolver& resolver, Evaluator evaluator) {
  return dns::Inquiry<Verdict>::start(resolver, std::move(evaluator))->collect(base::SteadyTime{});
}

}  // namespace fuzz
