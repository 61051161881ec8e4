#include "tests/load/kinds.hpp"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace load {
namespace {

constexpr std::size_t max_header_octets = std::size_t{16} << 20U;  // hostile headers are sent, too

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string octets(std::istreambuf_iterator<char>(in), {});
  if (!in) throw std::runtime_error("cannot read " + path);
  return octets;
}

Kind read_kind(const nlohmann::json& object) {
  return {object.at("name"),        message::parse_message_file(read_file(object.at("file")), max_header_octets),
          object.at("client"),      object.at("sender"),
          object.at("daemon_name"), object.at("verdict"),
          object.at("code"),        object.at("inserted")};
}

}  // namespace

std::vector<Kind> read_kinds(const std::string& path) {
  std::vector<Kind> kinds;
  for (const auto& object : nlohmann::json::parse(read_file(path))) kinds.push_back(read_kind(object));
  if (kinds.empty()) throw std::runtime_error(path + ": found no kind of message, expected at least one");
  return kinds;
}

}  // namespace load
