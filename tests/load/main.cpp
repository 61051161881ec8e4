// milter_load: many messages of given kinds through a filter's socket, over several connections at once, each verdict
// checked. One line of JSON at the end; exit status 0 when every verdict was the expected one.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/load/player.hpp"

namespace {

struct Arguments {
  std::string socket, kinds;
  std::size_t messages = 1000, connections = 8, each = 10;
  bool is_rude = false;
};

/// Every thread takes the next turn, a connection of one kind, until all messages are given out.
void play_all(const Arguments& arguments, const std::vector<load::Kind>& kinds, load::Score& score) {
  std::atomic<std::size_t> turns{0};
  const auto run = [&] {
    for (;;) {
      const std::size_t turn = turns++;
      if (turn * arguments.each >= arguments.messages) return;
      const std::size_t left = arguments.messages - turn * arguments.each;
      load::Player(arguments.socket, kinds[turn % kinds.size()], arguments.is_rude, score).play(std::min(arguments.each, left));
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < arguments.connections; ++i) threads.emplace_back(run);
  for (auto& thread : threads) thread.join();
}

void add_options(CLI::App& app, Arguments& arguments) {
  app.add_option("socket", arguments.socket, "inet:PORT@HOST or unix:PATH")->required();
  app.add_option("kinds", arguments.kinds, "a JSON array: name file client sender daemon_name verdict code inserted")
      ->required();
  app.add_option("-n,--messages", arguments.messages, "how many in all")->capture_default_str();
  app.add_option("-c,--connections", arguments.connections, "how many at once")->capture_default_str();
  app.add_option("-e,--each", arguments.each, "messages of one connection")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_flag("--rude", arguments.is_rude, "other messages between them are aborted or left with their connection");
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("milter_load: messages through a mail filter, each verdict checked");
  Arguments arguments;
  add_options(app, arguments);
  CLI11_PARSE(app, argc, argv);
  const auto kinds = load::read_kinds(arguments.kinds);
  load::Score score;
  const auto start = std::chrono::steady_clock::now();
  play_all(arguments, kinds, score);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const nlohmann::json report{{"good", score.good()},     {"abandoned", score.abandoned()},
                              {"failed", score.failed()}, {"failures", score.failures()},
                              {"seconds", took.count()},  {"per_second", static_cast<double>(score.good()) / took.count()}};
  std::puts(report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  return score.failed() == 0 && score.good() == arguments.messages ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "milter_load: %s\n", error.what());
  return 2;
}
