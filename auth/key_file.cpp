#include "auth/key_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <optional>

namespace auth {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int operator*() const { return fd_; }

 private:
  int fd_;
};

std::optional<std::string> find_fault(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return "found something that is no regular file, expected a key in PEM";
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return fmt::format("found owner uid {}, expected root or uid {}", status.st_uid, ::geteuid());
  constexpr unsigned forbidden = S_IROTH | S_IWOTH | S_IWGRP;
  if ((status.st_mode & forbidden) != 0)
    return fmt::format(
        "found mode {:04o}, expected a file that only its owner may write and others may not read (0600 or 0640)",
        status.st_mode & 07777U);
  if (static_cast<std::uint64_t>(status.st_size) > max_key_file_octets)
    return fmt::format("found {} octets, expected a key in PEM of at most {}", status.st_size, max_key_file_octets);
  return std::nullopt;
}

std::optional<std::string> read_all(int fd) {
  std::string text(max_key_file_octets, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

}  // namespace

base::Result<dkim::PrivateKey, std::string> read_key_file(const std::string& path) {
  const auto fail = [&](std::string_view text) {
    return tl::unexpected<std::string>(fmt::format("key file {}: {}", path, text));
  };
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (*file < 0 || ::fstat(*file, &status) != 0)
    return fail(fmt::format("found it unreadable ({}), expected a key in PEM", std::strerror(errno)));
  if (const auto fault = find_fault(status)) return fail(*fault);
  const auto pem = read_all(*file);
  if (!pem) return fail(fmt::format("found it unreadable ({}), expected a key in PEM", std::strerror(errno)));
  auto key = dkim::PrivateKey::from_pem(*pem);
  if (!key)
    return fail(fmt::format("found no usable key ({}), expected an RSA or Ed25519 private key in PEM", key.error().text));
  if (key->type() == dkim::KeyType::rsa && key->bits() < min_signing_rsa_bits)
    return fail(fmt::format("found an RSA key of {} bits, expected at least {}", key->bits(), min_signing_rsa_bits));
  return *key;
}

}  // namespace auth
