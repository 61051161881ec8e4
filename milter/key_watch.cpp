#include "milter/key_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dns/inquiry.hpp"
#include "keys/record_text.hpp"
#include "keys/rotate.hpp"

namespace milter {
namespace {

using KeyInquiry = dns::Inquiry<dkim::KeyLookup>;

/// What the DNS contradicts. A record that is missing may be so only where we look from (split-horizon DNS).
bool contradicts(keys::Finding finding) { return finding == keys::Finding::different || finding == keys::Finding::revoked; }

std::string_view advise(keys::Finding finding) {
  switch (finding) {
    case keys::Finding::matching:
      return "is published and matches";
    case keys::Finding::not_published:
      return "is not published: signatures fail, unless only this server sees it so";
    case keys::Finding::different:
      return "is published with another key: signatures fail";
    case keys::Finding::revoked:
      return "is revoked (an empty p=): signatures fail";
    case keys::Finding::unusable:
      return "has no usable key record: signatures fail";
    case keys::Finding::no_answer:
      return "could not be asked for: the DNS does not answer";
  }
  return "?";
}

/// The selectors that sign for the domain.
std::set<std::string> signing(const std::vector<auth::KeyUse>& uses, const base::Domain& domain) {
  std::set<std::string> selectors;
  for (const auto& use : uses)
    if (use.domain == domain) selectors.insert(use.selector);
  return selectors;
}

}  // namespace

KeyWatch::KeyWatch(Surroundings surroundings) : around_(std::move(surroundings)) {}

KeyWatch::~KeyWatch() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void KeyWatch::start() {
  thread_ = std::thread([this] { watch(); });
}

void KeyWatch::look_soon() {
  refuse_known();
  {
    const std::lock_guard lock(mutex_);
    is_soon_ = true;
  }
  changed_.notify_all();
}

void KeyWatch::refuse_known() {
  const auto uses = around_.setup.take()->options.signing_table.uses();
  const std::lock_guard lock(mutex_);
  for (const auto& use : uses)
    if (const auto known = states_.find({use.domain.text(), use.selector}); use.is_refused && known != states_.end())
      *use.is_refused = contradicts(known->second.finding);
}

std::vector<KeyState> KeyWatch::snapshot() const {
  const std::lock_guard lock(mutex_);
  std::vector<KeyState> all;
  for (const auto& [name, state] : states_) all.push_back(state);
  return all;
}

void KeyWatch::watch() noexcept {
  while (wait()) try {
      look();
    } catch (const std::exception& error) {
      around_.log.write(base::LogLevel::error, base::LogComponent::keys,
                        fmt::format("cannot look at the keys: {}", error.what()));
    }
}

/// Until the next look; false: there is none.
bool KeyWatch::wait() {
  const auto interval = around_.setup.take()->options.key_care.check_interval;
  std::unique_lock lock(mutex_);
  if (!is_soon_) {
    const auto is_due = [&] { return is_stopping_ || is_soon_; };
    if (interval.count() == 0)
      changed_.wait(lock, is_due);
    else
      changed_.wait_for(lock, interval, is_due);
  }
  if (is_soon_) changed_.wait_for(lock, first_look, [&] { return is_stopping_; });
  is_soon_ = false;
  return !is_stopping_;
}

void KeyWatch::look() {
  const SetupPtr setup = around_.setup.take();
  if (setup->options.key_care.check_interval.count() == 0) return;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  look_at_keys(*setup, deadline);
  bool has_moved = false;
  for (const auto& domain : setup->options.key_care.rotating) has_moved = move_on(*setup, domain, deadline) || has_moved;
  if (has_moved) around_.reload();
}

void KeyWatch::look_at_keys(const Setup& setup, base::SteadyTime deadline) {
  const auto uses = setup.options.signing_table.uses();
  for (std::size_t first = 0; first < uses.size(); first += asked_together) {
    std::vector<std::shared_ptr<KeyInquiry>> asked;
    const std::size_t end = std::min(first + asked_together, uses.size());
    for (std::size_t i = first; i < end; ++i) {
      const auto look_up = [question = dkim::key_question(uses[i].domain, uses[i].selector)](dns::View& view) {
        return dkim::look_up_keys(view, question);
      };
      asked.push_back(KeyInquiry::start(*setup.resolver, look_up, dkim::max_key_answer_octets));
    }
    for (std::size_t i = first; i < end; ++i)
      note(uses[i], keys::compare(uses[i].key.public_key(), asked[i - first]->collect(deadline)));
  }
  forget_others(uses);
}

/// Says what has changed, and at the first look what is not as it should be. A DNS that does not answer leaves all as it was.
void KeyWatch::note(const auth::KeyUse& use, const keys::Comparison& comparison) {
  const std::string algorithm(dkim::to_text(use.key.type()));
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    const auto [known, is_new] =
        states_.try_emplace({use.domain.text(), use.selector},
                            KeyState{use.domain.text(), use.selector, algorithm, comparison.finding, around_.now()});
    is_news = is_new ? comparison.finding != keys::Finding::matching : known->second.finding != comparison.finding;
    if (!is_new && is_news) known->second = {use.domain.text(), use.selector, algorithm, comparison.finding, around_.now()};
  }
  if (use.is_refused && comparison.finding != keys::Finding::no_answer) *use.is_refused = contradicts(comparison.finding);
  if (!is_news) return;
  const bool is_good = comparison.finding == keys::Finding::matching;
  base::LogFields fields;
  fields.add("domain", use.domain.text()).add("selector", use.selector).add("algorithm", algorithm);
  fields.add("published", keys::to_text(comparison.finding));
  if (!comparison.detail.empty()) fields.add_outside("detail", comparison.detail);
  if (use.is_refused && contradicts(comparison.finding)) fields.add("signs", "no");
  around_.log.write(is_good ? base::LogLevel::info : base::LogLevel::warning, base::LogComponent::keys,
                    fmt::format("{} {}", keys::record_name(use.domain, use.selector), advise(comparison.finding)), fields);
}

void KeyWatch::forget_others(const std::vector<auth::KeyUse>& uses) {
  std::set<Name> names;
  for (const auto& use : uses) names.emplace(use.domain.text(), use.selector);
  const std::lock_guard lock(mutex_);
  std::erase_if(states_, [&](const auto& entry) { return names.count(entry.first) == 0; });
}

/// Whether other keys are active now than those in force: by a step taken here, or by somebody else.
bool KeyWatch::move_on(const Setup& setup, const base::Domain& domain, base::SteadyTime deadline) try {
  const auth::KeyCare& care = setup.options.key_care;
  const base::UnixTime now = around_.now();
  const auto ask = [&](const std::string& selector, const dkim::PublicKey& key) {
    return keys::ask_everywhere(*setup.resolver, around_.ask_server, domain, selector, key, deadline);
  };
  const auto rotating = keys::move_on(keys::Folder(care.directory, domain), ask, now, care.grace);
  for (const auto& step : rotating.steps)
    around_.log.write(step.to == dkim::Stage::retired ? base::LogLevel::warning : base::LogLevel::info,
                      base::LogComponent::keys, keys::explain(step, domain, now, care.grace));
  std::set<std::string> active;
  for (const auto& status : rotating.keys)
    if (status.key.stage == dkim::Stage::active) active.insert(status.key.selector);
  return active != signing(setup.options.signing_table.uses(), domain);
} catch (const keys::FolderError& error) {
  around_.log.write(base::LogLevel::error, base::LogComponent::keys, fmt::format("cannot move keys on: {}", error.what()));
  return false;
}

}  // namespace milter
