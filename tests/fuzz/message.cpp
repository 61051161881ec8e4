// A whole message through auth/, with a DNS of the input's making. The report keeps the rules of report_rules.hpp,
// depends neither on the chunks of the body nor on the order of answers, asks a bounded number of questions, and
// stays sound when answers never come or come too late. What we sign verifies, and no longer does once it is changed.
#include <algorithm>
#include <string>
#include <vector>

#include "auth/message_check.hpp"
#include "base/text.hpp"
#include "dkim/published_keys.hpp"
#include "message/message_file.hpp"
#include "tests/fuzz/answers.hpp"
#include "tests/fuzz/report_rules.hpp"

namespace {

using auth::Report;
using fuzz::require;

constexpr char between_parts = '\x1e';
constexpr std::string_view authserv_id = "mx.receiver.example";
constexpr std::string_view selector = "fuzz";
constexpr base::UnixTime now{std::chrono::seconds{1790000000}};
// docs/architecture.md, "Questions a message can cause": two SPF checks and an explanation, keys, and per Author Domain.
constexpr std::size_t max_questions_apart_from_authors = 2 * 283 + 1 + 10, max_questions_per_author = 105;

const dkim::PrivateKey& key() {
  static const dkim::PrivateKey made = dkim::PrivateKey::from_ed25519_seed(dkim::Octets(32, 7)).value();
  return made;
}

struct Line {
  std::string name, value;
};

struct World {
  explicit World(fuzz::Input input);
  void read_options(fuzz::Input choices);
  void read_message(std::string_view octets);

  std::shared_ptr<auth::Options> options = std::make_shared<auth::Options>();
  auth::Envelope envelope;
  std::vector<Line> header;
  std::string body;
  dns::Zone zone;
  fuzz::Nature nature{};
  std::uint64_t seed = 0;
  bool is_signing = false;
  std::size_t longest_chunk = 1;
  fuzz::Stock stock;
};

/// Parts: choices, MAIL FROM's argument, HELO's, a zone, a message.
World::World(fuzz::Input input) {
  read_options(fuzz::Input(input.until(between_parts)));
  envelope.reverse_path = message::parse_reverse_path(input.until(between_parts));
  envelope.connection.helo = input.until(between_parts);
  envelope.connection.mta_name = authserv_id;
  zone = fuzz::read_zone(input.until(between_parts));
  read_message(input.rest());
  stock.texts = {"v=spf1 a mx ptr include:spf.example -all",
                 "v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 exp=why.example -all",
                 "v=DMARC1; p=reject",
                 "v=DMARC1; p=none; sp=quarantine; psd=y",
                 "v=DMARC1; p=quarantine; t=y; adkim=s",
                 "v=DKIM1; k=ed25519; p=" + key().public_key().record_value(),
                 "nothing of interest"};
  stock.names = {"mail.sender.example", "sender.example", "list.example", "example"};
  stock.addresses = {base::IpAddress::parse("192.0.2.1").value(), base::IpAddress::parse("2001:db8::1").value(),
                     base::IpAddress::parse("198.51.100.1").value()};
}

void World::read_options(fuzz::Input choices) {
  nature = static_cast<fuzz::Nature>(choices.below(fuzz::natures));
  seed = choices.octet();
  is_signing = choices.flag();
  longest_chunk = 1 + choices.below(64);
  if (choices.flag()) envelope.connection.client = base::IpAddress::parse("192.0.2.1").value();
  if (choices.flag()) envelope.connection.client = base::IpAddress::parse("2001:db8::1").value();
  envelope.is_smtputf8 = choices.flag();
  options->is_monitor = choices.below(4) == 1;
  options->decision.quarantine = static_cast<auth::QuarantineBy>(choices.below(3));
  options->decision.reject = static_cast<auth::HonourReject>(choices.below(3));
  if (choices.flag()) options->decision.spf_reject = {spf::Result::fail, spf::Result::softfail, spf::Result::permerror};
  options->dkim.accept_short_length = choices.flag();
  if (choices.below(8) == 1) options->max_header_octets = 256;
  options->waits = {std::chrono::milliseconds{0}, std::chrono::milliseconds{0}, std::chrono::milliseconds{0},
                    std::chrono::milliseconds{0}};
  options->sign.header_canonicalization = choices.flag() ? dkim::Canonicalization::simple : dkim::Canonicalization::relaxed;
  options->sign.body_canonicalization = choices.flag() ? dkim::Canonicalization::simple : dkim::Canonicalization::relaxed;
  auth::SigningRule rule;
  rule.keys.push_back({std::string(selector), key()});
  options->signing_table.add("*", options->signing_table.add_rule(std::move(rule)));
}

void World::read_message(std::string_view octets) {
  const auto file = message::parse_message_file(octets);
  for (std::size_t i = 0; i < file.header.size(); ++i) {
    const auto field = file.header[i];
    header.push_back({std::string(field.name), std::string(field.value)});
  }
  body = file.body;
}

// ---- one run ----------------------------------------------------------------------------------------------------

class Run {
 public:
  Run(const World& world, const auth::Envelope& envelope, dns::Resolver& resolver)
      : world_(world), check_({resolver, log_, [] { return now; }}, world.options, envelope) {}

