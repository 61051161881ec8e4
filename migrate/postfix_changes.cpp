#include "migrate/postfix_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "conf/syntax.hpp"

namespace migrate {
namespace {

bool is_old(std::string_view item, const Sockets& sockets) {
  if (item.starts_with('{')) {  // { SOCKET, option = value }
    const auto inner = split_items(item.substr(1, item.size() - 2));
    return !inner.empty() && is_old(inner.front(), sockets);
  }
  const auto socket = read_postfix_socket(item);
  return socket && std::any_of(sockets.old.begin(), sockets.old.end(), [&](const auto& old) { return is_same(*socket, old); });
}

std::string own_item(const Sockets& sockets) { return fmt::format("inet:127.0.0.1:{}", sockets.port); }

std::string join(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

/// The list with ours in the place of the old ones, at the front if there are none.
std::string replace_milters(const std::string& value, const Sockets& sockets, bool& had_old) {
  std::vector<std::string> items = split_items(value);
  const auto is_ours = [&](const std::string& item) { return is_old(item, sockets); };
  const auto first = std::find_if(items.begin(), items.end(), is_ours);
  had_old = first != items.end();
  const auto at = had_old ? first - items.begin() : 0;
  items.erase(std::remove_if(items.begin(), items.end(), is_ours), items.end());
  items.insert(items.begin() + at, own_item(sockets));
  return join(items);
}

/// Finds the changes, one kind after the other.
class Search {
 public:
  Search(const PostfixFiles& postfix, const Sockets& sockets, Findings& findings)
      : postfix_(postfix), sockets_(sockets), findings_(findings) {}

  void milters() {
    const bool is_there = change_milters("smtpd_milters");
    if (!is_there) add({{postfix_.main_file, 0}, "", "smtpd_milters = " + own_item(sockets_)});
    const auto* local = postfix_.main.find("non_smtpd_milters");
    if (local == nullptr)
      findings_.note({postfix_.main_file, 0},
                     "non_smtpd_milters is not set: mail from sendmail(1) is not signed, as before; "
                     "\"non_smtpd_milters = $smtpd_milters\" signs it");
    else if (base::trim(local->value) != "$smtpd_milters")
      change_milters("non_smtpd_milters");
  }

  void protocol() {
    const auto* protocol = postfix_.main.find("milter_protocol");
    if (protocol != nullptr && protocol->value != "6") add(*protocol, "milter_protocol = 6");
    const auto* action = postfix_.main.find("milter_default_action");
    if (action != nullptr && action->value == "accept")
      findings_.warn(action->place,
                     "milter_default_action = accept: when Signet is down, mail passes unchecked and unsigned; "
                     "\"tempfail\" makes senders try again");
  }

  void policy_service() {
    for (const auto& service : postfix_.master) {
      if (service.command.find("policyd-spf") == std::string::npos) continue;
      services_.insert(service.name);
      add({service.place, service.line, ""});
    }
    if (postfix_.master.empty()) services_ = {"policyd-spf", "policy-spf"};  // as the documentation calls it
    for (const auto& name : services_) remove_time_limit(name);
    for (const auto& parameter : postfix_.main.all())
      if (postfix_.main.find(parameter.name) == &parameter) remove_policy_check(parameter);
  }

  void master_overrides() {
    for (const auto& service : postfix_.master) {
      if (service.command.find("smtpd_milters=") != std::string::npos)
        findings_.warn(service.place,
                       fmt::format("{} sets smtpd_milters of its own (-o): name {} there in the place of the old ones, "
                                   "if it names any",
                                   service.name, own_item(sockets_)));
      for (const auto& name : services_)
        if (service.command.find("private/" + name) != std::string::npos)
          findings_.problem(service.place,
                            fmt::format("{} asks the policy service {} (-o): take that out by hand", service.name, name));
    }
  }

  std::vector<PostfixChange> finish() { return std::move(changes_); }

 private:
  void add(PostfixChange change) { changes_.push_back(std::move(change)); }
  void add(const MainParameter& parameter, std::string after) {
    add({parameter.place, fmt::format("{} = {}", parameter.name, parameter.value), std::move(after)});
  }

  bool change_milters(std::string_view name) {
    const auto* parameter = postfix_.main.find(name);
    if (parameter == nullptr) return false;
    bool had_old = false;
    const std::string value = replace_milters(postfix_.main.expand(parameter->value), sockets_, had_old);
    add(*parameter, fmt::format("{} = {}", name, value));
    if (!had_old)
      findings_.warn(parameter->place,
                     fmt::format("{} names no socket of the old programs: Signet is put first; see that none of "
                                 "them stays",
                                 name));
    return true;
  }

  void remove_time_limit(const std::string& service) {
    if (const auto* limit = postfix_.main.find(service + "_time_limit")) add(*limit, "");
  }

  /// Takes "check_policy_service unix:private/NAME" out of a list of restrictions.
  void remove_policy_check(const MainParameter& parameter) {
    std::vector<std::string> kept;
    const auto items = split_items(parameter.value);
    bool is_changed = false;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const bool is_check = items[i] == "check_policy_service" && i + 1 < items.size() && names_service(items[i + 1]);
      is_changed = is_changed || is_check;
      if (is_check)
        ++i;
      else
        kept.push_back(items[i]);
    }
    if (is_changed) add(parameter, fmt::format("{} = {}", parameter.name, restrictions(kept)));
  }

  /// "check_x y" is one restriction of two words; commas stand between restrictions.
  static std::string restrictions(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool is_argument = i > 0 && (words[i - 1].starts_with("check_") || words[i - 1].find("_rbl_") != std::string::npos);
      out += (out.empty() ? "" : is_argument ? " " : ", ") + words[i];
    }
    return out;
  }

