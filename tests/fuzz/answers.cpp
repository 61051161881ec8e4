#include "tests/fuzz/answers.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/zone_file.hpp"

namespace fuzz {
namespace {

using dns::Status;

constexpr std::size_t most_records = 12;  // of one answer: more than SPF looks at

/// FNV-1a: the same on every machine, which std::hash is not.
std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t value = 0xcbf29ce484222325U ^ seed;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return value;
}

Status status_of(Nature nature, Dice& dice) {
  constexpr std::array some{
      Status::ok,       Status::ok, Status::ok, Status::no_such_name, Status::no_data, Status::timeout, Status::server_failure,
      Status::malformed};
  switch (nature) {
    case Nature::absent:
      return Status::no_such_name;
    case Nature::empty:
      return Status::no_data;
    case Nature::slow:
      return Status::timeout;
    case Nature::broken:
      return Status::server_failure;
    case Nature::plentiful:
      return Status::ok;
    case Nature::mixed:
      return some.at(dice.below(some.size()));
  }
  return Status::malformed;
}

template <class T>
const T& pick(const std::vector<T>& from, Dice& dice) {
  return from[dice.below(from.size())];
}

void add_record(dns::Answer& answer, dns::Type type, const Stock& stock, Dice& dice) {
  switch (type) {
    case dns::Type::a:
    case dns::Type::aaaa:
      if (const auto& address = pick(stock.addresses, dice); address.is_v4() == (type == dns::Type::a))
        answer.addresses.push_back(address);
      return;
    case dns::Type::txt:
      return answer.texts.push_back(pick(stock.texts, dice));
    case dns::Type::mx:
      return answer.exchanges.push_back({static_cast<std::uint16_t>(dice.below(3)), pick(stock.names, dice)});
    case dns::Type::ns:
    case dns::Type::cname:
    case dns::Type::ptr:
      return answer.names.push_back(pick(stock.names, dice));
  }
}

}  // namespace

dns::AnswerPtr Answers::make_up(const dns::Question& question) const {
  Dice dice(hash(question.name, seed_ * 31 + static_cast<unsigned>(question.type)));
  auto answer = std::make_shared<dns::Answer>();
  answer->status = status_of(nature_, dice);
  if (answer->status != Status::ok) return answer;
  const std::size_t texts_at_once = dice.below(4) == 0 ? 2 : 1;
  const std::size_t count = question.type == dns::Type::txt ? texts_at_once : 1 + dice.below(most_records);
  for (std::size_t i = 0; i < count; ++i) add_record(*answer, question.type, stock_, dice);
  const bool is_empty =
      answer->addresses.empty() && answer->texts.empty() && answer->exchanges.empty() && answer->names.empty();
  return is_empty ? dns::make_empty_answer(Status::no_data) : dns::AnswerPtr(answer);
}

dns::AnswerPtr Answers::answer(const dns::Question& question) const {
  require(dns::is_sendable_name(question.name), "a question is for a name that can be sent");
  auto known = zone_.look_up(question);
  return known->status == Status::no_such_name ? make_up(question) : known;
}

void Answers::start(const dns::Question& question, Callback done) {
  ++questions_;
  if (is_holding_)
    held_.emplace_back(question, std::move(done));
  else
    done(answer(question));
}

dns::AnswerPtr Answers::at_hand(const dns::Question& question) {
  const bool is_there = !is_holding_ && hash(question.name, seed_) % 2 == 0;
  if (!is_there) return nullptr;
  ++questions_;
  return answer(question);
}

void Answers::release(Dice& dice, std::size_t most) {
  for (; !held_.empty() && most != 0; --most) {
    std::swap(held_[dice.below(held_.size())], held_.back());
    const auto [question, done] = std::move(held_.back());
    held_.pop_back();
    done(answer(question));
  }
}

dns::Zone read_zone(std::string_view text) {
  while (true) {
    auto zone = dns::parse_zone(text);
    if (zone) return std::move(*zone);
    // Lines are dropped from the end, the faulty one with those behind it.
    std::size_t end = 0;
    for (std::size_t line = 1; line < zone.error().line && end != std::string_view::npos; ++line)
      end = text.find('\n', end) + 1;
    const std::string_view sound = text.substr(0, end);
    text = sound.size() < text.size() ? sound : std::string_view();
  }
}

}  // namespace fuzz
