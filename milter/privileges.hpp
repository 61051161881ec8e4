#pragma once
// Root's rights, given up for good where root starts the daemon without a service manager that would have done so.

#include <optional>
#include <stdexcept>
#include <string>

namespace milter {

/// What is wrong with a name, and which of the two it is.
struct AccountError : std::runtime_error {
  enum class Which { user, group };
  AccountError(Which name, const std::string& what) : std::runtime_error(what), which(name) {}
  Which which;
};

[[nodiscard]] bool is_root();

/// Becomes this user, with this group (empty: the user's own) and the user's other groups; then nothing that is executed can
/// gain rights, and no capability is left. Not to be undone, which is tried. Before the first thread starts: part of it is per
/// thread. Throws AccountError when there is no such user or group, when the user is root by another name, and when the process
/// is neither root nor that user already; std::system_error when the system refuses.
void become(const std::string& user, const std::string& group);

}  // namespace milter
