// message_work: messages of a named kind through milter/'s session, in one thread and without a network, for whoever
// counts what that takes. Each result is checked; exit status 1 when one is not as expected.
//
//   message_work --list              the kinds, one a line
//   message_work KIND [MESSAGES]     MESSAGES to warm up, and at once as many again
//   message_work --each              one message of every kind

#include <fmt/format.h>
#include <charconv>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "bench/instructions/play.hpp"

namespace bench {
namespace {

constexpr std::size_t max_messages = 1000000;

const Kind& find_kind(std::string_view name) {
  for (const Kind& kind : kinds())
    if (kind.name == name) return kind;
  throw std::invalid_argument(fmt::format("found {}, expected one of the kinds that --list names", name));
}

std::size_t read_count(std::string_view text) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count == 0 || count > max_messages)
    throw std::invalid_argument(fmt::format("found {}, expected a number of messages, 1 to {}", text, max_messages));
  return count;
}

void expect(const Scene& scene, const auth::Report& report) {
  if (summary(report) != scene.expected)
    throw std::runtime_error(fmt::format("found {}, expected {}", summary(report), scene.expected));
  if (report.signatures.empty()) return;
  if (const std::string fault = check_signatures(scene, report); !fault.empty()) throw std::runtime_error(fault);
}

/// Enough that what OpenSSL does only now and then is shared out.
std::size_t usual_count(const Scene& scene) {
  constexpr std::size_t large_body = 256 * 1024;
  return scene.body.size() < large_body ? 32 : 2;
}

void play_all(const Scene& scene, std::size_t messages) {
  Stage stage(scene);
  std::vector<auth::Report> reports(messages);
  counted_messages(stage.service(), scene, reports);  // until everything is warm
  const auto upstream = stage.cache().upstream;
  counted_messages(stage.service(), scene, reports);
  if (stage.cache().upstream != upstream) throw std::runtime_error("found a question that the cache did not know");
  for (const auth::Report& report : reports) expect(scene, report);
}

void run(const Kind& kind, std::optional<std::size_t> wanted) try {
  const Scene scene = kind.make();
  const std::size_t messages = wanted.value_or(usual_count(scene));
  play_all(scene, messages);
  fmt::print("{} {} messages as expected\n", kind.name, messages);
} catch (const std::exception& error) {
  throw std::runtime_error(fmt::format("{}: {}", kind.name, error.what()));
}

void obey(const std::vector<std::string_view>& arguments) {
  if (arguments.empty() || arguments.size() > 2)
    throw std::invalid_argument("usage: message_work --list | --each | KIND [MESSAGES]");
  if (arguments[0] == "--list")
    for (const Kind& kind : kinds()) fmt::print("{}\n", kind.name);
  else if (arguments[0] == "--each")
    for (const Kind& kind : kinds()) run(kind, 1);
  else
    run(find_kind(arguments[0]), arguments.size() == 2 ? std::optional(read_count(arguments[1])) : std::nullopt);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
  bench::obey({argv + 1, argv + argc});
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "message_work: {}\n", error.what());
  return 1;
}
