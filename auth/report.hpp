#pragma once
// All that was found out about one message, and what is to be done with it.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/decision.hpp"
#include "auth/envelope.hpp"
#include "auth/role.hpp"
#include "auth/shadow.hpp"
#include "base/log.hpp"
#include "dkim/verifier.hpp"
#include "dmarc/evaluation.hpp"
#include "message/author.hpp"
#include "spf/check_host.hpp"
#include "spf/trace.hpp"

namespace auth {

/// One of SPF's two identities. RFC 7208 §2.3, §2.4.
struct SpfCheck {
  std::string domain;  // what was checked; empty: nothing could be
  spf::Verdict verdict;
  std::shared_ptr<const spf::Trace> trace{};  // how it came about, if Options::keeps_evidence
};

/// One edit of the header. Field values have LF at folds and begin with a space.
struct Change {
  enum class Kind { delete_field, insert_at_top };
  Kind kind = Kind::insert_at_top;
  std::string name;
  std::size_t instance = 0;  // delete: which field of this name, from the top, from 1
  std::string value;         // insert
};

struct Signature {
  std::string domain, selector, algorithm;
};

struct Report {
  Envelope envelope;
  std::optional<std::vector<ShadowDifference>> shadow;  // none: not compared; `changes` are empty in shadow mode
  bool is_monitor = false;  // the disposition is only for the log; `changes` hold nothing but Authentication-Results
  RoleDecision role;
  message::Author author;
  bool is_header_truncated = false;
  SpfCheck spf_helo;
  SpfCheck spf_mail_from;  // with a null reverse-path: postmaster@HELO, the same as spf_helo
  std::vector<dkim::Outcome> dkim;
  std::vector<dmarc::Verdict> dmarc_by_author;  // one per Author Domain
  std::optional<dmarc::Verdict> dmarc;          // of all of them; none: no Author Domain
  std::optional<Indirect> indirect;
  Disposition disposition;
  std::vector<Signature> signatures;   // made; in shadow mode those that would be
  std::string sign_reason;             // token: signed, or why not
  std::string authentication_results;  // the field's value, unfolded per result; empty: not written
  std::vector<Change> changes;         // in the order to apply them
  std::chrono::microseconds waited_on_dns{0};
  std::chrono::microseconds total{0};  // from MAIL FROM
};

/// What to do with the message: the disposition's action, or in monitor mode always accept.
[[nodiscard]] inline Action action_to_take(const Report& report) {
  return report.is_monitor ? Action::accept : report.disposition.action;
}

/// The line of the message in the log; outside values are bounded.
[[nodiscard]] base::LogFields log_fields(const Report& report);
/// The same as text: key=value.
[[nodiscard]] std::string log_line(const Report& report);

}  // namespace auth
