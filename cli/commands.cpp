#include "cli/commands.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "cli/report_json.hpp"
#include "cli/report_text.hpp"

namespace cli {
namespace {

constexpr int json_indent = 2;

/// The message with the changes made, lines ending as the file's first line does.
std::string apply_insertions(const auth::Report& report, const std::string& octets) {
  const std::size_t first_end = octets.find('\n');
  const bool is_crlf = first_end != std::string::npos && first_end > 0 && octets[first_end - 1] == '\r';
  std::string top;
  for (auto change = report.changes.rbegin(); change != report.changes.rend(); ++change)
    top += change->name + ":" + change->value + "\n";
  std::string out;
  for (const char c : top) out += c == '\n' && is_crlf ? std::string("\r\n") : std::string(1, c);
  return out + octets;
}

}  // namespace

int run_sign(const SignOptions& options, std::ostream& out, std::ostream& notes) {
  const std::string octets = read_message_file(options.file);
  auth::Options rules = load_options(options.sources, auth::Role::sign);
  rules.is_monitor = false;  // whoever asks for a signature by hand means it
  auth::Envelope envelope;
  envelope.authentication_type = "signet";
  const auth::Report report = run_message(options.sources, std::move(rules), std::move(envelope), octets);
  if (options.json) {
    out << to_json(report).dump(json_indent) << '\n';
  } else {
    notes << explain_signing(report);
    out << apply_insertions(report, octets);
  }
  return report.signatures.empty() ? exit_not_signed : 0;
}

}  // namespace cli
