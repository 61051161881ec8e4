#pragma once
// Sender Policy Framework: RFC 7208, with RFC 8616 §4 for internationalized local parts.
// check_host() is a pure function of its input and of the DNS answers in the View; see dns/view.hpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.hpp"
#include "dns/view.hpp"

namespace spf {

class Trace;

/// RFC 7208 §2.6 and §8: what each means and what a receiver should make of it.
enum class Result {
  none,       // no domain to check, or it publishes no record: nothing is known
  neutral,    // the domain says nothing about this client: treat like none
  pass,       // the client may send for the domain
  fail,       // the domain says this client may not
  softfail,   // probably may not: between neutral and fail
  temperror,  // the DNS did not answer: a later try may decide
  permerror,  // the published records cannot be used: only the domain's owner can mend that
};

[[nodiscard]] std::string_view to_text(Result result);

struct Limits {
  unsigned terms = 10;        // terms that cause questions, in the whole check (§4.6.4)
  unsigned void_lookups = 2;  // NXDOMAIN or NODATA answers allowed (§4.6.4)
  unsigned mx_names = 10;     // exchanges of one mx term; more is permerror (§4.6.4)
  unsigned ptr_names = 10;    // names of one ptr term or %{p}; the rest is ignored (§4.6.4)
};

/// The arguments of §4.1 and what macros want (§7.2). Owned, because the check outlives the caller.
struct Input {
  base::IpAddress client;     // %{i}, %{c}
  std::string domain;         // the domain to check; not yet validated; case kept for nothing
  std::string local_part;     // of <sender>; empty: "postmaster" (§4.3)
  std::string sender_domain;  // %{o}; equals domain at the start
  std::string helo;           // %{h}
  std::string receiver;       // %{r}, only in exp
  std::int64_t now = 0;       // %{t}, only in exp: seconds since 1970
};

struct Verdict {
  Result result = Result::none;
  std::string reason;              // why, in a few words; ASCII, at most 200 octets, safe in logs and header fields
  std::string matched;             // the term that decided, as written ("-all"), visible ASCII, cut after 256 octets;
                                   // empty: none did
  std::string record_domain;       // the domain whose record held it; made by macros it may hold any octets
  std::string explanation_domain;  // expanded exp= target when result is fail; empty: none. Any octets
  std::string_view rule;           // which rule gave it: "RFC 7208 §4.6.4"; static
  unsigned terms = 0;              // lookups counted against Limits::terms
  unsigned void_lookups = 0;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// The verdict, or nothing: answers are missing, and the View has noted which. `trace`, if there is one, then holds how the
/// verdict came about.
[[nodiscard]] std::optional<Verdict> check_host(dns::View& view, const Input& input, const Limits& limits,
                                                Trace* trace = nullptr);

/// The text that the domain of a fail gives its reason in (§6.2): the TXT record of
/// `verdict.explanation_domain`, macro-expanded. Empty when there is none, it cannot be had, or it holds
/// anything but visible ASCII and spaces. At most 400 octets.
[[nodiscard]] std::optional<std::string> explain(dns::View& view, const Input& input, const Verdict& verdict);

}  // namespace spf
