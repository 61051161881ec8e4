#pragma once
// What the runners of DMARC cases share.

#include <nlohmann/json.hpp>
#include <string>

#include "tests/corpus/report.hpp"

namespace corpus {

/// The last word on a case: `got` is what is asked for, or it failed; of a disputed one it is stated, with the
/// section we go by.
struct Judge {
  const nlohmann::json& test;
  Report& report;
  std::string section;  // "RFC 9989 §4.8"
  std::string mark{};   // after the case's id, where it is run in more than one way

  void settle(const std::string& expected, const std::string& got) const {
    const std::string id = test.at("id").get<std::string>() + mark;
    if (expected == got)
      report.passed(id);
    else if (test.contains("disputed"))
      report.disputed(id, expected, got, section);
    else
      report.failed(id, expected, got);
  }
};

void run_dmarc_record(const nlohmann::json& test, Report& report);     // records.json
void run_dmarc_tag_value(const nlohmann::json& test, Report& report);  // tag-values.json

}  // namespace corpus
