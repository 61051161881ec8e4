#include "migrate/sockets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "conf/syntax.hpp"

namespace migrate {
namespace {

constexpr unsigned default_port = 8891;  // as milter.socket has it

std::optional<MilterSocket> of_port(std::string_view text) {
  std::uint64_t port = 0;
  if (!base::parse_number(text, 65535, port) || port == 0) return std::nullopt;
  return MilterSocket{"", static_cast<unsigned>(port)};
}

std::optional<MilterSocket> of_path(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(MilterSocket{std::string(text), 0});
}

bool is_taken(const std::vector<MilterSocket>& old, unsigned port) {
  return std::any_of(old.begin(), old.end(), [&](const MilterSocket& s) { return s.port == port; });
}

}  // namespace

std::optional<MilterSocket> read_socket(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return of_path(text);  // opendkim takes it for a path, too
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  if (kind == "local" || kind == "unix") return of_path(rest);
  if (kind == "inet" || kind == "inet6") return of_port(rest.substr(0, rest.find('@')));
  return std::nullopt;
}

std::optional<MilterSocket> read_postfix_socket(std::string_view text) {
  if (text.starts_with("unix:") || text.starts_with("local:")) return of_path(text.substr(text.find(':') + 1));
  if (text.starts_with("inet:")) return of_port(text.substr(text.rfind(':') + 1));
  return std::nullopt;
}

bool is_same(const MilterSocket& postfix, const MilterSocket& old) {
  if (postfix.path.empty() || old.path.empty()) return postfix.path.empty() && old.path.empty() && postfix.port == old.port;
  std::string_view path = postfix.path;  // inside a chroot, "/opendkim/x" and "opendkim/x" are one
  while (path.starts_with('/')) path.remove_prefix(1);
  return old.path == path || old.path.ends_with("/" + std::string(path));
}

Sockets map_sockets(const OldSettings& opendkim, const OldSettings& opendmarc, Context& context) {
  Sockets sockets;
  std::string taken_by;
  for (const auto* old : {&opendkim, &opendmarc}) {
    const auto* setting = old->find("Socket");
    if (setting == nullptr) continue;
    const auto socket = read_socket(setting->value);
    if (!socket) {
      context.findings.problem(setting->place, fmt::format("{} is no socket", conf::printable_words(setting->value)));
      continue;
    }
    sockets.old.push_back(*socket);
    if (socket->port == default_port) taken_by = cite(*setting);
  }
  sockets.port = default_port;
  while (is_taken(sockets.old, sockets.port)) ++sockets.port;
  context.draft.set_text("milter.socket", fmt::format("inet:{}@127.0.0.1", sockets.port),
                         taken_by.empty() ? "a socket of its own" : "the usual 8891 is taken, " + taken_by);
  if (!taken_by.empty())
    context.findings.note({opendkim.program(), 0},
                          fmt::format("port {} belongs to an old program ({}); Signet listens on {}, so that "
                                      "both can run until you switch",
                                      default_port, taken_by, sockets.port));
  return sockets;
}

}  // namespace migrate
