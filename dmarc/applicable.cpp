#include "dmarc/applicable.hpp"

#include <fmt/format.h>

namespace dmarc {
namespace {

void take_policy(Discovery& discovery, Policy policy, std::string_view tag) {
  discovery.policy = policy;
  discovery.policy_tag = tag;
}

/// np where the Author Domain does not exist. Asked only where np would change the policy. False: not known yet.
bool apply_nonexistence(dns::View& view, Discovery& discovery) {
  if (!discovery.record.np || *discovery.record.np == discovery.policy) return true;
  const dns::Answer* answer = view.ask({discovery.author.text(), dns::Type::a});
  if (answer == nullptr) return false;
  if (dns::is_failure(answer->status))
    discovery.reason = fmt::format("existence of {} not known ({})", discovery.author.text(), dns::to_text(answer->status));
  if (answer->status != dns::Status::no_such_name) return true;
  discovery.author_is_nonexistent = true;
  take_policy(discovery, *discovery.record.np, "np");
  return true;
}

/// Which of p, sp and np applies (§4.10.1). False: not known yet.
bool apply_policy(dns::View& view, Discovery& discovery, RecordStatus status) {
  const Record& record = discovery.record;
  if (status == RecordStatus::p_none) {
    take_policy(discovery, Policy::none, "p");
    return true;
  }
  const bool is_sp = discovery.is_inherited && record.sp;
  take_policy(discovery, is_sp ? *record.sp : record.p.value_or(Policy::none), is_sp ? "sp" : "p");
  return !discovery.is_inherited || apply_nonexistence(view, discovery);
}

}  // namespace

bool apply(dns::View& view, Discovery& discovery, const Applicable& applicable) {
  discovery.status = applicable.status;
  if (applicable.step == nullptr) return true;
  const Step& step = *applicable.step;
  if (applicable.status == DiscoveryStatus::temperror) {
    discovery.reason = fmt::format("DNS {} for _dmarc.{}", dns::to_text(step.status), step.name.text());
    return true;
  }
  discovery.policy_domain = step.name;
  if (step.record->status == RecordStatus::unusable) {
    discovery.status = DiscoveryStatus::permerror;
    discovery.reason = fmt::format("record at _dmarc.{}: {}", step.name.text(), step.record->fault);
    return true;
  }
  discovery.record = step.record->record;
  discovery.is_inherited = !step.is_start;
  return apply_policy(view, discovery, step.record->status);
}

}  // namespace dmarc
