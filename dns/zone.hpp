#pragma once
// DNS data held in memory and a resolver that answers from it: CNAMEs, empty non-terminals, wildcards (RFC 4592),
// and failures on demand. Not a name server: no zone cuts, no DNAME. dns/zone_file.hpp reads one from a text.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "dns/resolver.hpp"

namespace dns {

class Zone {
 public:
  /// CNAMEs are followed, at most max_cname_chain of them; more is malformed. A name that is not listed is
  /// no_such_name, or no_data if a listed name lies below it (RFC 4592 §2.2.2). Negative answers have a TTL of 0.
  [[nodiscard]] AnswerPtr look_up(const Question& question) const;

  /// Adds what `record` holds to what the name has of the type. The smallest TTL counts for all (RFC 2181 §5.2).
  /// False, and nothing is added: the name would have more than Answer::max_records of the type, or a CNAME
  /// beside something else (RFC 1034 §3.6.2).
  [[nodiscard]] bool add(const Question& owner, const Answer& record);

  /// The name exists, whatever else it has.
  void add_name(const std::string& name) { node(name); }

  /// From now on this question fails so.
  void fail(const Question& question, Status status);
  /// From now on every question for the name fails so, but for the types it has records of.
  void fail_rest(const std::string& name, Status status);

 private:
  struct Node {
    std::map<Type, std::shared_ptr<Answer>> records;
    std::map<Type, Status> failures;
    std::optional<Status> rest;
  };
  Node& node(const std::string& name);
  [[nodiscard]] const Node* find(const std::string& name) const;

  std::map<std::string, Node> nodes_;  // the names listed and, without anything, those above them
};

/// Answers from a zone, inside start. Any thread.
class ZoneResolver final : public Resolver {
 public:
  explicit ZoneResolver(Zone zone) : zone_(std::move(zone)) {}
  void start(const Question& question, Callback done) override { done(zone_.look_up(question)); }
  [[nodiscard]] AnswerPtr at_hand(const Question& question) override { return zone_.look_up(question); }

 private:
  const Zone zone_;
};

}  // namespace dns
