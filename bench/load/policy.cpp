#include "bench/load/policy.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"

namespace load {
namespace {

constexpr std::size_t max_reply_octets = 16 * 1024;
constexpr int patience_s = 60;

std::string request_of(const Mail& mail) {
  return fmt::format(
      "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nhelo_name={}\nsender={}\n"
      "recipient=dora@receiver.example\nclient_address={}\nclient_name=client.example\n"
      "reverse_client_name=client.example\ninstance={}.{}\n\n",
      mail.helo, mail.sender, mail.kind->client, mail.queue_id, static_cast<const void*>(&mail));
}

cli::MilterOutcome read_action(const std::string& reply) {
  constexpr std::string_view prepend = "action=PREPEND ", dunno = "action=DUNNO";
  const auto starts_with = [&](std::string_view words) {
    return base::iequals(std::string_view(reply).substr(0, words.size()), words);
  };
  cli::MilterOutcome outcome;
  const std::size_t colon = reply.find(':');
  if (starts_with(prepend) && colon != std::string::npos) {
    cli::MilterChange change;
    change.kind = cli::ChangeKind::insert_header;
    change.name = reply.substr(prepend.size(), colon - prepend.size());
    change.value = reply.substr(colon + 1, reply.find('\n') - colon - 1);
    outcome.changes.push_back(std::move(change));
  } else if (!starts_with(dunno)) {
    throw std::runtime_error("the policy server said \"" + reply + '"');
  }
  return outcome;
}

pid_t start_program(std::vector<std::string> command, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  const int error = posix_spawn(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command.front());
  return child;
}

}  // namespace

PolicyServer::PolicyServer(std::vector<std::string> command) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    throw std::runtime_error("no pair of sockets for " + command.front());
  socket_ = pair[0];
  const timeval patience{patience_s, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  try {
    child_ = start_program(std::move(command), pair[1]);
  } catch (...) {
    ::close(pair[0]);
    ::close(pair[1]);
    throw;
  }
  ::close(pair[1]);
}

PolicyServer::~PolicyServer() {
  ::close(socket_);
  ::waitpid(child_, nullptr, 0);
}

cli::MilterOutcome PolicyServer::ask(const Mail& mail) {
  const std::string request = request_of(mail);
  if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    throw std::runtime_error("the policy server does not listen");
  return read_action(receive());
}

std::string PolicyServer::receive() {
  std::string reply;
  std::array<char, 4096> buffer;
  while (!reply.ends_with("\n\n")) {
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got <= 0 || reply.size() > max_reply_octets) throw std::runtime_error("the policy server gave no whole answer");
    reply.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return reply;
}

}  // namespace load
