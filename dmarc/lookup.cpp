#include "dmarc/lookup.hpp"

namespace dmarc {
namespace {

/// What Answer::derived keeps for the TXT answer of a _dmarc name: a type of its own for each standard.
template <Standard standard>
struct NamesRecord {
  FoundRecord record{};
  bool has_several = false;

  /// Roughly the memory this holds.
  [[nodiscard]] std::size_t octets() const {
    if (!record) return sizeof(*this);
    std::size_t total = sizeof(*this) + sizeof(*record) + record->fault.capacity() + record->record.rf.capacity();
    for (const auto* uris : {&record->record.rua, &record->record.ruf})
      for (const std::string& uri : *uris) total += sizeof(uri) + uri.capacity();
    return total;
  }
};

template <Standard standard>
NamesRecord<standard> select_record(const dns::Answer& answer) {
  NamesRecord<standard> selected;
  for (const std::string& text : answer.texts) {
    ParsedRecord parsed = parse_record(text, standard);
    if (parsed.status == RecordStatus::not_dmarc) continue;
    if (selected.record) return {nullptr, true};
    selected.record = std::make_shared<const ParsedRecord>(std::move(parsed));
  }
  return selected;
}

template <Standard standard>
void take_record(Step& step, const dns::Answer& answer) {
  const auto known = answer.derived<NamesRecord<standard>>(select_record<standard>);
  step.record = known->record;
  step.has_several = known->has_several;
}

}  // namespace

Step look(dns::View& view, const base::Domain& name, Standard standard) {
  Step step{name};
  const dns::Answer* answer = view.ask({"_dmarc." + name.text(), dns::Type::txt});
  if (answer == nullptr) return step;
  step.is_answered = true;
  step.status = answer->status;
  if (answer->status != dns::Status::ok) return step;
  if (standard == Standard::rfc9989) take_record<Standard::rfc9989>(step, *answer);
  if (standard == Standard::rfc7489) take_record<Standard::rfc7489>(step, *answer);
  return step;
}

}  // namespace dmarc
