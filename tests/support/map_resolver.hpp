#pragma once
// A resolver that is a map: what unit tests resolve against. Answers inside start(), or, when deferred,
// when answer_all() is called; or has all answers at hand. Names not in the map are NXDOMAIN, or no data if a listed name lies
// below.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "dns/inquiry.hpp"
#include "dns/resolver.hpp"
#include "dns/view.hpp"

namespace test {

class MapResolver final : public dns::Resolver {
 public:
  void txt(const std::string& name, std::vector<std::string> texts);
  void a(const std::string& name, std::vector<std::string> addresses);
  void aaaa(const std::string& name, std::vector<std::string> addresses);
  void mx(const std::string& name, std::vector<std::pair<unsigned, std::string>> exchanges);
  void ptr(const std::string& name, std::vector<std::string> names);
  void ns(const std::string& name, std::vector<std::string> names);
  /// As one server answers that does not hold the target: not followed.
  void cname(const std::string& name, const std::string& target);
  /// A question of this type for this name fails so.
  void fail(const std::string& name, dns::Type type, dns::Status status);

  void start(const dns::Question& question, Callback done) override;
  [[nodiscard]] dns::AnswerPtr at_hand(const dns::Question& question) override;
  /// With this on, every answer is at hand.
  void keep_at_hand(bool on) { is_at_hand_ = on; }
  /// With deferral on, answers wait; answer_all() gives all that are waiting (in reverse order, to surprise).
  void defer(bool on) { deferred_ = on; }
  void answer_all();

  [[nodiscard]] const std::vector<dns::Question>& asked() const { return asked_; }

 private:
  dns::Answer& slot(const std::string& name, dns::Type type);
  [[nodiscard]] dns::AnswerPtr look_up(const dns::Question& question) const;

  std::map<dns::Question, std::shared_ptr<dns::Answer>> zone_;
  std::vector<dns::Question> asked_;
  std::vector<std::pair<dns::Question, Callback>> waiting_;
  bool deferred_ = false;
  bool is_at_hand_ = false;
};

/// Runs an evaluator to its verdict against a resolver, as the daemon would. An Inquiry whose answers never
/// come ends at once with timeouts.
template <class Verdict, class Evaluator>
Verdict decide(dns::Resolver& resolver, Evaluator evaluator) {
  auto inquiry = dns::Inquiry<Verdict>::start(resolver, std::move(evaluator));
  return inquiry->collect(base::SteadyTime{});
}

}  // namespace test
