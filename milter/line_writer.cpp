#include "milter/line_writer.hpp"

#include <poll.h>
#include <unistd.h>
#include <cerrno>

namespace milter {

bool LineWriter::write(std::string_view line) noexcept {
  if (is_within_line_ && write_some("\n") == 0) return false;
  is_within_line_ = false;
  const std::size_t written = write_some(line);
  is_within_line_ = written != 0 && written != line.size();
  return written == line.size();
}

/// How much of it was written, until there was an error or no more room.
std::size_t LineWriter::write_some(std::string_view octets) const noexcept {
  std::size_t done = 0;
  while (done < octets.size()) {
    const ssize_t written = ::write(descriptor_, octets.data() + done, octets.size() - done);
    if (written > 0) done += static_cast<std::size_t>(written);
    if (written > 0 || (written < 0 && errno == EINTR)) continue;
    pollfd room{descriptor_, POLLOUT, 0};
    if (written == 0 || errno != EAGAIN || ::poll(&room, 1, static_cast<int>(patience.count())) <= 0) break;
  }
  return done;
}

}  // namespace milter
