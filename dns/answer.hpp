#pragma once
// What the DNS said to one question, CNAMEs followed. Immutable and shared: the cache, every Inquiry that
// asked, and what was parsed from the records (`derived`) all hold the same object.

#include <any>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"

namespace dns {

enum class Status {
  ok,              // at least one record of the type
  no_such_name,    // NXDOMAIN
  no_data,         // the name exists and has no record of the type; also: only a CNAME
  timeout,         // no server answered in time, or the deadline of the asker passed
  server_failure,  // SERVFAIL, REFUSED, …
  malformed,       // the answer could not be read, or broke a limit
};

inline constexpr std::array all_statuses = {Status::ok,      Status::no_such_name,   Status::no_data,
                                            Status::timeout, Status::server_failure, Status::malformed};

[[nodiscard]] std::string_view to_text(Status status);

/// The two answers that RFC 7208 §4.6.4 counts as void lookups.
[[nodiscard]] constexpr bool is_void(Status s) { return s == Status::no_such_name || s == Status::no_data; }
/// No answer could be had: what the mechanisms call temperror.
[[nodiscard]] constexpr bool is_failure(Status s) { return s != Status::ok && !is_void(s); }

struct Mx {
  std::uint16_t preference = 0;
  std::string exchange;  // as dns::Question spells names; empty: "." (RFC 7505)

  friend auto operator<=>(const Mx&, const Mx&) = default;
};

class Answer {
 public:
  static constexpr std::size_t max_records = 256;  // per answer; more is Status::malformed

  Status status = Status::no_data;
  std::vector<base::IpAddress> addresses;  // of A or AAAA
  std::vector<std::string> texts;          // of TXT; the character-strings of one record joined
  std::vector<Mx> exchanges;               // of MX, in the order received
  std::vector<std::string> names;          // of PTR, CNAME, NS
  std::chrono::seconds ttl{0};             // the smallest of the chain; negative answers: RFC 2308 §5

  /// What `make` makes of this answer, made once however many ask (a parsed record, a decoded key). One
  /// type T per answer: every answer has one reader. `make(*this)` may run on any thread, and must not throw.
  /// A T that holds more than itself says so by octets().
  template <class T, class Make>
  [[nodiscard]] std::shared_ptr<const T> derived(Make make) const {
    const std::lock_guard lock(derived_mutex_);
    if (const auto* known = std::any_cast<std::shared_ptr<const T>>(&derived_)) return *known;
    auto made = std::make_shared<const T>(make(*this));
    if (derived_.has_value()) return made;
    if constexpr (requires { made->octets(); })
      derived_octets_ = made->octets();
    else
      derived_octets_ = sizeof(T);
    derived_ = made;
    return made;
  }

  /// Roughly the memory this holds, with what was derived so far: for the bounds of the cache and of an Inquiry.
  [[nodiscard]] std::size_t octets() const;

 private:
  mutable std::mutex derived_mutex_;
  mutable std::any derived_;
  mutable std::atomic<std::size_t> derived_octets_ = 0;
};

using AnswerPtr = std::shared_ptr<const Answer>;

/// An answer without records.
[[nodiscard]] AnswerPtr make_empty_answer(Status status, std::chrono::seconds ttl = std::chrono::seconds{0});

}  // namespace dns