  void header() {
    for (const auto& line : world_.header) check_.add_field(line.name, line.value);
    check_.end_of_header();
  }
  void body(std::size_t longest_chunk) {
    fuzz::Dice dice(world_.seed);
    for (std::string_view rest = world_.body; !rest.empty();) {
      const std::size_t size = std::min(rest.size(), 1 + dice.below(longest_chunk));
      check_.add_body(std::string(rest.substr(0, size)));
      rest.remove_prefix(size);
    }
  }
  Report finish() {
    Report report = check_.finish();
    fuzz::check_report(report, authserv_id);
    return report;
  }

 private:
  const World& world_;
  base::NullLog log_;
  auth::MessageCheck check_;
};

Report run_at_once(const World& world, const auth::Envelope& envelope) {
  fuzz::Answers answers(world.zone, world.nature, world.stock, world.seed);
  Run run(world, envelope, answers);
  run.header();
  run.body(world.body.size() + 1);
  Report report = run.finish();
  require(
      answers.question_count() <= max_questions_apart_from_authors + max_questions_per_author * report.author.domains.size(),
      "a message asks no more questions than the limits add up to");
  return report;
}

/// Answers in another order, in rounds, and the body in other chunks.
Report run_in_pieces(const World& world) {
  fuzz::Answers answers(world.zone, world.nature, world.stock, world.seed);
  fuzz::Dice dice(world.seed);
  answers.hold(true);
  Run run(world, world.envelope, answers);
  answers.release(dice, dice.below(4));
  run.header();
  answers.release(dice, dice.below(4));
  run.body(world.longest_chunk);
  answers.release(dice);
  answers.hold(false);  // what is asked while finishing, an explanation, is waited for
  return run.finish();
}

/// Some answers come, the others when the message is gone.
void run_with_lost_answers(const World& world) {
  fuzz::Answers answers(world.zone, world.nature, world.stock, world.seed);
  fuzz::Dice dice(world.seed);
  answers.hold(true);
  {
    Run run(world, world.envelope, answers);
    run.header();
    answers.release(dice, dice.below(8));
    run.body(world.longest_chunk);
    static_cast<void>(run.finish());
  }
  answers.release(dice);
}

// ---- signing ----------------------------------------------------------------------------------------------------

/// The world with the message signed by us, as a client of ours would have it; false: nobody signs for its author.
bool sign(World& world) {
  auth::Envelope submission = world.envelope;
  submission.authentication_type = "PLAIN";
  const Report report = run_at_once(world, submission);
  if (report.sign_reason != "signed") return false;
  require(report.changes.size() == 1 && report.changes.front().name == "DKIM-Signature", "one key makes one signature");
  const base::Domain domain = base::Domain::parse(report.signatures.front().domain).value();
  dns::Answer published;
  published.texts = {"v=DKIM1; k=ed25519; p=" + key().public_key().record_value()};
  const dns::Question question = dkim::key_question(domain, selector);
  world.header.insert(world.header.begin(), {"DKIM-Signature", report.changes.front().value});
  return domain.label_count() >= 2 && dns::is_sendable_name(question.name) && world.zone.add(question, published) &&
         world.zone.look_up(question)->texts == published.texts;
}

/// Others' signatures may take the places of those that are verified.
bool has_few_signatures(const World& world) {
  return std::count_if(world.header.begin(), world.header.end(),
                       [](const Line& line) { return base::iequals(line.name, "DKIM-Signature"); }) <= 5;
}

void check_signed(World& world, const Report& report) {
  if (report.is_header_truncated || !has_few_signatures(world)) return;
  require(!report.dkim.empty() && report.dkim.front().result == dkim::Result::pass, "what we sign verifies");
  World changed = world;
  changed.body = "x" + world.body;
  require(run_at_once(changed, changed.envelope).dkim.front().result == dkim::Result::fail,
          "a signed message whose body was changed does not verify");
  changed = world;
  changed.header.insert(changed.header.begin(), {"From", " other@victim.example"});
  require(run_at_once(changed, changed.envelope).dkim.front().result != dkim::Result::pass,
          "a signed message with a From field added does not verify");
}

void check(std::string_view octets) {
  World world{fuzz::Input(octets)};
  const bool is_signed = world.is_signing && sign(world);
  const Report report = run_at_once(world, world.envelope);
  if (is_signed) check_signed(world, report);
  require(fuzz::describe(run_in_pieces(world)) == fuzz::describe(report),
          "neither the chunks of the body nor the order of answers change the report");
  run_with_lost_answers(world);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
