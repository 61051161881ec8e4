// Replays a target's seeds, kept findings among them, and deterministic mutations of each: what the ordinary test run
// does with a fuzz target, with any compiler. libFuzzer itself is for scripts/fuzz.
//
//   replay_TARGET FOLDER MUTATIONS     every file of FOLDER as it is, then MUTATIONS variants of it
//   replay_TARGET FILE                 one input as it is: a finding

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "tests/fuzz/property.hpp"

namespace {

namespace fs = std::filesystem;

struct Seed {
  std::string name;
  std::string octets;
};

// For the signal handler: which input was tried last, and where it is left for a debugger.
struct Trial {
  std::string label;
  std::string octets;
  std::string kept_in;
};
Trial trial;

void write_all(int descriptor, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = write(descriptor, text.data() + at, text.size() - at);
    if (written <= 0) return;
    at += static_cast<std::size_t>(written);
  }
}

extern "C" void report_trial(int signal) {
  write_all(STDERR_FILENO, "while replaying " + trial.label + "; the input is kept in " + trial.kept_in + "\n");
  if (std::FILE* file = std::fopen(trial.kept_in.c_str(), "wb")) {
    write_all(fileno(file), trial.octets);
    static_cast<void>(std::fclose(file));
  }
  static_cast<void>(std::signal(signal, SIG_DFL));
  static_cast<void>(std::raise(signal));
}

void run(std::string label, std::string octets) {
  trial.label = std::move(label);
  trial.octets = std::move(octets);
  // A copy of exactly this size, so that a sanitizer sees a read one octet past it.
  const std::vector<std::uint8_t> exact(trial.octets.begin(), trial.octets.end());
  static_cast<void>(LLVMFuzzerTestOneInput(exact.data(), exact.size()));
}

Seed read_seed(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {path.filename().string(), {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}};
}

std::vector<Seed> read_seeds(const fs::path& folder) {
  std::vector<Seed> seeds;
  for (const auto& entry : fs::directory_iterator(folder)) seeds.push_back(read_seed(entry.path()));
  if (seeds.empty()) throw std::runtime_error("no seeds in " + folder.string());
  std::sort(seeds.begin(), seeds.end(), [](const Seed& a, const Seed& b) { return a.name < b.name; });
  return seeds;
}

/// Any part of text.
std::string piece_of(const std::string& text, fuzz::Dice& dice) {
  constexpr std::size_t longest = 24;
  const std::size_t start = dice.below(text.size() + 1);
  return text.substr(start, 1 + dice.below(longest));
}

/// One small change, at one place, with octets that mean something somewhere or with a piece of some seed.
void change(std::string& octets, const std::vector<Seed>& seeds, fuzz::Dice& dice) {
  using namespace std::string_view_literals;
  constexpr std::string_view telling = "\0\r\n\t \"\\()<>@,;:.=%{}[]/+-_~!'\x7f\x80\xc3\xff"sv;
  const std::size_t place = dice.below(octets.size() + 1);
  switch (dice.below(5)) {
    case 0:
      if (place < octets.size())
        octets[place] = static_cast<char>(static_cast<unsigned>(octets[place]) ^ (1U << dice.below(8)));
      return;
    case 1:
      if (place < octets.size()) octets[place] = telling[dice.below(telling.size())];
      return;
    case 2:
      octets.insert(place, 1, telling[dice.below(telling.size())]);
      return;
    case 3:
      octets.erase(place, 1 + dice.below(8));
      return;
    default:
      octets.insert(place, piece_of(seeds[dice.below(seeds.size())].octets, dice));
  }
}

void replay_with_mutations(const std::vector<Seed>& seeds, std::size_t mutations) {
  for (std::size_t s = 0; s < seeds.size(); ++s) {
    run(seeds[s].name, seeds[s].octets);
    fuzz::Dice dice(s);
    for (std::size_t m = 0; m < mutations; ++m) {
      std::string octets = seeds[s].octets;
      for (std::size_t changes = 1 + dice.below(4); changes != 0; --changes) change(octets, seeds, dice);
      run(seeds[s].name + ", mutation " + std::to_string(m), std::move(octets));
    }
  }
}

int replay(const std::string& program, const fs::path& path, std::size_t mutations) {
  trial.kept_in = fs::path(program).filename().string() + ".failed";
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) static_cast<void>(std::signal(signal, report_trial));
  const auto seeds = fs::is_directory(path) ? read_seeds(path) : std::vector<Seed>{read_seed(path)};
  replay_with_mutations(seeds, mutations);
  std::cout << seeds.size() << " seeds replayed, and " << mutations << " mutations of each\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2 || argc == 3) return replay(argv[0], argv[1], argc == 3 ? std::stoul(argv[2]) : 0);
    std::cerr << "usage: " << argv[0] << " FOLDER MUTATIONS | FILE\n";
  } catch (const std::exception& failure) {
    std::cerr << argv[0] << ": " << failure.what() << "\n";
  }
  return 1;
}
