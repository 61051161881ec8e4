#pragma once
// The zones of the spf/ and milter/ corpora, whose rules are in the corpora's README, as a resolver.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "dns/resolver.hpp"

namespace corpus {

/// Each character of the corpus's text is one octet.
[[nodiscard]] std::string octets_of(const std::string& utf8);

/// A name as questions spell it.
[[nodiscard]] std::string plain_name(std::string name);

class ZoneResolver final : public dns::Resolver {
 public:
  /// `zone` outlives this.
  explicit ZoneResolver(const nlohmann::json& zone);
  void start(const dns::Question& question, Callback done) override { done(look_up(question)); }

 private:
  [[nodiscard]] dns::AnswerPtr look_up(const dns::Question& question, unsigned aliases = 0) const;
  [[nodiscard]] dns::Status absent_status(const std::string& name) const;

  std::map<std::string, const nlohmann::json*> names_;
};

}  // namespace corpus
