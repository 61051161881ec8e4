#include "dmarc/opendmarc.hpp"

#include <fmt/format.h>
#include <memory>
#include <string>

extern "C" {
#include <opendmarc/dmarc.h>
}

namespace dmarc {
namespace {

/// The library takes pointers to non-const octets, though it only reads what we hand it here.
class Octets {
 public:
  explicit Octets(std::string text) : text_(std::move(text)) {}
  u_char* data() { return reinterpret_cast<u_char*>(text_.data()); }

 private:
  std::string text_;
};

struct Shutdown {
  void operator()(DMARC_POLICY_T* context) const { static_cast<void>(opendmarc_policy_connect_shutdown(context)); }
};
using Context = std::unique_ptr<DMARC_POLICY_T, Shutdown>;

/// Once for the process, however many threads ask first: it sets a global. Without a suffix file it keeps no memory, so
/// there is nothing to shut down.
bool is_library_ready() {
  static const bool is_ready = [] {
    OPENDMARC_LIB_T options{};
    options.tld_type = OPENDMARC_TLD_TYPE_NONE;
    return opendmarc_policy_library_init(&options) == DMARC_PARSE_OKAY;
  }();
  return is_ready;
}

/// The library enforces sp whenever it is told of an organizational domain, else p. The tag that must not count is
/// `none`, so that mistaking one for the other shows.
std::string render(const OpendmarcQuestion& question) {
  const std::string_view policy = to_text(question.policy);
  return question.is_inherited ? fmt::format("v=DMARC1; p=none; sp={}", policy)
                               : fmt::format("v=DMARC1; p={}; sp=none", policy);
}

bool store(DMARC_POLICY_T* context, const OpendmarcQuestion& question) {
  Octets author(question.author.text()), record(render(question));
  Octets organization(question.organizational_domain.text());
  u_char* policy_from = question.is_inherited ? organization.data() : nullptr;
  const int spf = question.spf_aligned_pass ? DMARC_POLICY_SPF_OUTCOME_PASS : DMARC_POLICY_SPF_OUTCOME_FAIL;
  const int dkim = question.dkim_aligned_pass ? DMARC_POLICY_DKIM_OUTCOME_PASS : DMARC_POLICY_DKIM_OUTCOME_FAIL;
  return opendmarc_policy_store_dmarc(context, record.data(), author.data(), policy_from) == DMARC_PARSE_OKAY &&
         opendmarc_policy_store_spf(context, author.data(), spf, DMARC_POLICY_SPF_ORIGIN_MAILFROM, nullptr) ==
             DMARC_PARSE_OKAY &&
         opendmarc_policy_store_dkim(context, author.data(), nullptr, dkim, nullptr) == DMARC_PARSE_OKAY;
}

std::string_view to_text(OpendmarcAnswer answer) {
  switch (answer) {
    case OpendmarcAnswer::pass:
      return "pass";
    case OpendmarcAnswer::none:
      return "none";
    case OpendmarcAnswer::quarantine:
      return "quarantine";
    case OpendmarcAnswer::reject:
      return "reject";
  }
  return "?";
}

}  // namespace

std::optional<OpendmarcAnswer> ask_opendmarc(const OpendmarcQuestion& question) {
  if (!is_library_ready()) return std::nullopt;
  Octets client("0.0.0.0");  // wanted, never looked at
  const Context context(opendmarc_policy_connect_init(client.data(), 0));
  if (!context || !store(context.get(), question)) return std::nullopt;
  switch (opendmarc_get_policy_to_enforce(context.get())) {
    case DMARC_POLICY_PASS:
      return OpendmarcAnswer::pass;
    case DMARC_POLICY_NONE:
      return OpendmarcAnswer::none;
    case DMARC_POLICY_QUARANTINE:
      return OpendmarcAnswer::quarantine;
    case DMARC_POLICY_REJECT:
      return OpendmarcAnswer::reject;
    default:
      return std::nullopt;
  }
}

OpendmarcAnswer our_answer(const OpendmarcQuestion& question) {
  if (question.spf_aligned_pass || question.dkim_aligned_pass) return OpendmarcAnswer::pass;
  switch (question.policy) {
    case Policy::quarantine:
      return OpendmarcAnswer::quarantine;
    case Policy::reject:
      return OpendmarcAnswer::reject;
    case Policy::none:
      break;
  }
  return OpendmarcAnswer::none;
}

void report_disagreement(const OpendmarcQuestion& question, std::optional<OpendmarcAnswer> theirs, base::Log& log) {
  const OpendmarcAnswer ours = our_answer(question);
  if (theirs == ours) return;
  log.write(base::LogLevel::warning, base::LogComponent::dmarc,
            fmt::format("for {} libopendmarc says {}, we say {}; ours stands", question.author.text(),
                        theirs ? to_text(*theirs) : "nothing", to_text(ours)));
}

}  // namespace dmarc
