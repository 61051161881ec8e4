#include "tests/corpus/report.hpp"

namespace corpus {

void run_milter(const std::filesystem::path& file, Report& report) {
  report.skipped(file.filename().string(), "whole-milter cases have no runner yet");
}

}  // namespace corpus
