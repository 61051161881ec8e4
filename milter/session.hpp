#pragma once
// One milter connection: its Connection half, and the Message half of the message in progress. State
// transitions only; knows no libmilter, so that tests and fuzzers can play the MTA. RFC 5321 §4.1.4 (order).
// Thread rule: one call at a time, from any thread (libmilter's callbacks of a session hop threads).

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/message_check.hpp"
#include "milter/setup.hpp"
#include "milter/shadow_tally.hpp"

namespace milter {

class Metrics;

/// What all sessions share. Outlives them.
struct Service {
  base::Log& log;
  std::function<base::UnixTime()> now;  // as in auth::Context
  std::function<std::uint32_t()> draw;
  SetupInForce setup;
  std::atomic<std::size_t> sessions{0};
  std::atomic<std::size_t> served{0};    // sessions that have had a message
  std::atomic<std::size_t> messages{0};  // in progress: from MAIL FROM to the verdict
  ShadowTally shadow{log};
  Metrics* metrics = nullptr;  // none: nobody looks at them
};

class Session {
 public:
  explicit Session(Service& service);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void connect(auth::Connection connection);
  void helo(std::string_view name);
  /// A new message, under the setup now in force until its end; one that was in progress is dropped. `argument`: the
  /// reverse-path as libmilter gives it.
  void mail(std::string_view argument, bool is_smtputf8, std::string_view authentication_type);
  void header(std::string_view name, std::string_view value);
  void end_of_header();
  [[nodiscard]] bool wants_body() const;
  /// Ends the header, too, where nobody did.
  void body(std::string_view chunk);
  /// The verdict, logged. A message that an earlier fault spoilt, or that has no MAIL FROM, gets `on-internal-error`.
  [[nodiscard]] auth::Report end_of_message(std::string_view queue_id);
  /// RSET, or the client went away: the message is dropped, the connection stays.
  void abort();
  /// Something of ours failed while this message was handled: logs it, and its verdict becomes the fallback.
  void fault(std::string_view where, std::string_view what) noexcept;

 private:
  void begin_message();
  void end_message();
  void log(const auth::Report& report);
  [[nodiscard]] auth::Report fallback(std::string_view queue_id) const;

  Service& service_;
  auth::Connection connection_;
  SetupPtr setup_;  // of the message in progress, for as long as it is
  std::unique_ptr<auth::MessageCheck> message_;
  bool is_in_message_ = false;
  bool had_message_ = false;
  bool is_header_over_ = false;
  bool is_faulty_ = false;
};

}  // namespace milter
