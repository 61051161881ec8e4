#pragma once
// A listening socket that the service manager keeps and passes on, so that clients wait in it while the daemon is started
// anew (systemd's socket activation, sd_listen_fds(3)). libmilter opens sockets by itself only: it is given one that nobody
// knows of, in whose place the passed one is then put.

#include <span>
#include <string>

namespace milter {

/// The socket, of those passed. Throws SocketError where they are more than one, or it is no stream socket of the families
/// inet, inet6 or unix that listens. It stays open.
[[nodiscard]] int check_passed_socket(std::span<const int> passed);

/// An address of the same family that is free, for libmilter. What a unix: one leaves in the file system goes with this.
class StandIn {
 public:
  /// Throws SocketError where there is no place for it.
  explicit StandIn(int passed);
  ~StandIn();
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  std::string folder_;  // unix: only
  std::string address_;
};

/// Closes what `listening` was and has it be `passed`, which is closed under its own number.
void put_in_place(int passed, int listening);

}  // namespace milter
