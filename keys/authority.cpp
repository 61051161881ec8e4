#include "keys/authority.hpp"

#include <algorithm>

#include "dns/ares_resolver.hpp"
#include "dns/inquiry.hpp"
#include "keys/compare.hpp"

namespace keys {
namespace {

using dkim::Published;

constexpr std::chrono::milliseconds server_patience{2000};  // for the first try; the second has twice as long

std::string parent_of(const std::string& name) {
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? std::string() : name.substr(dot + 1);
}

/// Its addresses of both kinds; false: one is not known yet.
bool add_addresses(dns::View& view, NameServer& server) {
  const dns::Answer* v4 = view.ask(dns::ask_for(server.name, dns::Type::a));
  const dns::Answer* v6 = view.ask(dns::ask_for(server.name, dns::Type::aaaa));
  if (v4 == nullptr || v6 == nullptr) return false;
  for (const dns::Answer* answer : {v4, v6})
    for (const auto& address : answer->addresses)
      if (server.addresses.size() < max_addresses) server.addresses.push_back(address.text());
  return true;
}

std::optional<Authority> with_addresses(dns::View& view, const std::string& zone, std::vector<std::string> names) {
  for (auto& name : names) name = dns::ask_for(name, dns::Type::a).name;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  Authority authority{zone, {}};
  if (names.size() > max_name_servers) return Authority{};
  bool is_complete = true;
  for (const auto& name : names) {
    authority.servers.push_back({name, {}});
    is_complete = add_addresses(view, authority.servers.back()) && is_complete;
  }
  if (!is_complete) return std::nullopt;
  return authority;
}

/// What one address of a server says: of the key, or that the name is an alias for another.
struct Said {
  Finding finding = Finding::no_answer;
  std::string alias;
};

Published to_published(Finding finding) {
  switch (finding) {
    case Finding::matching:
      return Published::everywhere;
    case Finding::not_published:
    case Finding::revoked:
      return Published::nowhere;
    case Finding::different:
    case Finding::unusable:
      return Published::otherwise;
    case Finding::no_answer:
      break;
  }
  return Published::unknown;
}

/// A server of the zone answers a question for an alias with the alias alone where its target is not its own.
std::optional<Said> listen(dns::View& view, const dns::Question& question, const dkim::PublicKey& own) {
  const auto lookup = dkim::look_up_keys(view, question);
  if (!lookup) return std::nullopt;
  if (lookup->status != dns::Status::no_data) return Said{compare(own, *lookup).finding, {}};
  const dns::Answer* alias = view.ask({question.name, dns::Type::cname});
  if (alias == nullptr) return std::nullopt;
  if (alias->status == dns::Status::ok && !alias->names.empty()) return Said{Finding::not_published, alias->names.front()};
  return Said{dns::is_failure(alias->status) ? Finding::no_answer : Finding::not_published, {}};
}

/// All addresses of all servers at once.
class Round {
 public:
  Round(const ServerResolver& make_resolver, const Authority& authority, const dns::Question& question,
        const dkim::PublicKey& own) {
    for (const NameServer& server : authority.servers) {
      std::vector<Asked> asked;
      for (const std::string& address : server.addresses) {
        auto resolver = make_resolver(address);
        auto inquiry = Inquiry::start(
            *resolver, [question, own](dns::View& view) { return listen(view, question, own); }, dkim::max_key_answer_octets);
        asked.push_back({std::move(resolver), std::move(inquiry)});
      }
      by_server_.push_back(std::move(asked));
    }
  }

  /// What each server says: its addresses that answer must agree, else it shows something else now and then.
  std::vector<Said> collect(base::SteadyTime deadline) {
    std::vector<Said> all;
    for (const auto& asked : by_server_) {
      Said said;
      for (const Asked& one : asked) said = merge(said, one.inquiry->collect(deadline));
      all.push_back(said);
    }
    return all;
  }

 private:
  using Inquiry = dns::Inquiry<Said>;
  struct Asked {
    std::unique_ptr<dns::Resolver> resolver;
    std::shared_ptr<Inquiry> inquiry;
  };

  static Said merge(const Said& earlier, const Said& next) {
    if (next.finding == Finding::no_answer) return earlier;
    if (earlier.finding == Finding::no_answer || earlier.finding == Finding::matching) return next;
    return earlier;
  }

  std::vector<std::vector<Asked>> by_server_;
};

}  // namespace

std::optional<Authority> find_authority(dns::View& view, const std::string& name) {
  std::string zone = name;
  for (std::size_t climbed = 0; climbed <= max_labels_climbed && !zone.empty(); ++climbed, zone = parent_of(zone)) {
    const dns::Answer* answer = view.ask(dns::ask_for(zone, dns::Type::ns));
    if (answer == nullptr) return std::nullopt;
    if (dns::is_failure(answer->status)) return Authority{};
    if (answer->status == dns::Status::ok) return with_addresses(view, zone, answer->names);
  }
  return Authority{};
}

ServerResolver ask_directly(base::Log& log) {
  return [&log](const std::string& address) {
    dns::AresResolver::Options options;
    options.servers = {address};
    options.timeout = server_patience;
    return std::make_unique<dns::AresResolver>(options, log);
  };
}

Published combine(const std::vector<ServerView>& servers) {
  const auto any = [&](Published published) {
    return std::any_of(servers.begin(), servers.end(), [&](const ServerView& s) { return s.published == published; });
  };
  if (servers.empty() || any(Published::unknown)) return Published::unknown;
  if (any(Published::otherwise)) return Published::otherwise;
  if (!any(Published::nowhere)) return Published::everywhere;
  return any(Published::everywhere) ? Published::not_yet : Published::nowhere;
}

Everywhere ask_everywhere(dns::Resolver& resolver, const ServerResolver& make_resolver, const base::Domain& domain,
                          const std::string& selector, const dkim::PublicKey& own, base::SteadyTime deadline) {
  dns::Question question = dkim::key_question(domain, selector);
  Everywhere out;
  for (unsigned aliases = 0; aliases <= max_aliases; ++aliases) {
    const auto finding = dns::Inquiry<Authority>::start(
        resolver, [name = question.name](dns::View& view) { return find_authority(view, name); });
    const Authority& authority = finding->collect(deadline);
    Round round(make_resolver, authority, question, own);
    const auto said = round.collect(deadline);
    std::string alias;
    out.servers.clear();
    for (std::size_t i = 0; i < said.size(); ++i) {
      out.servers.push_back({authority.servers[i].name, to_published(said[i].finding)});
      if (!said[i].alias.empty()) alias = said[i].alias;
    }
    out.published = combine(out.servers);
    const bool all_are_aliases =
        !said.empty() && std::all_of(said.begin(), said.end(), [&](const Said& s) { return s.alias == alias; });
    if (alias.empty() || !all_are_aliases) return out;
    question = dns::ask_for(alias, dns::Type::txt);
  }
  out.published = Published::otherwise;
  return out;
}

}  // namespace keys
