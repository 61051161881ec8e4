#include "cli/spf_text.hpp"

#include <iterator>

namespace cli {
namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;

constexpr std::size_t step_indent = 2;

std::string_view to_text(spf::StepOutcome outcome) {
  switch (outcome) {
    case spf::StepOutcome::none:
      return "";
    case spf::StepOutcome::match:
      return "match";
    case spf::StepOutcome::followed:
      return "followed";
    case spf::StepOutcome::no_match:
      return "no match";
    case spf::StepOutcome::error:
      return "error";
  }
  return "?";
}

std::string_view colour_of(spf::StepOutcome outcome) {
  switch (outcome) {
    case spf::StepOutcome::match:
      return green;
    case spf::StepOutcome::error:
      return red;
    case spf::StepOutcome::none:
    case spf::StepOutcome::no_match:
    case spf::StepOutcome::followed:
      break;
  }
  return plain;
}

std::string because(const std::string& reason) { return reason.empty() ? "" : fmt::format(" ({})", readable(reason)); }

void explain_record(std::string& out, const spf::TraceStep& step, const std::string& margin, const Paint& paint) {
  const bool is_usable = step.outcome != spf::StepOutcome::error;
  fmt::format_to(Out(out), "{}{}: {}\n", margin, paint(bold, readable(step.name)),
                 is_usable ? readable(step.text) : paint(red, readable(step.reason)));
  if (is_usable) return;
  if (step.fault_at)
    fmt::format_to(Out(out), "{0}  {1}\n{0}  {2}^\n", margin, readable(step.text), space_before(step.text, *step.fault_at));
  for (const std::string& text : step.answers) fmt::format_to(Out(out), "{}  {}\n", margin, readable(text));
}

std::string count(const spf::TraceStep& step, const spf::Limits& limits) {
  std::string out;
  if (step.terms != 0) out += fmt::format("; lookup {} of {}", step.terms, limits.terms);
  if (step.void_lookups != 0) out += fmt::format("; void lookup {} of {}", step.void_lookups, limits.void_lookups);
  return out;
}

void explain_term(std::string& out, const spf::TraceStep& step, const spf::Limits& limits, const std::string& margin,
                  const Paint& paint) {
  fmt::format_to(Out(out), "{}{}: {}{}{}\n", margin, readable(step.text), paint(colour_of(step.outcome), to_text(step.outcome)),
                 because(step.reason), count(step, limits));
  if (!step.name.empty()) fmt::format_to(Out(out), "{}  its macros make {}\n", margin, readable(step.name));
  for (const std::string& answer : step.answers) fmt::format_to(Out(out), "{}  {}\n", margin, readable(answer));
}

/// RFC 7208 §2.6 and §8, in a few words.
std::string_view meaning(spf::Result result) {
  switch (result) {
    case spf::Result::none:
      return "nothing is known";
    case spf::Result::neutral:
      return "the domain says nothing about this client: like none";
    case spf::Result::pass:
      return "the client may send for the domain";
    case spf::Result::fail:
      return "the domain says that this client may not send for it";
    case spf::Result::softfail:
      return "the domain thinks that this client may not send for it";
    case spf::Result::temperror:
      return "the DNS did not answer: a later try may decide";
    case spf::Result::permerror:
      return "the records cannot be used until their owner mends them";
  }
  return "?";
}

std::string_view colour_of(spf::Result result) {
  if (result == spf::Result::pass) return green;
  return result == spf::Result::fail || result == spf::Result::permerror ? red : yellow;
}

/// JSON is UTF-8; DNS names and records need not be.
json text_of(const std::string& text) { return base::is_utf8(text) ? text : readable(text); }

json describe(const spf::TraceStep& step) {
  json out = {{"depth", step.depth}, {"answers", json::array()}};
  for (const std::string& answer : step.answers) out["answers"].push_back(text_of(answer));
  if (step.is_record) {
    out["domain"] = text_of(step.name);
    out["record"] = step.text.empty() ? json(nullptr) : text_of(step.text);
    out["fault"] = step.outcome == spf::StepOutcome::error ? text_of(step.reason) : json(nullptr);
    out["fault_at"] = step.fault_at ? json(*step.fault_at) : json(nullptr);
    return out;
  }
  out["term"] = text_of(step.text);
  out["name"] = step.name.empty() ? json(nullptr) : text_of(step.name);
  out["outcome"] = to_text(step.outcome);
  out["reason"] = step.reason.empty() ? json(nullptr) : text_of(step.reason);
  out["lookup"] = step.terms == 0 ? json(nullptr) : json(step.terms);
  out["void_lookup"] = step.void_lookups == 0 ? json(nullptr) : json(step.void_lookups);
  return out;
}

}  // namespace

std::string explain_trace(const spf::Trace& trace, const spf::Limits& limits, std::size_t indent, const Paint& paint) {
  std::string out;
  for (const spf::TraceStep& step : trace.steps()) {
    // The terms of a record stand below it.
    const std::string margin(indent + step_indent * (2UL * step.depth + (step.is_record ? 0 : 1)), ' ');
    if (step.is_record)
      explain_record(out, step, margin, paint);
    else
      explain_term(out, step, limits, margin, paint);
  }
  if (trace.is_cut())
    fmt::format_to(Out(out), "{}(more than {} steps: the rest is left out)\n", std::string(indent, ' '), spf::Trace::max_steps);
  return out;
}

std::string explain_result(const spf::Verdict& verdict, const Paint& paint) {
  std::string out = paint(colour_of(verdict.result), spf::to_text(verdict.result));
  out += fmt::format(": {}", meaning(verdict.result));
  if (!verdict.reason.empty()) out += fmt::format("; {}", readable(verdict.reason));
  const bool has_record = verdict.result != spf::Result::temperror || !verdict.matched.empty();
  if (has_record && !verdict.record_domain.empty()) out += fmt::format(" in the record of {}", readable(verdict.record_domain));
  if (!verdict.rule.empty()) out += fmt::format(" ({})", verdict.rule);
  return out;
}

std::string count_lookups(const spf::Verdict& verdict, const spf::Limits& limits) {
  return fmt::format("{} of {} lookup terms, {} of {} void lookups", verdict.terms, limits.terms, verdict.void_lookups,
                     limits.void_lookups);
}

json to_json(const spf::Trace& trace) {
  json out = json::array();
  for (const spf::TraceStep& step : trace.steps()) out.push_back(describe(step));
  return out;
}

json to_json(const spf::Verdict& verdict) {
  return {{"result", spf::to_text(verdict.result)},
          {"rule", verdict.rule},
          {"reason", text_of(verdict.reason)},
          {"matched", text_of(verdict.matched)},
          {"record_domain", text_of(verdict.record_domain)},
          {"terms", verdict.terms},
          {"void_lookups", verdict.void_lookups}};
}

}  // namespace cli
