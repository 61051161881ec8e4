#pragma once
// The validated domain names of a client: names its PTR records give and whose addresses include it.
// RFC 7208 §5.5. Used by the ptr mechanism and by %{p}; their errors are never a temperror.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.hpp"
#include "dns/view.hpp"

namespace spf {

enum class Validation { validated, not_validated, unknown };

/// Does one of `name`'s addresses equal the client's? A failed lookup means no. Asks at most one question.
[[nodiscard]] Validation validate_name(dns::View& view, const base::IpAddress& client, const std::string& name);

/// The PTR question for a client.
[[nodiscard]] dns::Question pointer_question(const base::IpAddress& client);

/// Is `name` the domain, or below it? Without regard to case or final dots.
[[nodiscard]] bool is_or_is_below(std::string_view name, std::string_view domain);

/// What %{p} stands for (§7.3): `domain` itself if validated, else a name below it, else any, else "unknown".
/// Looks at the first `most` names only. Nothing: answers are missing.
[[nodiscard]] std::optional<std::string> find_validated_name(dns::View& view, const base::IpAddress& client,
                                                             std::string_view domain, unsigned most);

}  // namespace spf
