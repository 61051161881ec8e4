#pragma once
// What the runners of DMARC cases share.

#include <string>

#include "tests/corpus/case.hpp"

namespace corpus {

/// The last word on a case, with the section that our answer rests on, "RFC 9989 §4.8".
struct Judge {
  const nlohmann::json& test;
  Report& report;
  std::string section;
  std::string mark{};  // after the case's id, where it is run in more than one way

  void settle(const std::string& expected, const std::string& got) const {
    nlohmann::json marked = test;
    marked["id"] = text_of(test, "id") + mark;
    corpus::settle(marked, {expected == got, expected, got, section}, report);
  }
};

void run_dmarc_record(const nlohmann::json& test, Report& report);     // records.json
void run_dmarc_tag_value(const nlohmann::json& test, Report& report);  // tag-values.json

}  // namespace corpus
