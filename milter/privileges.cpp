#include "milter/privileges.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <system_error>

namespace milter {
namespace {

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void must(bool is_done, const char* what) {
  if (!is_done) fail(what);
}

gid_t find_group(const std::string& name) {
  const group* entry = ::getgrnam(name.c_str());  // NOLINT(concurrency-mt-unsafe): before the first thread
  if (entry == nullptr)
    throw AccountError(AccountError::Which::group, fmt::format("found group \"{}\", expected a group of this system", name));
  return entry->gr_gid;
}

Account find_account(const std::string& user, const std::string& group) {
  const passwd* entry = ::getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe): before the first thread
  if (entry == nullptr)
    throw AccountError(AccountError::Which::user, fmt::format("found user \"{}\", expected a user of this system", user));
  if (entry->pw_uid == 0)
    throw AccountError(AccountError::Which::user,
                       fmt::format("found user \"{}\", who is root, expected one without root's rights", user));
  return {entry->pw_uid, group.empty() ? entry->pw_gid : find_group(group)};
}

/// Root's go with its user id; those that were handed down do not.
void drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  must(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0, "clearing the ambient capabilities");
  must(::syscall(SYS_capset, &header, none.data()) == 0, "dropping all capabilities");
}

void check_that_it_is_for_good(const Account& account) {
  uid_t real_user = 0, user = 0, saved_user = 0;
  gid_t real_group = 0, group = 0, saved_group = 0;
  must(::getresuid(&real_user, &user, &saved_user) == 0 && ::getresgid(&real_group, &group, &saved_group) == 0,
       "reading the ids");
  const bool is_changed = real_user == account.user && user == account.user && saved_user == account.user &&
                          real_group == account.group && group == account.group && saved_group == account.group;
  if (!is_changed || ::setuid(0) == 0 || ::seteuid(0) == 0)
    throw std::runtime_error("found that root's rights could be had again after dropping them, expected that they cannot");
}

}  // namespace

bool is_root() { return ::geteuid() == 0; }

void become(const std::string& user, const std::string& group) {
  const Account account = find_account(user, group);
  if (!is_root()) {
    if (::geteuid() == account.user && ::getegid() == account.group) return;
    throw AccountError(AccountError::Which::user,
                       fmt::format("found user \"{}\" and that uid {}, gid {} started signetd, expected root or that user with "
                                   "gid {}",
                                   user, ::geteuid(), ::getegid(), account.group));
  }
  must(::initgroups(user.c_str(), account.group) == 0, "taking the user's groups");
  must(::setresgid(account.group, account.group, account.group) == 0, "taking the group");
  must(::setresuid(account.user, account.user, account.user) == 0, "becoming the user");
  drop_capabilities();
  must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "refusing new privileges");
  check_that_it_is_for_good(account);
}

}  // namespace milter
