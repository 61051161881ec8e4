#include "tests/corpus/case.hpp"

#include <algorithm>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/text.hpp"

namespace corpus {
namespace {

using Json = nlohmann::json;

bool is_disputed(const Json& test) { return states(test, "disputed") && test.at("disputed") != false; }

/// `accept` is a list or a single value.
bool is_accepted(const Json& test, const std::string& got) {
  if (!states(test, "accept")) return false;
  const Json& accept = test.at("accept");
  if (!accept.is_array()) return as_text(accept) == got;
  return std::any_of(accept.begin(), accept.end(), [&](const Json& one) { return as_text(one) == got; });
}

}  // namespace

std::string read_octets(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool states(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && !found->is_null();
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

Json list_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : Json::array();
}

std::string as_text(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string unfolded(std::string_view text) {
  std::string out;
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') is_quoted = !is_quoted;
    if (!base::is_fws(c))
      out += c;
    else if (!out.ends_with(' ') && (is_quoted || !out.ends_with('=')))
      out += ' ';
  }
  return std::string(base::trim(out));
}

void settle(const Json& test, const Outcome& outcome, Report& report) {
  const std::string id = text_of(test, "id");
  if (outcome.is_right || is_accepted(test, outcome.got))
    report.passed(id);
  else if (outcome.is_disputed || is_disputed(test))
    report.disputed(id, outcome.expected, outcome.got, outcome.section);
  else
    report.failed(id, outcome.expected, outcome.got);
}

void run_cases(const Json& cases, const CaseRunner& run, Report& report) {
  for (const Json& test : cases) {
    try {
      run(test);
    } catch (const Json::exception& error) {
      report.skipped(text_of(test, "id"), std::string("not of the format: ") + error.what());
    } catch (const std::exception& error) {
      report.failed(text_of(test, "id"), "an answer", error.what());
    }
  }
}

}  // namespace corpus
