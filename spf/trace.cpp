#include "spf/trace.hpp"

#include <fmt/format.h>

#include "spf/record.hpp"

namespace spf {
namespace {

/// The records of an answer that SPF reads, or why there are none.
std::string describe(const dns::Answer& answer) {
  if (answer.status != dns::Status::ok) return std::string(dns::to_text(answer.status));
  std::string out;
  const auto add = [&out](const std::string& text) {
    if (out.size() < Trace::max_answer_octets) out += (out.empty() ? "" : ", ") + text;
  };
  for (const auto& address : answer.addresses) add(address.text());
  for (const auto& mx : answer.exchanges) add(fmt::format("{} {}", mx.preference, mx.exchange.empty() ? "." : mx.exchange));
  for (const auto& name : answer.names) add(name);
  return out;
}

std::string cut(std::string text, std::size_t most) {
  if (text.size() > most) text.replace(most, text.size() - most, "...");
  return text;
}

}  // namespace

void Trace::clear() {
  steps_.clear();
  open_.clear();
  is_cut_ = false;
}

TraceStep* Trace::add_step() {
  if (steps_.size() == max_steps) {
    is_cut_ = true;
    return nullptr;
  }
  steps_.emplace_back().depth = static_cast<unsigned>(open_.size());
  return &steps_.back();
}

TraceStep* Trace::current() { return open_.empty() || open_.back() == max_steps ? nullptr : &steps_[open_.back()]; }

void Trace::add_record(const std::string& domain, const dns::Answer& answer) {
  TraceStep* step = add_step();
  if (step == nullptr) return;
  step->is_record = true;
  step->name = domain;
  for (const std::string& text : answer.texts) {
    if (!is_record(text)) continue;
    if (step->text.empty()) step->text = cut(text, max_text_octets);
    if (step->answers.size() < max_answers) step->answers.push_back(cut(text, max_answer_octets));
  }
  if (step->answers.size() == 1) step->answers.clear();  // it is the text
}

void Trace::fail_record(const std::string& reason, std::optional<std::size_t> fault_at) {
  if (is_cut_ || steps_.empty()) return;
  steps_.back().outcome = StepOutcome::error;
  steps_.back().reason = reason;
  steps_.back().fault_at = fault_at;
}

void Trace::begin_term(std::string_view text) {
  TraceStep* step = add_step();
  open_.push_back(step == nullptr ? max_steps : steps_.size() - 1);
  if (step != nullptr) step->text = cut(std::string(text), max_text_octets);
}

void Trace::end_term(StepOutcome outcome, const std::string& reason) {
  if (TraceStep* step = current()) {
    step->outcome = outcome;
    if (!reason.empty()) step->reason = reason;
  }
  open_.pop_back();
}

void Trace::set_name(const std::string& name) {
  if (TraceStep* step = current()) step->name = name;
}

void Trace::set_reason(std::string reason) {
  if (TraceStep* step = current()) step->reason = std::move(reason);
}

void Trace::count_term(unsigned terms) {
  if (TraceStep* step = current()) step->terms = terms;
}

void Trace::count_void_lookup(unsigned void_lookups) {
  if (TraceStep* step = current()) step->void_lookups = void_lookups;
}

void Trace::add_answer(const dns::Question& question, const dns::Answer& answer) {
  add_note(fmt::format("{} {}: {}", dns::to_text(question.type), question.name, describe(answer)));
}

void Trace::add_note(std::string text) {
  TraceStep* step = current();
  if (step != nullptr && step->answers.size() < max_answers) step->answers.push_back(cut(std::move(text), max_answer_octets));
}

}  // namespace spf
