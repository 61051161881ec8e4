#pragma once
// The questions on their way to the DNS thread: first in, first out, with a bound. Any thread joins the line;
// the DNS thread takes from it, and polls a descriptor that turns readable when there is something to take.

#include <cstddef>
#include <list>
#include <mutex>

#include "base/time.hpp"
#include "dns/resolver.hpp"

namespace dns {

struct Query {
  Question question;
  Resolver::Callback done;
  base::SteadyTime since{};
  AnswerPtr answer = nullptr;
};
using Queries = std::list<Query>;  // lists, so that a query moves from one to the next without allocation

class WaitingLine {
 public:
  /// Throws std::runtime_error when the system gives no descriptor.
  explicit WaitingLine(std::size_t most);
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;
  ~WaitingLine();

  /// Takes the one query of the list, or leaves it there: the line is full or closed.
  void join(Queries& query);
  [[nodiscard]] Queries take(std::size_t most);
  [[nodiscard]] bool is_empty() const;

  /// From now on nothing joins. Makes descriptor() readable.
  void close();
  [[nodiscard]] bool is_closed() const;

  /// Readable when the line was empty and no longer is, or was closed, until quiet().
  [[nodiscard]] int descriptor() const { return descriptor_; }
  void quiet();

 private:
  void ring();

  const std::size_t most_;
  const int descriptor_;
  mutable std::mutex mutex_;
  Queries queries_;         // guarded by mutex_
  bool is_closed_ = false;  // guarded by mutex_
};

}  // namespace dns
