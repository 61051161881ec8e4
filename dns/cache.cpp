#include "dns/cache.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace dns {

/// All that is known and all that is awaited, behind one mutex. Callbacks are called without it.
class CachingResolver::Memory {
 public:
  Memory(Options options, Now now) : options_(options), now_(std::move(now)) {}

  enum class Next { call, wait, ask };
  /// What the asker is to do: call `done` with `answer`, wait for the question that is out, or ask it.
  /// `done` is taken unless it is to be called.
  [[nodiscard]] Next begin(const Question& question, Resolver::Callback& done, AnswerPtr& answer);
  /// What is kept, or null.
  [[nodiscard]] AnswerPtr at_hand(const Question& question);
  /// Keeps the answer and calls all who wait for it.
  void finish(const Question& question, const AnswerPtr& answer);
  [[nodiscard]] Counters counters() const;

 private:
  struct Entry {
    Question question;
    AnswerPtr answer;
    base::SteadyTime expires;
    std::size_t octets = 0;
  };
  using Entries = std::list<Entry>;  // the most recently used first

  [[nodiscard]] AnswerPtr find(const Question& question);
  void recount(const Question& question);
  void count(Entry& entry);
  void make_room();
  [[nodiscard]] std::chrono::seconds lifetime(const Answer& answer) const;
  void keep(const Question& question, const AnswerPtr& answer);
  void drop(Entries::iterator entry);

  const Options options_;
  const Now now_;
  mutable std::mutex mutex_;  // guards all that follows
  Entries entries_;
  std::unordered_map<Question, Entries::iterator> index_;
  std::unordered_map<Question, std::vector<Resolver::Callback>> in_flight_;
  Counters counters_;
};

CachingResolver::Memory::Next CachingResolver::Memory::begin(const Question& question, Resolver::Callback& done,
                                                             AnswerPtr& answer) {
  const std::lock_guard lock(mutex_);
  ++counters_.questions;
  answer = find(question);
  if (answer) {
    ++counters_.hits;
    return Next::call;
  }
  const auto [waiting, is_new] = in_flight_.try_emplace(question);
  waiting->second.push_back(std::move(done));
  ++(is_new ? counters_.upstream : counters_.shared);
  return is_new ? Next::ask : Next::wait;
}

AnswerPtr CachingResolver::Memory::at_hand(const Question& question) {
  const std::lock_guard lock(mutex_);
  AnswerPtr answer = find(question);
  if (answer) {
    ++counters_.questions;
    ++counters_.hits;
  }
  return answer;
}

void CachingResolver::Memory::finish(const Question& question, const AnswerPtr& answer) {
  std::vector<Resolver::Callback> callbacks;
  {
    const std::lock_guard lock(mutex_);
    keep(question, answer);
    callbacks = std::move(in_flight_.extract(question).mapped());
  }
  for (const auto& done : callbacks) done(answer);
  recount(question);
}

/// What readers make of an answer is kept with it: made mostly in the callback that brought it, so it is counted
/// after that, and again at every hit.
void CachingResolver::Memory::recount(const Question& question) {
  const std::lock_guard lock(mutex_);
  if (const auto known = index_.find(question); known != index_.end()) count(*known->second);
  make_room();
}

void CachingResolver::Memory::count(Entry& entry) {
  constexpr std::size_t overhead = 256;  // of the nodes of list and index
  counters_.octets -= entry.octets;
  entry.octets = entry.answer->octets() + 2 * (sizeof(Question) + entry.question.name.size()) + overhead;
  counters_.octets += entry.octets;
}

void CachingResolver::Memory::make_room() {
  while (counters_.octets > options_.max_octets) {
    drop(std::prev(entries_.end()));
    ++counters_.evictions;
  }
}

CachingResolver::Counters CachingResolver::Memory::counters() const {
  const std::lock_guard lock(mutex_);
  Counters counters = counters_;
  counters.entries = entries_.size();
  return counters;
}

AnswerPtr CachingResolver::Memory::find(const Question& question) {
  const auto known = index_.find(question);
  if (known == index_.end()) return nullptr;
  if (known->second->expires <= now_()) {
    drop(known->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, known->second);
  AnswerPtr answer = entries_.front().answer;
  count(entries_.front());
  make_room();
  return answer;
}

std::chrono::seconds CachingResolver::Memory::lifetime(const Answer& answer) const {
  if (is_failure(answer.status)) return options_.failure_ttl;
  return std::min(answer.ttl, is_void(answer.status) ? options_.max_negative_ttl : options_.max_ttl);
}

void CachingResolver::Memory::keep(const Question& question, const AnswerPtr& answer) {
  const auto life = lifetime(*answer);
  if (life.count() <= 0 || answer->octets() > options_.max_octets) return;
  entries_.push_front({question, answer, now_() + life});
  index_.emplace(question, entries_.begin());
  count(entries_.front());
  make_room();
}

void CachingResolver::Memory::drop(Entries::iterator entry) {
  counters_.octets -= entry->octets;
  index_.erase(entry->question);
  entries_.erase(entry);
}

CachingResolver::CachingResolver(Resolver& upstream, Options options, Now now)
    : upstream_(upstream), memory_(std::make_shared<Memory>(options, std::move(now))) {}

CachingResolver::~CachingResolver() = default;

void CachingResolver::start(const Question& question, Callback done) {
  AnswerPtr answer;
  switch (memory_->begin(question, done, answer)) {
    case Memory::Next::call:
      done(std::move(answer));
      return;
    case Memory::Next::wait:
      return;
    case Memory::Next::ask:
      upstream_.start(question, [memory = memory_, question](const AnswerPtr& got) { memory->finish(question, got); });
      return;
  }
}

AnswerPtr CachingResolver::at_hand(const Question& question) { return memory_->at_hand(question); }

CachingResolver::Counters CachingResolver::counters() const { return memory_->counters(); }

}  // namespace dns
