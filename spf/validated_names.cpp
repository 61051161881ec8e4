#include "spf/validated_names.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace spf {
namespace {

/// 0: the domain itself; 1: below it; 2: any other name.
unsigned distance(std::string_view name, std::string_view domain) {
  if (!is_or_is_below(name, domain)) return 2;
  return dns::ask_for(name, dns::Type::a).name.size() == dns::ask_for(domain, dns::Type::a).name.size() ? 0 : 1;
}

std::string without_final_dot(const std::string& name) { return name.ends_with('.') ? name.substr(0, name.size() - 1) : name; }

}  // namespace

Validation validate_name(dns::View& view, const base::IpAddress& client, const std::string& name) {
  const auto question = dns::ask_for(name, client.is_v4() ? dns::Type::a : dns::Type::aaaa);
  if (!dns::is_sendable_name(question.name)) return Validation::not_validated;
  const dns::Answer* answer = view.ask(question);
  if (answer == nullptr) return Validation::unknown;
  const bool is_listed = std::find(answer->addresses.begin(), answer->addresses.end(), client) != answer->addresses.end();
  return answer->status == dns::Status::ok && is_listed ? Validation::validated : Validation::not_validated;
}

dns::Question pointer_question(const base::IpAddress& client) { return dns::ask_for(client.reverse_name(), dns::Type::ptr); }

bool is_or_is_below(std::string_view name, std::string_view domain) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (domain.ends_with('.')) domain.remove_suffix(1);
  if (domain.empty() || name.size() < domain.size()) return false;
  const std::size_t start = name.size() - domain.size();
  return base::iequals(name.substr(start), domain) && (start == 0 || name[start - 1] == '.');
}

std::optional<std::string> find_validated_name(dns::View& view, const base::IpAddress& client, std::string_view domain,
                                               unsigned most) {
  const dns::Answer* pointers = view.ask(pointer_question(client));
  if (pointers == nullptr) return std::nullopt;
  std::string best = "unknown";
  unsigned best_distance = 3;
  bool is_known = true;
  if (pointers->status != dns::Status::ok) return best;
  const std::size_t count = std::min<std::size_t>(most, pointers->names.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& name = pointers->names[i];
    const Validation validation = validate_name(view, client, name);
    if (validation == Validation::unknown) is_known = false;
    if (validation != Validation::validated || distance(name, domain) >= best_distance) continue;
    best_distance = distance(name, domain);
    best = without_final_dot(name);
  }
  if (!is_known) return std::nullopt;
  return best;
}

}  // namespace spf
