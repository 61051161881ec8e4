#pragma once
// What became of the cases of a corpus. The formats are those of the corpora's own README; no case is
// treated specially by its name.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace corpus {

class Report {
 public:
  void file(const std::string& name);  // the cases that follow are of this file
  void passed(const std::string& id);
  void failed(const std::string& id, const std::string& expected, const std::string& got);
  void skipped(const std::string& id, const std::string& why);
  /// The source is at odds with the RFC or with other programs: listed, never a failure. `section`: what our answer
  /// rests on, "RFC 7208 §4.6.4".
  void disputed(const std::string& id, const std::string& expected, const std::string& got, std::string_view section);
  /// Prints the count of the last file.
  void finish_file();

  [[nodiscard]] std::size_t passed_count() const { return passed_; }
  [[nodiscard]] std::size_t failed_count() const { return failed_; }
  [[nodiscard]] std::size_t skipped_count() const { return skipped_; }

 private:
  std::string file_;
  std::size_t passed_ = 0, failed_ = 0, skipped_ = 0, disputed_ = 0;
  std::size_t file_passed_ = 0, file_failed_ = 0, file_skipped_ = 0, file_disputed_ = 0;
};

// One runner per area; each takes one file of it (a .json) and reports every case in it. A runner decides by
// the file's folder and name which kind of case it holds, and reports a case of an unknown kind as skipped.
void run_spf(const std::filesystem::path& file, Report& report);
void run_dkim(const std::filesystem::path& file, Report& report);  // dkim/, dkim-sign/, dkim-tables/
void run_dmarc(const std::filesystem::path& file, Report& report);
void run_message(const std::filesystem::path& file, Report& report);  // headers/, ar/
void run_milter(const std::filesystem::path& file, Report& report);
void run_report(const std::filesystem::path& file, Report& report);  // reports/

}  // namespace corpus
