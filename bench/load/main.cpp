// milter_load: many messages of given kinds through a filter's socket, or those of several filters in a row, over several
// sessions at once, each verdict checked. One line of JSON at the end; exit status 0 when every verdict was the
// expected one.

#include <sys/resource.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <latch>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/load/player.hpp"

namespace {

struct Arguments {
  std::string socket, kinds;
  std::vector<std::string> more_sockets, policy;
  std::size_t messages = 1000, connections = 8, each = 10;
  bool is_rude = false, is_holding = false;
};

using Prepared = std::vector<std::vector<load::PreparedMail>>;  // by kind

/// The messages of one session, of one kind.
std::vector<const load::PreparedMail*> messages_of_turn(const Prepared& prepared, std::size_t turn, std::size_t count,
                                                        std::size_t each) {
  const auto& kind = prepared[turn % prepared.size()];
  std::vector<const load::PreparedMail*> messages;
  for (std::size_t i = 0; i < count; ++i) messages.push_back(&kind[(turn / prepared.size() * each + i) % kind.size()]);
  return messages;
}

/// Every thread takes the next turn, a session, until all messages are given out.
void play_all(const Arguments& arguments, const load::Route& route, const Prepared& prepared, load::Score& score) {
  std::atomic<std::size_t> turns{0};
  const auto run = [&] {
    for (;;) {
      const std::size_t turn = turns++;
      if (turn * arguments.each >= arguments.messages) return;
      const std::size_t left = arguments.messages - turn * arguments.each;
      const auto messages = messages_of_turn(prepared, turn, std::min(arguments.each, left), arguments.each);
      load::Player player(route, score);
      arguments.is_rude ? player.play_rudely(messages, turn) : player.play(messages);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < arguments.connections; ++i) threads.emplace_back(run);
  for (auto& thread : threads) thread.join();
}

/// All sessions stop in the middle of a message; says so, and ends them when a line comes on the standard input.
void hold_all(const Arguments& arguments, const load::Route& route, const Prepared& prepared, load::Score& score) {
  std::latch all_there(static_cast<std::ptrdiff_t>(arguments.connections)), is_over(1);
  const auto wait = [&] {
    all_there.count_down();
    is_over.wait();
  };
  const auto run = [&] { load::Player(route, score).hold(prepared.front().front(), wait); };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < arguments.connections; ++i) threads.emplace_back(run);
  all_there.wait();
  std::puts("holding");
  std::fflush(stdout);
  std::string line;
  std::getline(std::cin, line);
  is_over.count_down();
  for (auto& thread : threads) thread.join();
}

void add_options(CLI::App& app, Arguments& arguments) {
  app.add_option("socket", arguments.socket, "inet:PORT@HOST or unix:PATH")->required();
  app.add_option("kinds", arguments.kinds, "a JSON array of kinds of message, see kinds.hpp")->required();
  app.add_option("--then", arguments.more_sockets, "another filter that each message goes through after that")
      ->allow_extra_args(false);
  app.add_option("--policy", arguments.policy,
                 "a policy server, run for each session before the filters: its path, then arguments")
      ->allow_extra_args(false);
  app.add_option("-n,--messages", arguments.messages, "how many in all")->capture_default_str();
  app.add_option("-c,--connections", arguments.connections, "how many at once")->capture_default_str();
  app.add_option("-e,--each", arguments.each, "messages of one session")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_flag("--rude", arguments.is_rude, "other messages between them are aborted or left with their connection");
  app.add_flag("--hold", arguments.is_holding, "one message on each connection, halted in its middle until a line is read");
}

load::Route make_route(const Arguments& arguments) {
  load::Route route{{load::meet_filter(arguments.socket)}, arguments.policy};
  for (const auto& socket : arguments.more_sockets) route.filters.push_back(load::meet_filter(socket));
  return route;
}

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; }

/// Of the policy servers that have ended.
double children_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void print_report(const load::Score& score, double took_s) {
  const nlohmann::json report{{"good", score.good()},
                              {"abandoned", score.abandoned()},
                              {"failed", score.failed()},
                              {"failures", score.failures()},
                              {"seconds", took_s},
                              {"per_second", static_cast<double>(score.good()) / took_s},
                              {"p50_ms", score.percentile_ms(50)},
                              {"p99_ms", score.percentile_ms(99)},
                              {"max_ms", score.percentile_ms(100)},
                              {"children_cpu_s", children_cpu_s()}};
  std::puts(report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

/// Whether all went as expected.
bool run(const Arguments& arguments) {
  const load::Route route = make_route(arguments);
  const auto kinds = load::read_kinds(arguments.kinds);
  std::vector<std::vector<load::Mail>> mail;
  for (const auto& kind : kinds) mail.push_back(load::make_mail(kind));
  Prepared prepared(mail.size());
  for (std::size_t i = 0; i < mail.size(); ++i)
    for (const auto& one : mail[i]) prepared[i].push_back(load::prepare(one, route));
  load::Score score;
  const auto start = std::chrono::steady_clock::now();
  arguments.is_holding ? hold_all(arguments, route, prepared, score) : play_all(arguments, route, prepared, score);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  print_report(score, took.count());
  const bool is_complete = arguments.is_holding || score.good() == arguments.messages;
  return score.failed() == 0 && is_complete;
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("milter_load: messages through mail filters, each verdict checked");
  Arguments arguments;
  add_options(app, arguments);
  CLI11_PARSE(app, argc, argv);
  return run(arguments) ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "milter_load: %s\n", error.what());
  return 2;
}
