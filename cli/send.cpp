#include "cli/send.hpp"

#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "cli/milter_session.hpp"

namespace cli {
namespace {

constexpr std::size_t max_header_octets = std::size_t{16} << 20U;  // hostile headers are sent, too

/// Ends the run: what to say and what to return.
struct SendFailure {
  std::string text;
  int status;
};

struct Report {
  const std::string& file;
  const MessageOutcome& result;
  const MilterNegotiation& negotiation;
  const Delivery& delivery;
};

message::MessageFile read_message(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream octets;
  if (in) octets << in.rdbuf();
  if (!in || in.bad()) throw SendFailure{"cannot read " + file, SendStatus::no_input};
  return message::parse_message_file(octets.str(), max_header_octets);
}

/// Safe for a terminal; lines after the first are indented by the margin.
std::string readable(std::string_view text, std::string_view margin) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += '\n';
      out += margin;
    } else if (c == '\t') {
      out += ' ';
    } else if (c < ' ' || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string reply_text(const SmtpReply& reply) {
  return fmt::format("{}{}{} {}", reply.code, reply.enhanced.empty() ? "" : " ", reply.enhanced, readable(reply.text, "    "));
}

std::string change_text(const MilterChange& change) {
  std::string value = readable(with_lf(change.value), "    ");
  if (change.kind == ChangeKind::replace_body) value = fmt::format("{} octets", change.value.size());
  const bool indexed = change.kind != ChangeKind::add_header && !change.name.empty();
  return fmt::format("{}{}{}{}{}{}", to_text(change.kind), indexed ? fmt::format(" {}", change.index) : "",
                     change.name.empty() ? "" : " " + readable(change.name, "") + ':', change.value.empty() ? "" : " ", value,
                     change.parameters.empty() ? "" : " " + readable(change.parameters, ""));
}

void print_text(const Report& report, std::ostream& out) {
  const MilterOutcome& outcome = report.result.outcome;
  out << report.file << ": " << to_text(outcome.verdict) << " at " << to_text(report.result.event);
  if (outcome.refuses()) out << ": " << reply_text(outcome.reply);
  out << '\n';
  if (outcome.quarantine) out << "  quarantine: " << readable(*outcome.quarantine, "    ") << '\n';
  for (const RefusedRecipient& refused : report.result.refused)
    out << "  refused <" << readable(refused.address, "") << ">: " << reply_text(refused.outcome.reply) << '\n';
  for (const MilterChange& change : outcome.changes) out << "  " << change_text(change) << '\n';
}

nlohmann::json to_json(const SmtpReply& reply) {
  if (reply.code == 0) return nullptr;
  return {{"code", reply.code}, {"enhanced", reply.enhanced}, {"text", reply.text}};
}

nlohmann::json to_json(const MilterChange& change) {
  nlohmann::json object{{"op", to_text(change.kind)}, {"value", change.value}};
  if (!change.name.empty()) object["name"] = change.name;
  if (!change.name.empty() && change.kind != ChangeKind::add_header) object["index"] = change.index;
  if (!change.parameters.empty()) object["parameters"] = change.parameters;
  return object;
}

nlohmann::json to_json(const MilterNegotiation& negotiation) {
  return {{"version", negotiation.version},
          {"actions", milter_action_names(negotiation.actions)},
          {"steps", milter_step_names(negotiation.steps)}};
}

nlohmann::json to_json(const Report& report) {
  const MilterOutcome& outcome = report.result.outcome;
  nlohmann::json object{{"file", report.file},
                        {"verdict", to_text(outcome.verdict)},
                        {"at", to_text(report.result.event)},
                        {"reply", to_json(outcome.reply)},
                        {"quarantine", nullptr},
                        {"changes", nlohmann::json::array()},
                        {"refused", nlohmann::json::array()},
                        {"sender", report.delivery.envelope.sender},
                        {"recipients", report.delivery.envelope.recipients},
                        {"negotiated", to_json(report.negotiation)}};
  if (outcome.quarantine) object["quarantine"] = *outcome.quarantine;
  for (const MilterChange& change : outcome.changes) object["changes"].push_back(to_json(change));
  for (const RefusedRecipient& refused : report.result.refused)
    object["refused"].push_back({{"recipient", refused.address}, {"reply", to_json(refused.outcome.reply)}});
  return object;
}

/// One line; what is not UTF-8 becomes U+FFFD.
void print_json(const nlohmann::json& object, std::ostream& out) {
  out << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

SessionSettings settings_of(const SendOptions& options) {
  SessionSettings settings;
  settings.client = MilterPeer{options.client_name, options.client_ip, options.client_port};
  settings.helo = options.helo;
  settings.host_name = options.authserv_name.empty() ? "mx.example.org" : options.authserv_name;
  settings.daemon_name = options.daemon_name;
  settings.login = options.auth;
  settings.is_local_submission = options.is_local_submission;
  return settings;
}

/// The messages of one run, one after the other.
class Sender {
 public:
  Sender(const SendOptions& options, std::ostream& out)
      : options_(options),
        out_(out),
        client_(options.socket, MilterTimeouts{options.timeout, options.timeout, options.timeout}),
        session_(client_, settings_of(options)) {}

  int run() {
    session_.open();
    for (std::size_t number = 1; number <= options_.files.size(); ++number) send(number);
    session_.close();
    return status_;
  }

 private:
  void send(std::size_t number) {
    const std::string& file = options_.files[number - 1];
    const message::MessageFile content = read_message(file);
    SessionMessage message{{without_angle_brackets(options_.from), {}}, options_.mail_parameters, options_.queue_id, &content};
    for (const std::string& rcpt : options_.rcpts) message.envelope.recipients.push_back(without_angle_brackets(rcpt));
    if (number > 1) message.queue_id += fmt::format("-{}", number);
    const MessageOutcome result = session_.run(message);
    const Delivery delivery = apply_changes({message.envelope.sender, result.accepted}, content, result.outcome.changes,
                                            client_.negotiation().leading_space());
    const Report report{file, result, client_.negotiation(), delivery};
    options_.json ? print_json(to_json(report), out_) : print_text(report, out_);
    if (result.is_delivered()) return deliver(delivery.message, number);
    status_ = SendStatus::not_delivered;
  }

  void deliver(const std::string& octets, std::size_t number) const {
    if (options_.deliver.empty()) return;
    const bool several = options_.files.size() > 1;
    const std::string file = several ? fmt::format("{}.{}", options_.deliver, number) : options_.deliver;
    std::ofstream to(file, std::ios::binary);
    to << octets << std::flush;
    if (!to) throw SendFailure{"cannot write " + file, SendStatus::cannot_create};
  }

  const SendOptions& options_;
  std::ostream& out_;
  MilterClient client_;
  MilterSession session_;
  int status_ = SendStatus::delivered;
};

int report_failure(const SendOptions& options, const SendFailure& failure, std::ostream& out) {
  if (options.json) {
    print_json({{"error", failure.text}}, out);
  } else {
    out << "error: " << readable(failure.text, "  ") << '\n';
  }
  return failure.status;
}

}  // namespace

int run_send(const SendOptions& options, std::ostream& out) {
  try {
    if (options.rcpts.empty()) throw SendFailure{"no recipient given", SendStatus::usage};
    if (options.files.empty()) throw SendFailure{"no message file given", SendStatus::usage};
    return Sender(options, out).run();
  } catch (const SendFailure& failure) {
    return report_failure(options, failure, out);
  } catch (const MilterError& error) {
    const bool usage = error.kind() == MilterError::Kind::address;
    return report_failure(options, {error.what(), usage ? SendStatus::usage : SendStatus::unavailable}, out);
  }
}

}  // namespace cli
