#pragma once
// A folder of its own with files that a command reads, removed at the end.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace test {

class Folder {
 public:
  Folder() { std::filesystem::create_directories(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  /// The path of a file with these octets.
  [[nodiscard]] std::string file(const std::string& name, const std::string& octets) const {
    std::ofstream(path_ / name, std::ios::binary) << octets;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("signet-cli-" + std::to_string(::getpid()));
};

}  // namespace test
