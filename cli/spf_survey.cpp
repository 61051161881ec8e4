#include "cli/spf_survey.hpp"

#include <algorithm>

#include "cli/terminal_text.hpp"

namespace cli {
namespace {

constexpr std::size_t max_mx_names = 10;  // RFC 7208 §4.6.4

class Surveyor {
 public:
  explicit Surveyor(dns::View& view) : view_(view) {}

  std::optional<SpfSurvey> run(const std::string& domain) {
    const dns::Answer* answer = ask(domain, dns::Type::txt);
    if (answer == nullptr) return std::nullopt;
    survey_.status = answer->status;
    for (const std::string& text : answer->texts)
      if (spf::is_record(text)) survey_.own.push_back(text);
    visit(domain, "");
    return is_waiting_ ? std::nullopt : std::optional(std::move(survey_));
  }

 private:
  const dns::Answer* ask(const std::string& name, dns::Type type) {
    const dns::Answer* answer = view_.ask(dns::ask_for(name, type));
    if (answer == nullptr) is_waiting_ = true;
    return answer;
  }

  static void add(std::vector<std::string>& to, std::string text) {
    if (to.size() < SpfSurvey::max_remarks && std::find(to.begin(), to.end(), text) == to.end()) to.push_back(std::move(text));
  }

  /// `source`: what led here, "" for the domain itself.
  void visit(const std::string& domain, const std::string& source) {
    if (std::find(path_.begin(), path_.end(), domain) != path_.end())
      return add(survey_.faults, source + ": leads back to itself");
    if (++records_ > SpfSurvey::max_records) {
      survey_.is_cut = true;
      return;
    }
    const dns::Answer* answer = ask(domain, dns::Type::txt);
    if (answer == nullptr) return;
    const spf::Selection selection = spf::select_record(answer->texts);
    if (!source.empty() && selection.count != 1)
      add(survey_.faults, fmt::format("{}: {}", source,
                                      selection.count > 1               ? "several SPF records"
                                      : dns::is_failure(answer->status) ? dns::to_text(answer->status)
                                                                        : "no SPF record"));
    if (selection.fault) add(survey_.faults, fmt::format("the record of {}: {}", readable(domain), selection.fault->text));
    if (selection.count != 1 || selection.fault) return;
    path_.push_back(domain);
    read(selection.record, domain);
    path_.pop_back();
  }

  void read(const spf::Record& record, const std::string& domain) {
    const bool is_own = path_.size() == 1;
    for (const spf::Directive& directive : record.directives) {
      if (directive.mechanism == spf::Mechanism::all && is_own) survey_.all = directive.qualifier;
      if (spf::causes_lookups(directive.mechanism)) follow(directive, domain);
    }
    if (is_own) survey_.has_redirect = record.redirect.has_value();
    const bool has_all = !record.directives.empty() && record.directives.back().mechanism == spf::Mechanism::all;
    if (!record.redirect || has_all) return;
    ++survey_.terms;
    if (const auto target = plain_name(record.redirect->domain_spec, domain))
      visit(*target, fmt::format("{} in the record of {}", readable(record.redirect->text), readable(domain)));
  }

  void follow(const spf::Directive& directive, const std::string& domain) {
    const unsigned before = ++survey_.terms;
    const bool is_own = path_.size() == 1;
    const std::string source = fmt::format("{} in the record of {}", readable(directive.text), readable(domain));
    if (directive.mechanism == spf::Mechanism::ptr) return add(survey_.pointers, domain);
    const auto target = directive.domain_spec ? plain_name(*directive.domain_spec, domain) : domain;
    if (!target) return;
    if (directive.mechanism == spf::Mechanism::include) {
      visit(*target, source);
      if (is_own) add(survey_.includes, fmt::format("{} ({} in all)", readable(directive.text), survey_.terms - before + 1));
    } else if (directive.mechanism == spf::Mechanism::mx) {
      look_at_exchanges(*target, source);
    } else {
      look_at_addresses(*target, source);
    }
  }

  void look_at_exchanges(const std::string& target, const std::string& source) {
    const dns::Answer* answer = ask(target, dns::Type::mx);
    if (answer == nullptr) return;
    if (dns::is_void(answer->status)) add(survey_.void_lookups, fmt::format("{}: {}", source, dns::to_text(answer->status)));
    if (answer->exchanges.size() > max_mx_names) add(survey_.faults, source + ": more than 10 MX names");
  }

  /// A client has one kind of address; a name without both is void for everybody.
  void look_at_addresses(const std::string& target, const std::string& source) {
    const dns::Answer* four = ask(target, dns::Type::a);
    const dns::Answer* six = ask(target, dns::Type::aaaa);
    if (four == nullptr || six == nullptr) return;
    if (dns::is_void(four->status) && dns::is_void(six->status))
      add(survey_.void_lookups, fmt::format("{}: {}", source, dns::to_text(four->status)));
  }

  static std::optional<std::string> plain_name(const spf::MacroString& spec, const std::string& domain) {
    if (spec.has_macros()) return std::nullopt;
    const spf::Input nobody;
    return dns::ask_for(spf::expand_name(spec, {nobody, domain, "unknown"}), dns::Type::a).name;
  }

  dns::View& view_;
  SpfSurvey survey_;
  std::vector<std::string> path_;  // from the domain to the record that is read
  std::size_t records_ = 0;
  bool is_waiting_ = false;
};

}  // namespace

std::optional<SpfSurvey> survey_spf(dns::View& view, const base::Domain& domain) { return Surveyor(view).run(domain.text()); }

}  // namespace cli
