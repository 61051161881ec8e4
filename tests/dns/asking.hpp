#pragma once
// Asking a real transport about a server of the test's own.

#include <catch2/catch.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "dns/ares_resolver.hpp"
#include "tests/support/dns_server.hpp"

namespace test {

/// Collects answers as they come.
class Answers {
 public:
  dns::Resolver::Callback slot(const std::string& key) {
    return [this, key](dns::AnswerPtr answer) {
      const std::lock_guard lock(mutex_);
      answers_[key].push_back(std::move(answer));
      ++count_;
      changed_.notify_all();
    };
  }
  [[nodiscard]] bool wait_for(std::size_t count, std::chrono::milliseconds most = std::chrono::seconds{10}) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, most, [&] { return count_ >= count; });
  }
  /// The one answer to this; another number of them is a null pointer.
  [[nodiscard]] dns::AnswerPtr one(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return answers_[key].size() == 1 ? answers_[key].front() : nullptr;
  }
  [[nodiscard]] std::size_t count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<dns::AnswerPtr>> answers_;
  std::size_t count_ = 0;
};

inline dns::AresResolver::Options options_for(const DnsServer& server) {
  dns::AresResolver::Options options;
  options.servers = {server.address()};
  options.timeout = std::chrono::milliseconds{100};
  return options;
}

inline dns::AnswerPtr ask(dns::Resolver& resolver, const dns::Question& question) {
  Answers answers;
  resolver.start(question, answers.slot("x"));
  REQUIRE(answers.wait_for(1));
  return answers.one("x");
}

inline DnsReply address_reply(const dns::Question& question) {
  DnsReply reply;
  reply.message.answers = {address_record(question.name, "192.0.2.1")};
  return reply;
}

inline DnsServer::Handler always(const std::function<void(DnsReply&, const DnsServer::Request&)>& change) {
  return [change](const DnsServer::Request& request) {
    DnsReply reply = address_reply(request.question);
    change(reply, request);
    return reply;
  };
}

inline const auto unchanged = [](DnsReply&, const DnsServer::Request&) {};

}  // namespace test
