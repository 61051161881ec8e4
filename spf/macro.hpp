#pragma once
// Macro strings: the text of a domain-spec or an explanation, with its %{macros}. RFC 7208 §7.
// Parsed together with the record, so that a bad one is a syntax error; expanded later, with the values of one
// check. No DNS here: the name that %{p} stands for is handed in (spf/validated_names.hpp finds it).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "spf/check_host.hpp"

namespace spf {

/// A run of literal text, or one macro.
struct MacroPart {
  std::string text;             // literal: with %%, %_ and %- replaced; macro: its delimiters, "." if none given
  char letter = '\0';           // in lower case; NUL: literal text
  bool is_url_escaped = false;  // the letter was upper case (§7.3)
  bool is_reversed = false;     // "r"
  unsigned keep = 0;            // right-hand parts that are kept; 0: all
};

enum class MacroUse {
  domain_spec,  // of a directive, redirect or exp: %{c}, %{r} and %{t} are not allowed (§7.2)
  modifier,     // the value of an unknown modifier (§6): never expanded
  explanation,  // the text of an explanation (§6.2): spaces are allowed
};

class MacroString {
 public:
  /// More macros than this in one string is an error; a name of 253 octets has no use for them.
  static constexpr std::size_t max_macros = 64;

  /// Owns what it keeps. Fails with the offset of the first offending octet.
  [[nodiscard]] static base::Result<MacroString, base::ParseError> parse(std::string_view text, MacroUse use);

  [[nodiscard]] std::size_t macro_count() const;
  [[nodiscard]] bool has_macros() const { return macro_count() != 0; }
  /// `letter` in lower case.
  [[nodiscard]] bool uses(char letter) const;
  /// %{s} or %{l}: never expandable when the local part is not ASCII (RFC 8616 §4).
  [[nodiscard]] bool uses_local_part() const { return uses('s') || uses('l'); }
  [[nodiscard]] const std::vector<MacroPart>& parts() const { return parts_; }

 private:
  std::vector<MacroPart> parts_;
};

/// A macro-string for MacroUse::domain_spec that also ends as a name does, in a top label or a macro (§7.1).
[[nodiscard]] base::Result<MacroString, base::ParseError> parse_domain_spec(std::string_view text);

/// What the macros of one check stand for. Borrows everything.
struct MacroValues {
  const Input& input;
  std::string_view domain;          // %{d}
  std::string_view validated_name;  // %{p}; "unknown" if there is none
};

/// A name to ask for: without a final dot, whole labels removed on the left until it has at most 253 octets
/// (§7.3). It may hold any octets and may be unfit to be sent (dns::is_sendable_name).
[[nodiscard]] std::string expand_name(const MacroString& macros, const MacroValues& values);

/// Text, cut off after `most` octets. May hold any octets.
[[nodiscard]] std::string expand_text(const MacroString& macros, const MacroValues& values, std::size_t most);

}  // namespace spf
