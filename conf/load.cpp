#include "conf/load.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "conf/apply.hpp"
#include "conf/guard.hpp"
#include "conf/options.hpp"
#include "conf/sign_rules.hpp"
#include "conf/syntax.hpp"
#include "conf/toml_reader.hpp"

namespace conf {
namespace {

constexpr std::size_t max_file_name_octets = 4096;

std::string format_position(const Position& position) {
  const std::string file = printable_words(position.file, max_file_name_octets);
  return position.line == 0 ? file : fmt::format("{}:{}:{}", file, position.line, position.column);
}

/// The options, and the one thing of the file that is none: the rules.
std::span<const Option> readable_options() {
  static const std::vector<Option> all = [] {
    std::vector<Option> some(options().begin(), options().end());
    Option rules;
    rules.key = "sign.rule";
    rules.set = [](Settings& settings, const Node& node) { settings.sign.rules = read_sign_rules(node); };
    some.push_back(std::move(rules));
    return some;
  }();
  return all;
}

void resolve(std::string& path, const std::filesystem::path& folder) {
  if (!path.empty()) path = (folder / path).string();  // an absolute path stays what it is
}

/// The path of "unix:PATH" or "local:PATH"; else empty.
std::string_view path_of(std::string_view socket) {
  for (const std::string_view prefix : {"unix:", "local:"})
    if (socket.starts_with(prefix)) return socket.substr(prefix.size());
  return {};
}

/// Both would be opened, the one in the place of the other.
void refuse_shared_path(const Settings& settings) {
  const auto refuse = [](std::string_view path, const Position& position, std::string_view other, std::string_view name) {
    if (!path.empty() && path == other)
      throw Error(position, fmt::format("found the path of {}, expected one of its own", name));
  };
  const std::string_view milter = path_of(settings.milter.socket);
  const std::string_view metrics = path_of(settings.metrics.listen);
  refuse(settings.control.socket, settings.control.socket_position, milter, "milter.socket");
  refuse(metrics, settings.metrics.listen_position, milter, "milter.socket");
  refuse(metrics, settings.metrics.listen_position, settings.control.socket, "control.socket");
}

Settings parse_in(const std::filesystem::path& folder, std::string_view text, const std::string& file) {
  Settings settings = defaults();
  settings.milter.socket_position.file = file;
  apply(settings, read_toml(text, file), readable_options(), "", "");
  refuse_shared_path(settings);
  resolve(settings.dns.zone_file, folder);
  resolve(settings.dmarc.psl_file, folder);
  for (auto& rule : settings.sign.rules)
    for (auto& key : rule.keys)
      if (!key.file.starts_with(credential_prefix)) resolve(key.file, folder);
  return settings;
}

[[noreturn]] void fail_reading(const std::string& path, int error) {
  throw Error({path, 0, 0}, fmt::format("found a file that cannot be read ({}), expected a readable one",
                                        std::generic_category().message(error)));
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A pipe is refused: where nobody writes into it, a reload would wait for ever.
File open_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0) fail_reading(path, errno);
  File file(::fdopen(descriptor, "rb"), std::fclose);
  if (!file) fail_reading(path, errno);
  if (S_ISFIFO(status.st_mode)) throw Error({path, 0, 0}, "found a pipe, expected a file");
  return file;
}

/// One octet more than allowed at most, so that guard() notices.
std::string read_file(const std::string& path) {
  const File file = open_file(path);
  std::string text;
  std::array<char, 65536> part{};
  while (const std::size_t size =
             std::fread(part.data(), 1, std::min(part.size(), max_file_octets + 1 - text.size()), file.get()))
    text.append(part.data(), size);
  if (std::ferror(file.get()) != 0) fail_reading(path, errno);
  return text;
}

}  // namespace

Error::Error(const Position& position, const std::string& text) : std::runtime_error(format_position(position) + ": " + text) {}

Settings parse(std::string_view text, const std::string& file) {
  return parse_in(std::filesystem::path(file).parent_path(), text, file);
}

Settings load(const std::string& path) {
  // Absolute, so that the paths stay true when the daemon changes its folder.
  const std::string text = read_file(path);
  return parse_in(std::filesystem::absolute(path).parent_path(), text, path);
}

}  // namespace conf
