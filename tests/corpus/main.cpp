// corpus_runner DIR…: runs every case below each directory (or the one file) and counts.

#include <fmt/core.h>
#include <algorithm>
#include <map>
#include <vector>

#include "tests/corpus/report.hpp"

namespace {

namespace fs = std::filesystem;
using Runner = void (*)(const fs::path&, corpus::Report&);

Runner runner_for(const fs::path& file) {
  static const std::map<std::string, Runner> by_folder = {
      {"spf", corpus::run_spf},          {"dkim", corpus::run_dkim},     {"dkim-sign", corpus::run_dkim},
      {"dkim-tables", corpus::run_dkim}, {"dmarc", corpus::run_dmarc},   {"headers", corpus::run_message},
      {"ar", corpus::run_message},       {"milter", corpus::run_milter}, {"reports", corpus::run_report},
  };
  for (fs::path folder = file.parent_path(); folder.has_filename(); folder = folder.parent_path())
    if (const auto found = by_folder.find(folder.filename().string()); found != by_folder.end()) return found->second;
  return nullptr;
}

std::vector<fs::path> json_files(const fs::path& root) {
  std::vector<fs::path> files;
  if (fs::is_regular_file(root)) return {fs::absolute(root)};
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().extension() == ".json") files.push_back(fs::absolute(entry.path()));
  std::sort(files.begin(), files.end());
  return files;
}

constexpr int all_skipped = 77;  // what ctest counts as skipped

}  // namespace

int main(int argc, char** argv) try {
  corpus::Report report;
  for (int i = 1; i < argc; ++i) {
    for (const fs::path& file : json_files(argv[i])) {
      const Runner run = runner_for(file);
      if (run == nullptr) continue;
      report.file(file.parent_path().filename().string() + "/" + file.filename().string());
      run(file, report);
    }
  }
  report.finish_file();
  fmt::print("{} passed, {} failed, {} skipped\n", report.passed_count(), report.failed_count(), report.skipped_count());
  if (report.failed_count() != 0) return 1;
  if (report.passed_count() != 0) return 0;
  return report.skipped_count() != 0 ? all_skipped : 1;  // a directory without any case is a mistake
} catch (const std::exception& error) {
  fmt::print(stderr, "corpus_runner: {}\n", error.what());
  return 2;
}
