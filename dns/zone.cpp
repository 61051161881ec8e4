#include "dns/zone.hpp"

#include <algorithm>

#include "dns/message.hpp"

namespace dns {
namespace {

void append(Answer& to, const Answer& from) {
  to.addresses.insert(to.addresses.end(), from.addresses.begin(), from.addresses.end());
  to.texts.insert(to.texts.end(), from.texts.begin(), from.texts.end());
  to.exchanges.insert(to.exchanges.end(), from.exchanges.begin(), from.exchanges.end());
  to.names.insert(to.names.end(), from.names.begin(), from.names.end());
}

std::size_t record_count(const Answer& answer) {
  return answer.addresses.size() + answer.texts.size() + answer.exchanges.size() + answer.names.size();
}

AnswerPtr with_ttl(const Answer& answer, std::chrono::seconds ttl) {
  auto copy = std::make_shared<Answer>();
  append(*copy, answer);
  copy->status = answer.status;
  copy->ttl = ttl;
  return copy;
}

/// The name without its first label; the root is empty.
std::string parent(const std::string& name) {
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? std::string() : name.substr(dot + 1);
}

}  // namespace

AnswerPtr Zone::look_up(const Question& question) const {
  std::string name = question.name;
  auto ttl = std::chrono::seconds::max();
  for (std::size_t length = 0; length <= max_cname_chain; ++length) {
    const Node* node = find(name);
    if (node == nullptr) return make_empty_answer(Status::no_such_name);
    if (const auto failure = node->failures.find(question.type); failure != node->failures.end())
      return make_empty_answer(failure->second);
    if (const auto own = node->records.find(question.type); own != node->records.end())
      return own->second->ttl <= ttl ? own->second : with_ttl(*own->second, ttl);
    if (node->rest) return make_empty_answer(*node->rest);
    const auto alias = node->records.find(Type::cname);
    if (alias == node->records.end()) return make_empty_answer(Status::no_data);
    ttl = std::min(ttl, alias->second->ttl);
    name = alias->second->names.front();
  }
  return make_empty_answer(Status::malformed);
}

bool Zone::add(const Question& owner, const Answer& record) {
  Node& at = node(owner.name);
  const auto own = at.records.find(owner.type);
  const bool has_alias = at.records.contains(Type::cname);
  if (has_alias || (owner.type == Type::cname && !at.records.empty())) return false;
  if (own == at.records.end()) {
    auto& made = at.records[owner.type] = std::make_shared<Answer>();
    append(*made, record);
    made->status = Status::ok;
    made->ttl = record.ttl;
    return true;
  }
  if (record_count(*own->second) + record_count(record) > Answer::max_records) return false;
  append(*own->second, record);
  own->second->ttl = std::min(own->second->ttl, record.ttl);
  return true;
}

void Zone::fail(const Question& question, Status status) { node(question.name).failures[question.type] = status; }

void Zone::fail_rest(const std::string& name, Status status) { node(name).rest = status; }

/// The node of a name, made if need be, with all above it.
Zone::Node& Zone::node(const std::string& name) {
  Node& made = nodes_[name];
  for (std::string above = name; !above.empty();) {
    above = parent(above);
    if (!nodes_.try_emplace(above).second) break;
  }
  return made;
}

/// The name's own node, or that of the wildcard below its closest encloser (RFC 4592 §3.3.1), or null.
const Zone::Node* Zone::find(const std::string& name) const {
  if (const auto own = nodes_.find(name); own != nodes_.end()) return &own->second;
  std::string encloser = name;
  while (!encloser.empty() && !nodes_.contains(encloser)) encloser = parent(encloser);
  const auto wildcard = nodes_.find(encloser.empty() ? "*" : "*." + encloser);
  return wildcard == nodes_.end() ? nullptr : &wildcard->second;
}

}  // namespace dns
