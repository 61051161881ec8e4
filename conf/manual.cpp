#include <fmt/format.h>

#include "base/text.hpp"
#include "conf/options.hpp"

namespace conf {
namespace {

constexpr std::string_view head = R"(.\" Made from the table of settings in conf/; do not edit.
.TH SIGNET.TOML 5 "" "Signet @VERSION@" "Signet"
.SH NAME
signet.toml \- configuration of signetd and signet
.SH DESCRIPTION
.B signetd
and
.B signet
read
.I /etc/signet/signet.toml
unless they are told another file.
An empty file is a working configuration:
.B signetd
then listens on 127.0.0.1, port 8891; checks SPF, DKIM and DMARC of mail from outside and records the results in
Authentication\-Results; marks what DMARC says to quarantine, refuses what it says to reject unless the message seems to come by
a mailing list or a known forwarder; and signs nothing, because it has no keys.
.PP
The format is TOML 1.0: text stands in "quotes", a list in ["brackets", "with commas"].
Durations are "500ms", "20s", "15m", "1h" or "1d", or a whole number of seconds.
Networks are "192.0.2.0/24", "2001:db8::/32" or one address.
The name of a file is read from the folder of the configuration unless it begins with a slash.
.PP
A mistake is one message with file, line, column, what was found and what was expected; the program then ends with status 78.
.B signetd \-\-check FILE
looks at a file, its keys and its zone file without starting anything.
.B signet config
prints every setting with its default.
)";

constexpr std::string_view rules = R"(.SH RULES FOR SIGNING
Each table [[sign.rule]] says who signs for whom.
The rule for an author's address comes first, then that for the domain, then the nearest "*." above it, then "*".
)";

constexpr std::string_view keys = R"(.PP
Each of
.B keys
has:
)";

constexpr std::string_view tail = R"(.SH EXAMPLE
.nf
mode = "enforce"

[milter]
socket = "unix:/var/spool/postfix/signet/milter"
socket\-group = "postfix"

[[sign.rule]]
from = ["example.org", "*.example.org"]
domain = "example.org"
keys = [
  { selector = "rsa2026", file = "/etc/signet/keys/rsa2026.pem" },
  { selector = "ed2026", file = "/etc/signet/keys/ed2026.pem" },
]
.fi
.SH SEE ALSO
.BR signetd (8),
.BR signet (1)
)";

/// Text that troff prints as it stands.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  const bool is_request = out.starts_with('.') || out.starts_with('\'');
  return (is_request ? "\\&" : "") + out;
}

template <class S>
std::string format_entry(const Entry<S>& entry, std::string_view name) {
  std::string out = fmt::format(".TP\n.B {}\n{}\n", escape(name), escape(entry.help));
  out += fmt::format(".br\nValue: {}.\n", escape(entry.type));
  if (!entry.default_text.empty()) out += fmt::format(".br\nDefault: {}. Since {}.\n", escape(entry.default_text), entry.since);
  return out;
}

std::string format_table(const Table& table) {
  std::string out = fmt::format(".SS {}\n{}\n", table.name.empty() ? "Above all tables" : fmt::format("[{}]", table.name),
                                escape(table.help));
  for (const auto& option : options())
    if (table_of(option.key) == table.name) out += format_entry(option, name_in_table(option.key));
  return out;
}

}  // namespace

std::string manual_page() {
  std::string out(head);
  out.replace(out.find("@VERSION@"), std::string_view("@VERSION@").size(), SIGNET_VERSION);
  out += ".SH SETTINGS\n";
  for (const auto& table : tables()) out += format_table(table);
  out += rules;
  for (const auto& entry : rule_options()) out += format_entry(entry, entry.key);
  out += keys;
  for (const auto& entry : key_options()) out += format_entry(entry, entry.key);
  return out + std::string(tail);
}

}  // namespace conf
