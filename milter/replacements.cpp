#include "milter/replacements.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <chrono>
#include <ctime>
#include <exception>

#include "milter/doorkeeper.hpp"
#include "milter/packet_reader.hpp"

namespace milter {
namespace {

base::Log* the_log = nullptr;  // libmilter passes nothing of ours to its reader
std::atomic<std::size_t>* busy_workers = nullptr;
std::atomic<bool> is_reading{false};
/// A worker stays with a connection for as long as there is something to read from it.
thread_local PacketReader packet_reader;

/// The next packet, in the form in which libmilter wants it: a null pointer and a command below ' ' end the session.
char* read_command(int socket, char& command, std::size_t& size) {
  constexpr char end_of_session = 5;
  is_reading = true;
  const BusyWorker busy(*busy_workers);  // a packet may come slowly
  auto packet = packet_reader.read(socket);
  if (!packet && packet.error() != PacketFault::closed)
    the_log->write(base::LogLevel::warning, base::LogComponent::milter,
                   fmt::format("connection ended: found {}", to_text(packet.error())));
  command = packet ? packet->command : end_of_session;
  size = packet ? packet->size : 0;
  return packet ? packet->data.release() : nullptr;
}

}  // namespace

void read_packets_for(base::Log& log, std::atomic<std::size_t>& busy) {
  the_log = &log;
  busy_workers = &busy;
}

bool is_reading_packets() { return is_reading; }

void let_go_of_packets() { packet_reader.let_go(); }

}  // namespace milter

/// libmilter's function of this name.
extern "C" char* mi_rd_cmd(int socket, timeval* timeout, char* command, std::size_t* size, char* name);
extern "C" char* mi_rd_cmd(int socket, timeval*, char* command, std::size_t* size, char*) try {
  return milter::read_command(socket, *command, *size);
} catch (const std::exception&) {  // no memory to say what was wrong
  *command = '\0';
  return nullptr;
}

/// The C library's poll(): where the reader has seen what there is to read, the system need not be asked. By another name, as
/// the C library declares that poll() reads nothing of its entries.
extern "C" int answer_poll(pollfd* entries, nfds_t count, int timeout_ms) __asm__("poll");
extern "C" int answer_poll(pollfd* entries, nfds_t count, int timeout_ms) {
  if (count == 1 && milter::packet_reader.has_more_of(entries->fd)) {
    entries->revents = static_cast<short>(entries->events & POLLIN);
    return 1;
  }
  const timespec timeout{timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
  return ::ppoll(entries, count, timeout_ms < 0 ? nullptr : &timeout, nullptr);
}

/// The C library's time(): by it libmilter sees how long a session has been waiting, and ends those of half an hour. A clock
/// that is set forward would end them all, in the middle of their messages; so here time only passes, from what the clock said
/// first. By another name, as the C library declares that it throws nothing.
extern "C" std::time_t answer_time(std::time_t* also) noexcept __asm__("time");
extern "C" std::time_t answer_time(std::time_t* also) noexcept {
  const auto seconds = [](auto clock) { return std::chrono::floor<std::chrono::seconds>(clock.time_since_epoch()).count(); };
  static const std::time_t at_zero = seconds(std::chrono::system_clock::now()) - seconds(std::chrono::steady_clock::now());
  const std::time_t now = at_zero + seconds(std::chrono::steady_clock::now());
  if (also != nullptr) *also = now;
  return now;
}
