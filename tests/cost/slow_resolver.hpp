#pragma once
// The DNS as a hostile message would like it: answers come one at a time, from another thread, and only when no
// further question has come for a while, so that everything that can wait does. Counts.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "dns/resolver.hpp"

namespace test {

class SlowResolver final : public dns::Resolver {
 public:
  using Zone = std::function<dns::AnswerPtr(const dns::Question&)>;

  explicit SlowResolver(Zone zone) : zone_(std::move(zone)), thread_([this] { run(); }) {}
  ~SlowResolver() override;

  void start(const dns::Question& question, Callback done) override;

  [[nodiscard]] std::size_t questions() const;
  [[nodiscard]] std::size_t most_in_flight() const;

 private:
  void run();

  const Zone zone_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::pair<dns::Question, Callback>> waiting_;
  std::size_t questions_ = 0;
  std::size_t most_in_flight_ = 0;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace test
