#pragma once
// One SPF check against a map of DNS data, as the daemon would run it.

#include <string>
#include <utility>

#include "spf/check_host.hpp"
#include "tests/support/map_resolver.hpp"

namespace test {

inline spf::Input spf_input(const std::string& domain, const std::string& client) {
  spf::Input input;
  input.client = base::IpAddress::parse(client).value();
  input.domain = input.sender_domain = domain;
  input.local_part = "strong-bad";
  input.helo = "mx.example.org";
  input.receiver = "mail.receiver.example";
  input.now = 1700000000;
  return input;
}

inline spf::Verdict spf_check(dns::Resolver& resolver, spf::Input input, spf::Limits limits = {}) {
  return decide<spf::Verdict>(
      resolver, [input = std::move(input), limits](dns::View& view) { return spf::check_host(view, input, limits); });
}

inline spf::Verdict spf_check(dns::Resolver& resolver, const std::string& domain, const std::string& client) {
  return spf_check(resolver, spf_input(domain, client));
}

inline std::string spf_explain(dns::Resolver& resolver, spf::Input input, spf::Verdict verdict) {
  return decide<std::string>(resolver, [input = std::move(input), verdict = std::move(verdict)](dns::View& view) {
    return spf::explain(view, input, verdict);
  });
}

inline std::string result_of(const spf::Verdict& verdict) { return std::string(spf::to_text(verdict.result)); }

}  // namespace test
