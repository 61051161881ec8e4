#include "tests/support/map_resolver.hpp"

#include <algorithm>
#include <stdexcept>

namespace test {

dns::Answer& MapResolver::slot(const std::string& name, dns::Type type) {
  auto& answer = zone_[dns::ask_for(name, type)];
  if (!answer) answer = std::make_shared<dns::Answer>();
  answer->status = dns::Status::ok;
  answer->ttl = std::chrono::seconds{300};
  return *answer;
}

void MapResolver::txt(const std::string& name, std::vector<std::string> texts) {
  slot(name, dns::Type::txt).texts = std::move(texts);
}

namespace {
std::vector<base::IpAddress> parse_all(const std::vector<std::string>& addresses) {
  std::vector<base::IpAddress> out;
  for (const auto& text : addresses) out.push_back(base::IpAddress::parse(text).value());
  return out;
}
}  // namespace

void MapResolver::a(const std::string& name, std::vector<std::string> addresses) {
  slot(name, dns::Type::a).addresses = parse_all(addresses);
}

void MapResolver::aaaa(const std::string& name, std::vector<std::string> addresses) {
  slot(name, dns::Type::aaaa).addresses = parse_all(addresses);
}

void MapResolver::mx(const std::string& name, std::vector<std::pair<unsigned, std::string>> exchanges) {
  auto& answer = slot(name, dns::Type::mx);
  for (auto& [preference, exchange] : exchanges) answer.exchanges.push_back({static_cast<std::uint16_t>(preference), exchange});
}

void MapResolver::ptr(const std::string& name, std::vector<std::string> names) {
  slot(name, dns::Type::ptr).names = std::move(names);
}

void MapResolver::ns(const std::string& name, std::vector<std::string> names) {
  slot(name, dns::Type::ns).names = std::move(names);
}

void MapResolver::cname(const std::string& name, const std::string& target) {
  slot(name, dns::Type::cname).names = {target};
}

void MapResolver::fail(const std::string& name, dns::Type type, dns::Status status) { slot(name, type).status = status; }

dns::AnswerPtr MapResolver::look_up(const dns::Question& question) const {
  if (const auto found = zone_.find(question); found != zone_.end()) return found->second;
  const bool exists = std::any_of(zone_.begin(), zone_.end(), [&](const auto& entry) {
    const std::string& name = entry.first.name;
    return name == question.name || name.ends_with("." + question.name);
  });
  return dns::make_empty_answer(exists ? dns::Status::no_data : dns::Status::no_such_name);
}

void MapResolver::start(const dns::Question& question, Callback done) {
  asked_.push_back(question);
  if (deferred_)
    waiting_.emplace_back(question, std::move(done));
  else
    done(look_up(question));
}

dns::AnswerPtr MapResolver::at_hand(const dns::Question& question) {
  if (!is_at_hand_) return nullptr;
  asked_.push_back(question);
  return look_up(question);
}

void MapResolver::answer_all() {
  auto waiting = std::exchange(waiting_, {});
  std::reverse(waiting.begin(), waiting.end());
  for (auto& [question, done] : waiting) done(look_up(question));
}

}  // namespace test