  [[nodiscard]] bool names_service(std::string_view item) const {
    return std::any_of(services_.begin(), services_.end(), [&](const std::string& name) {
      const std::size_t at = item.find("private/" + name);
      return at != std::string_view::npos &&
             (at + 8 + name.size() == item.size() || !base::is_alnum(item[at + 8 + name.size()]));
    });
  }

  const PostfixFiles& postfix_;
  const Sockets& sockets_;
  Findings& findings_;
  std::set<std::string> services_;
  std::vector<PostfixChange> changes_;
};

struct Rewriting {
  std::string_view name;
  Severity severity;
  std::string_view words;
};

constexpr std::array<Rewriting, 6> rewritings = {{
    {"smtp_generic_maps", Severity::warning,
     "addresses are rewritten after signing, which breaks the signature; canonical_maps rewrite before it"},
    {"smtp_header_checks", Severity::warning,
     "header fields are changed after signing, which breaks the signature if it covers them"},
    {"smtp_body_checks", Severity::warning, "the body is changed after signing, which breaks the signature"},
    {"header_checks", Severity::note,
     "header fields are changed before Signet sees them: REPLACE and IGNORE break the signatures of mail from outside"},
    {"mime_header_checks", Severity::note,
     "MIME header fields are changed before Signet sees them: REPLACE and IGNORE break the signatures of mail from outside"},
    {"milter_header_checks", Severity::warning,
     "fields that Signet adds go through these checks: see that none takes Authentication-Results or DKIM-Signature out"},
}};

}  // namespace

std::vector<PostfixChange> find_changes(const PostfixFiles& postfix, const Sockets& sockets, Findings& findings) {
  Search search(postfix, sockets, findings);
  search.milters();
  search.protocol();
  search.policy_service();
  search.master_overrides();
  return search.finish();
}

std::vector<PostfixChange> find_shadow_changes(const PostfixFiles& postfix, const Sockets& sockets) {
  const std::string ours = fmt::format("{{ {}, default_action=accept }}", own_item(sockets));
  std::vector<PostfixChange> changes;
  for (const std::string_view name : {"smtpd_milters", "non_smtpd_milters"}) {
    const auto* parameter = postfix.main.find(name);
    if (parameter == nullptr) continue;
    const std::string_view value = base::trim(parameter->value);
    if (value.empty() || value == "$smtpd_milters") continue;
    changes.push_back({parameter->place, fmt::format("{} = {}", name, value), fmt::format("{} = {}, {}", name, value, ours)});
  }
  if (postfix.main.find("smtpd_milters") == nullptr)
    changes.push_back({{postfix.main_file, 0}, "", fmt::format("smtpd_milters = {}", ours)});
  return changes;
}

void check_rewriting(const MainConfig& main, Findings& findings) {
  for (const auto& row : rewritings) {
    const auto* parameter = main.find(row.name);
    if (parameter == nullptr || parameter->value.empty()) continue;
    const std::string text = fmt::format("{}: {}", row.name, row.words);
    if (row.severity == Severity::note)
      findings.note(parameter->place, text);
    else
      findings.warn(parameter->place, text);
  }
  const auto* conversion = main.find("disable_mime_output_conversion");
  if (conversion == nullptr || conversion->value != "yes")
    findings.note(conversion == nullptr ? Place{"main.cf", 0} : conversion->place,
                  "8-bit mail to a server without 8BITMIME is converted after signing, which breaks the signature; "
                  "\"disable_mime_output_conversion = yes\" prevents that, as nearly all servers can take 8 bits");
}

}  // namespace migrate
