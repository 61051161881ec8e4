#include "keys/folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

namespace keys {
namespace {

constexpr std::string_view key_ending = ".pem";
constexpr auto patience = std::chrono::milliseconds{500};
constexpr auto next_try = std::chrono::milliseconds{20};

[[noreturn]] void fail(const std::string& path, std::string_view what) {
  throw FolderError(fmt::format("{}: {} ({})", path, what, std::strerror(errno)));
}

/// As the folder that the file lies in: root works for somebody. Nobody else may give files away, nor needs to.
void give_to_owner(int file, const std::string& path, const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) fail(folder, "cannot be looked at");
  if (::geteuid() != 0) return;
  if (::fchown(file, status.st_uid, status.st_gid) != 0) fail(path, "cannot be given to the folder's owner");
}

void write_all(int file, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, "cannot be written");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file) != 0) fail(path, "cannot be written");
}

void sync_folder(const std::string& folder) {
  const base::Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open() || ::fsync(descriptor.number()) != 0) fail(folder, "cannot be written");
}

/// A file beside the one that is meant; gone with this, unless it was put there.
class Draft {
 public:
  Draft(const std::string& folder, std::string_view text, ::mode_t mode) : path_(folder + "/.draft-XXXXXX") {
    const base::Descriptor file(::mkostemp(path_.data(), O_CLOEXEC));
    if (!file.is_open()) fail(path_, "cannot be made");
    try {
      if (::fchmod(file.number(), mode) != 0) fail(path_, "cannot be made");
      give_to_owner(file.number(), path_, folder);
      write_all(file.number(), path_, text);
    } catch (const FolderError&) {
      ::unlink(path_.c_str());
      throw;
    }
  }
  ~Draft() { ::unlink(path_.c_str()); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  void replace(const std::string& path) const {
    if (::rename(path_.c_str(), path.c_str()) != 0) fail(path, "cannot be replaced");
  }
  void put_at(const std::string& path) const {
    if (::link(path_.c_str(), path.c_str()) != 0) fail(path, errno == EEXIST ? "is there already" : "cannot be made");
  }

 private:
  std::string path_;
};

void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) != 0) {
    if (errno == EEXIST) return;
    fail(path, "cannot be made");
  }
  const base::Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) fail(path, "cannot be opened");
  give_to_owner(folder.number(), path, std::filesystem::path(path).parent_path());
}

/// Only what is new is given away: what was there may be a link to another's file.
int open_lock(const std::string& folder) {
  make_folder(folder);
  const std::string path = folder + "/lock";
  int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (lock >= 0) give_to_owner(lock, path, folder);
  if (lock < 0 && errno == EEXIST) lock = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (lock < 0) fail(path, "cannot be opened");
  return lock;
}

}  // namespace

Folder::Folder(const std::string& directory, const base::Domain& domain) : path_(directory + "/" + domain.text()) {}

std::string Folder::key_path(const std::string& selector) const { return fmt::format("{}/{}{}", path_, selector, key_ending); }

bool Folder::has_key(const std::string& selector) const {
  struct stat status {};
  return ::lstat(key_path(selector).c_str(), &status) == 0;
}

std::vector<std::string> Folder::selectors() const try {
  std::vector<std::string> found;
  if (!std::filesystem::exists(path_)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(key_ending)) found.push_back(name.substr(0, name.size() - key_ending.size()));
    if (found.size() > max_keys) throw FolderError(fmt::format("{}: more than {} keys", path_, max_keys));
  }
  std::sort(found.begin(), found.end());
  return found;
} catch (const std::filesystem::filesystem_error& error) {
  throw FolderError(fmt::format("{}: {}", path_, error.code().message()));
}

dkim::Rotation Folder::read_rotation() const {
  const std::string path = path_ + "/" + std::string(dkim::rotation_file);
  const auto rotation = dkim::load_rotation(path);
  if (!rotation) throw FolderError(rotation.error());
  return *rotation;
}

Folder::Lock::Lock(const Folder& folder) : descriptor_(open_lock(folder.path())) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(descriptor_.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) fail(folder.path(), "cannot be locked");
    if (std::chrono::steady_clock::now() > deadline) fail(folder.path(), "is being written by another program");
    std::this_thread::sleep_for(next_try);
  }
}

void Folder::write_rotation(const dkim::Rotation& rotation) const {
  const Draft draft(path_, dkim::format_rotation(rotation), 0640);
  draft.replace(path_ + "/" + std::string(dkim::rotation_file));
  sync_folder(path_);
}

void Folder::write_key(const std::string& selector, const dkim::PrivateKey& key) const {
  const Draft draft(path_, key.to_pem(), 0600);
  draft.put_at(key_path(selector));
  sync_folder(path_);
}

void Folder::remove_key(const std::string& selector) const {
  const std::string path = key_path(selector);
  if (::unlink(path.c_str()) != 0) fail(path, "cannot be removed");
  sync_folder(path_);
}

}  // namespace keys
