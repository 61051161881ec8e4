// The milter session under callbacks in any order: it counts its messages right, a fault spoils one message only, and
// whatever came before, the next good message is served and judged as ever.
#include <string>
#include <vector>

#include "base/text.hpp"
#include "milter/session.hpp"
#include "tests/fuzz/answers.hpp"
#include "tests/fuzz/report_rules.hpp"
#include "tests/support/borrowed_setup.hpp"

namespace {

using fuzz::require;

constexpr std::string_view authserv_id = "mx.receiver.example";
constexpr std::string_view zone = R"(
sender.example.        TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.example.        TXT "v=DMARC1; p=none; psd=y"
_dmarc.sender.example. TXT "v=DMARC1; p=reject"
mail.sender.example.   TXT "v=spf1 -all"
_dmarc.bank.example.   TXT "v=DMARC1; p=reject"
bank.example.          TXT "v=spf1 -all"
$FAIL slow.example. ANY timeout
)";

fuzz::Stock stock() {
  return {{"v=spf1 mx include:a.example ?all", "v=DMARC1; p=quarantine", "v=DKIM1; p=none"},
          {"a.example", "b.example"},
          {base::IpAddress::parse("192.0.2.7").value(), base::IpAddress::parse("2001:db8::7").value()}};
}

auth::Connection connection_from(std::string_view address) {
  auth::Connection connection;
  if (const auto client = base::IpAddress::parse(address)) connection.client = *client;
  connection.is_local_submission = address == "local";
  connection.mta_name = authserv_id;
  return connection;
}

/// `\n` for a line feed, which ends a command, `\0` for NUL.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view pair = text.substr(i, 2);
    if (pair == "\\n" || pair == "\\0") ++i;
    out += pair == "\\n" ? '\n' : pair == "\\0" ? '\0' : text[i];
  }
  return out;
}

class Play {
 public:
  explicit Play(fuzz::Input choices)
      : answers_(fuzz::read_zone(zone), static_cast<fuzz::Nature>(choices.below(fuzz::natures)), stock(), choices.octet()),
        dice_(choices.octet()),
        service_{log_, [] { return base::UnixTime{std::chrono::seconds{1790000000}}; }, [] { return 0U; },
                 milter::SetupInForce(make_setup(answers_, choices))},
        session_(service_) {}

  /// A command's letter and its argument.
  void step(std::string_view command) {
    const std::string argument = unescape(command.empty() ? command : command.substr(1));
    act(command.empty() ? '\0' : command.front(), argument);
    require(service_.messages == (is_in_message_ ? 1U : 0U), "a message counts from MAIL FROM to its end, once");
    require(service_.sessions == 1, "a session counts once");
    require(session_.wants_body() == false || is_in_message_, "a body is wanted within a message only");
  }

  void expect_good_message() {
    answers_.release(dice_);
    answers_.hold(false);
    session_.connect(connection_from("192.0.2.1"));
    session_.helo("mail.sender.example");
    session_.mail("<a@sender.example>", false, "");
    session_.header("From", " a@sender.example");
    session_.end_of_header();
    session_.body("hello\r\n");
    const auth::Report report = session_.end_of_message("GOOD");
    fuzz::check_report(report, authserv_id);
    require(report.disposition.action == auth::Action::accept && report.disposition.reason == "dmarc-pass",
            "the next good message passes");
    require(service_.messages == 0, "after the last message none is in progress");
  }

  void expect_forgery_refused() {
    session_.mail("<a@sender.example>", false, "");
    session_.header("From", " a@bank.example");
    session_.end_of_header();
    const auth::Report report = session_.end_of_message("FORGED");
    require(report.disposition.reason == "dmarc-reject", "the next forged message is refused");
  }

 private:
  static milter::SetupPtr make_setup(dns::Resolver& answers, fuzz::Input& choices) {
    auth::Options options;
    options.is_monitor = choices.flag();
    options.defer_on_internal_error = !choices.flag();
    options.authserv_id = authserv_id;
    options.max_header_octets = 1024;
    const std::chrono::milliseconds none{0};
    options.waits = {none, none, none, none};
    return test::borrowed_setup(answers, std::move(options));
  }

  void act(char command, const std::string& argument) {
    switch (command) {
      case 'C':
        return session_.connect(connection_from(argument));
      case 'H':
        return session_.helo(argument);
      case 'M':
      case 'U':  // SMTPUTF8
      case 'A':  // authenticated
        return mail(command, argument);
      case 'F':
        return header(fuzz::Input(argument));
      case 'N':
        return session_.end_of_header();
      case 'B':
        return session_.body(argument);
      case 'E':
        return end_of_message(argument);
      case 'R':
        return abort();
      default:
        return act_beside(command, argument);
    }
  }

  /// What the MTA does not do: faults of ours, and the DNS.
  void act_beside(char command, const std::string& argument) {
    if (command == '!') {
      session_.fault("fuzz", argument);
      is_faulty_ = true;
    }
    if (command == 'h') answers_.hold(true);
    if (command == 'r') answers_.release(dice_, 1 + argument.size());
  }

  void mail(char command, const std::string& argument) {
    session_.mail(argument, command == 'U', command == 'A' ? "PLAIN" : "");
    is_in_message_ = true;
    is_faulty_ = false;
  }

  void header(fuzz::Input field) {
    const std::string_view name = field.until(':');
    session_.header(name, field.rest());
  }

  void end_of_message(const std::string& queue_id) {
    const auth::Report report = session_.end_of_message(queue_id);
    const bool is_spoilt = !is_in_message_ || is_faulty_;
    require((report.disposition.reason == "internal-error") == is_spoilt,
            "a message that was spoilt, and no other, gets the fallback");
    if (!is_spoilt) fuzz::check_report(report, authserv_id);
    is_in_message_ = is_faulty_ = false;
  }

  void abort() {
    session_.abort();
    is_in_message_ = is_faulty_ = false;
  }

  fuzz::Answers answers_;
  fuzz::Dice dice_;
  base::NullLog log_;
  milter::Service service_;
  milter::Session session_;
  bool is_in_message_ = false;
  bool is_faulty_ = false;
};

/// A line of choices, then one command a line.
void check(std::string_view octets) {
  constexpr int max_commands = 200;
  fuzz::Input input(octets);
  Play play{fuzz::Input(input.line())};
  for (int i = 0; i < max_commands && !input.is_empty(); ++i) play.step(input.line());
  play.expect_good_message();
  play.expect_forgery_refused();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  check(fuzz::as_text(octets, size));
  return 0;
}
