#include "tests/corpus/report.hpp"

#include <fmt/core.h>

namespace corpus {

void Report::file(const std::string& name) {
  finish_file();
  file_ = name;
}

void Report::finish_file() {
  if (!file_.empty())
    fmt::print("{}: {} passed, {} failed, {} skipped, {} disputed\n", file_, file_passed_, file_failed_, file_skipped_,
               file_disputed_);
  file_.clear();
  file_passed_ = file_failed_ = file_skipped_ = file_disputed_ = 0;
}

void Report::passed(const std::string&) {
  ++passed_;
  ++file_passed_;
}

void Report::failed(const std::string& id, const std::string& expected, const std::string& got) {
  fmt::print("FAILED {}: expected {}, got {}\n", id, expected, got);
  ++failed_;
  ++file_failed_;
}

void Report::skipped(const std::string& id, const std::string& why) {
  fmt::print("skipped {}: {}\n", id, why);
  ++skipped_;
  ++file_skipped_;
}

void Report::disputed(const std::string& id, const std::string& expected, const std::string& got, std::string_view section) {
  fmt::print("disputed {}: source says {}, we say {} [{}]\n", id, expected, got, section);
  ++disputed_;
  ++file_disputed_;
}

}  // namespace corpus
