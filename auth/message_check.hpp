#pragma once
// One message on its way: envelope, header fields and body chunks in, a Report out. Knows no milter: the
// daemon, the tool, the tests and the fuzzers all drive this with the same octets.
// Thread rule: one thread at a time, not always the same.

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "auth/options.hpp"
#include "auth/report.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "dns/resolver.hpp"

namespace auth {

/// What messages share. All of it outlives every MessageCheck.
struct Context {
  dns::Resolver& resolver;
  base::Log& log;
  std::function<base::UnixTime()> now;  // wall clock, for t= and x=
  /// 0 to 99, drawn once a message where a record read by RFC 7489 has a pct= (§6.6.4): a message drawn at or above it is
  /// under the next lower policy. The daemon draws at random; without that, every message is in the sample.
  std::function<std::uint32_t()> draw = [] { return 0U; };
};

class MessageCheck {
 public:
  /// At MAIL FROM: decides whose message it is and starts SPF. Blocks on nothing until finish().
  MessageCheck(const Context& context, std::shared_ptr<const Options> options, Envelope envelope);
  ~MessageCheck();
  MessageCheck(const MessageCheck&) = delete;
  MessageCheck& operator=(const MessageCheck&) = delete;

  [[nodiscard]] Role role() const;
  void set_queue_id(std::string_view queue_id);
  /// `value` as HeaderBlock::add wants it.
  void add_field(std::string_view name, std::string_view value);
  /// Starts keys and policy discovery; makes ready for the body.
  void end_of_header();
  [[nodiscard]] bool wants_body() const;
  void add_body(std::string_view chunk);
  /// Once, after end_of_header(). Waits for the DNS, within the configured bounds.
  [[nodiscard]] Report finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace auth
