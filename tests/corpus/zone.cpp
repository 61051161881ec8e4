#include "tests/corpus/zone.hpp"

#include <algorithm>
#include <memory>

#include "dns/question.hpp"
#include "tests/corpus/case.hpp"

namespace corpus {
namespace {

using Json = nlohmann::json;
constexpr unsigned max_aliases = 10;

void add(const Json& record, dns::Answer& answer) {
  const std::string type = record.at("type"), value = text_of(record, "value");
  if (value.empty() && !record.contains("strings")) return;
  answer.status = dns::Status::ok;
  if (type == "A" || type == "AAAA") answer.addresses.push_back(base::IpAddress::parse(value).value());
  if (type == "MX") answer.exchanges.push_back({record.at("preference"), plain_name(value)});
  if (type == "PTR") answer.names.push_back(plain_name(value));
  if (type != "TXT") return;
  answer.texts.emplace_back();
  for (const Json& part : record.at("strings")) answer.texts.back() += octets_of(part);
}

/// What a question gets that the name has no record for.
dns::Status failure(const Json& records, dns::Type type) {
  for (const Json& record : records) {
    if (record.at("type") != "*" && record.at("type") != dns::to_text(type)) continue;
    const std::string error = text_of(record, "error");
    if (flag_of(record, "timeout") || error == "timeout") return dns::Status::timeout;
    if (!error.empty()) return dns::Status::server_failure;
  }
  return dns::Status::no_data;
}

}  // namespace

std::string octets_of(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    if (lead < 0x80 || i + 1 == utf8.size())
      out += utf8[i];
    else
      out += static_cast<char>((lead & 0x03U) << 6U | (static_cast<unsigned char>(utf8[++i]) & 0x3fU));
  }
  return out;
}

std::string plain_name(std::string name) { return dns::ask_for(name, dns::Type::a).name; }

ZoneResolver::ZoneResolver(const Json& zone) {
  for (const auto& [name, records] : zone.items()) names_[plain_name(name)] = &records;
}

dns::AnswerPtr ZoneResolver::look_up(const dns::Question& question, unsigned aliases) const {
  const auto found = names_.find(question.name);
  if (found == names_.end()) return dns::make_empty_answer(absent_status(question.name));
  auto answer = std::make_shared<dns::Answer>();
  std::string alias;
  for (const Json& record : *found->second) {
    if (record.at("type") == dns::to_text(question.type)) add(record, *answer);
    if (record.at("type") == "CNAME") alias = plain_name(record.at("value"));
  }
  if (answer->status == dns::Status::ok) return answer;
  if (!alias.empty() && aliases < max_aliases) return look_up({alias, question.type}, aliases + 1);
  return dns::make_empty_answer(failure(*found->second, question.type));
}

dns::Status ZoneResolver::absent_status(const std::string& name) const {
  const bool is_above =
      std::any_of(names_.begin(), names_.end(), [&](const auto& listed) { return listed.first.ends_with("." + name); });
  return is_above ? dns::Status::no_data : dns::Status::no_such_name;
}

}  // namespace corpus
