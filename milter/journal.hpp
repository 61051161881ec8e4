#pragma once
// Entries of systemd's journal with fields of their own (sd_journal_sendv(3), systemd.journal-fields(7)). The one file that
// knows how is journal.cpp.

#include <string>
#include <string_view>

#include "base/log.hpp"

namespace milter {

/// Whether a journal listens on this machine.
[[nodiscard]] bool has_journal();

/// One entry as one text, each assignment ended by a NUL: MESSAGE is `line`, PRIORITY as in syslog, SYSLOG_IDENTIFIER,
/// SIGNET_COMPONENT, and SIGNET_ with the key of each field in capitals; `qid` is SIGNET_QUEUE_ID.
[[nodiscard]] std::string journal_entry(base::LogLevel level, base::LogComponent component, std::string_view line,
                                        const base::LogFields& fields);

/// Sends what journal_entry() made. False: it was not taken.
[[nodiscard]] bool send_to_journal(std::string_view entry) noexcept;

}  // namespace milter
