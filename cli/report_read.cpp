#include "cli/report_read.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "cli/commands.hpp"
#include "cli/report_summary_text.hpp"
#include "report/read_xml.hpp"
#include "report/unpack.hpp"

namespace cli {
namespace {

using nlohmann::json;

/// One octet more than is read shows that there is more; no more than that is held. Throws FileError.
std::string read_bounded(std::istream& in, const std::string& name) {
  std::string out;
  std::array<char, 64 * 1024> buffer;
  while (out.size() <= report::UnpackLimits::max_octets && in.read(buffer.data(), buffer.size()).gcount() > 0)
    out.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
  if (in.bad()) throw FileError(fmt::format("{}: {}", name, std::strerror(errno)));
  return out;
}

std::string read_file(const std::string& path) {
  if (path == "-") return read_bounded(std::cin, "standard input");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw FileError(fmt::format("{}: {}", path, std::strerror(errno)));
  return read_bounded(file, path);
}

struct Readings {
  report::Tally tally;
  std::size_t reports = 0;
  json files = json::array();
  bool is_file_missing = false, is_report_missing = false;
};

class Reader {
 public:
  Reader(Readings& into, std::ostream& notes) : into_(into), notes_(notes) {}

  void read(const std::string& path) {
    path_ = path;
    try {
      const auto documents = report::unpack(read_file(path));
      if (!documents) return refuse(documents.error());
      for (const std::string& xml : *documents) add(xml);
    } catch (const FileError& error) {
      into_.is_file_missing = true;
      note(error.what());
      into_.files.push_back({{"file", path}, {"error", readable(error.what())}});
    }
  }

 private:
  void add(const std::string& xml) {
    const auto reading = report::read_xml(xml);
    if (!reading) return refuse(reading.error());
    ++into_.reports;
    into_.tally.add(reading->report);
    for (const std::string& finding : reading->findings)
      note(fmt::format("{}: not what {} says: {}", path_, to_text(reading->form), finding));
    into_.files.push_back({{"file", path_},
                           {"report_id", reading->report.metadata.report_id},
                           {"form", to_text(reading->form)},
                           {"findings", reading->findings}});
  }

  void refuse(const base::ParseError& error) {
    into_.is_report_missing = true;
    const std::string text =
        error.offset == 0 ? std::string(error.text) : fmt::format("{}, at octet {}", error.text, error.offset);
    note(fmt::format("{}: {}", path_, text));
    into_.files.push_back({{"file", path_}, {"error", text}});
  }

  void note(std::string_view text) { notes_ << "signet: " << readable(text) << '\n'; }

  Readings& into_;
  std::ostream& notes_;
  std::string path_;
};

}  // namespace

int run_report_read(const ReportReadOptions& options, std::ostream& out, std::ostream& notes) {
  Readings readings;
  Reader reader(readings, notes);
  for (const std::string& file : options.files) reader.read(file);
  const report::Summary summary = readings.tally.take();
  if (options.json) {
    json all = to_json(summary);
    all["files"] = readings.files;
    out << all.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  } else if (readings.reports != 0) {
    out << explain_summary(summary, Paint{options.is_coloured});
  }
  if (readings.is_file_missing) return exit_no_input;
  return readings.is_report_missing ? exit_no_report : 0;
}

}  // namespace cli
