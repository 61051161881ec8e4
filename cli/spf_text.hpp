#pragma once
// One SPF check for a person and for machines: each record fetched, each term tried, and what follows.

#include <nlohmann/json.hpp>
#include <string>

#include "cli/terminal_text.hpp"
#include "spf/check_host.hpp"
#include "spf/trace.hpp"

namespace cli {

/// The records and terms, nested by indentation, each line after `indent` spaces.
[[nodiscard]] std::string explain_trace(const spf::Trace& trace, const spf::Limits& limits, std::size_t indent,
                                        const Paint& paint);

/// The result, where it came from and by which rule, on one line without its end.
[[nodiscard]] std::string explain_result(const spf::Verdict& verdict, const Paint& paint);

/// "3 of 10 lookup terms, 0 of 2 void lookups"
[[nodiscard]] std::string count_lookups(const spf::Verdict& verdict, const spf::Limits& limits);

/// steps[] {depth, record or term: domain and text, or term, name, lookup, void_lookup, answers[]; outcome, reason}
[[nodiscard]] nlohmann::json to_json(const spf::Trace& trace);

/// result, rule, reason, matched, record_domain, terms, void_lookups
[[nodiscard]] nlohmann::json to_json(const spf::Verdict& verdict);

}  // namespace cli
