#pragma once
// The small languages inside values: durations, sockets, field names, patterns. Text to value and back; each
// `read_` gives nothing for what it does not understand, and the caller says what was expected.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conf {

/// base::printable, but spaces stay: for values and texts inside messages. At most `most` octets of text.
[[nodiscard]] std::string printable_words(std::string_view text, std::size_t most = 80);

/// A TOML basic string (TOML 1.0 "String"). `text` is UTF-8.
[[nodiscard]] std::string quote_toml(std::string_view text);

/// "500ms", "20s", "15m", "1h", "1d"; whole numbers only.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_duration(std::string_view text);
/// The same in the largest unit that leaves a whole number; under five minutes in seconds (or milliseconds).
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

/// A file mode of three or four octal digits, "0660".
[[nodiscard]] std::optional<std::uint32_t> read_file_mode(std::string_view text);

/// What libmilter takes: inet:PORT@HOST, inet6:PORT@HOST, unix:/PATH or local:/PATH; or "systemd:" for one that is passed.
[[nodiscard]] bool is_socket(std::string_view text);
/// "ADDRESS", "V4:PORT" or "[V6]:PORT".
[[nodiscard]] bool is_dns_server(std::string_view text);
/// The name of a user or a group.
[[nodiscard]] bool is_account_name(std::string_view text);

/// ftext of RFC 5322 §3.6.8, at most 64 octets, beginning with a letter.
[[nodiscard]] bool is_field_name(std::string_view text);
/// A field name that makes sense in h=: not a field that is changed or added on the way (RFC 6376 §5.4.1).
[[nodiscard]] bool is_signable_field_name(std::string_view text);

/// A token (RFC 2045 §5.1) or domain as RFC 8601 §2.2 wants it; U-labels become A-labels.
[[nodiscard]] std::optional<std::string> read_authserv_id(std::string_view text);
/// Visible ASCII and spaces, at most 200 octets, `%` only in %d, %p and %%.
[[nodiscard]] bool is_reject_text(std::string_view text);
/// A dot-atom of at most 64 octets (RFC 5321 §4.1.2).
[[nodiscard]] bool is_local_part(std::string_view text);
/// Visible ASCII, 1 to 64 octets.
[[nodiscard]] bool is_macro_value(std::string_view text);

/// A domain as base::Domain spells it.
[[nodiscard]] std::optional<std::string> read_domain(std::string_view text);
/// A `from` of a signing rule: "user@dom", "dom", "*.dom" or "*", the domain as base::Domain spells it.
[[nodiscard]] std::optional<std::string> read_from_pattern(std::string_view text);
/// A selector: labels of letters, digits, hyphens and underscores (RFC 6376 §3.1).
[[nodiscard]] bool is_selector(std::string_view text);
/// A path: not empty, at most 4095 octets, no control characters.
[[nodiscard]] bool is_path(std::string_view text);
/// Where a private key is: a path, or "credential:NAME", a file that systemd hands over (systemd.exec(5), LoadCredential).
[[nodiscard]] bool is_key_place(std::string_view text);
/// The path of a unix socket: begins with "/", does not end with it, at most 107 octets (what sockaddr_un has room for).
[[nodiscard]] bool is_socket_path(std::string_view text);
/// "ADDRESS:PORT" or "[V6ADDRESS]:PORT" with an address of loopback, or "unix:" and a socket's path.
[[nodiscard]] bool is_local_endpoint(std::string_view text);

/// How many insertions, deletions, replacements and exchanges of neighbours make a of b.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace conf
