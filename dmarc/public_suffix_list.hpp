#pragma once
// A public suffix list (publicsuffix.org): what RFC 7489 §3.2 finds Organizational Domains by. A wall around libpsl.
// RFC 9989 needs none.

#include <memory>
#include <optional>
#include <string>

#include "base/domain.hpp"

namespace dmarc {

class PublicSuffixList {
 public:
  /// The system's list or the one built into libpsl, whichever is newer. Throws std::runtime_error: there is neither.
  [[nodiscard]] static std::shared_ptr<const PublicSuffixList> load_system();
  /// A list in the published text form, or as a DAFSA. Throws std::runtime_error: not a readable list with any rule.
  [[nodiscard]] static std::shared_ptr<const PublicSuffixList> load(const std::string& path);
  /// The text form. Throws std::runtime_error: no rule in it.
  [[nodiscard]] static std::shared_ptr<const PublicSuffixList> parse(const std::string& text);

  virtual ~PublicSuffixList() = default;

  /// The public suffix and one label more; nothing for a public suffix itself. A top-level domain that is not listed
  /// counts as one (the list's default rule "*"). Any thread.
  [[nodiscard]] virtual std::optional<base::Domain> registrable_domain(const base::Domain& name) const = 0;
  /// Whether a rule of the list, not the default one, says so. Any thread.
  [[nodiscard]] virtual bool is_listed_suffix(const base::Domain& name) const = 0;

  /// RFC 7489 §3.2; of a public suffix the suffix itself, for there is no label more.
  [[nodiscard]] base::Domain organizational_domain(const base::Domain& name) const {
    return registrable_domain(name).value_or(name);
  }
};

}  // namespace dmarc
