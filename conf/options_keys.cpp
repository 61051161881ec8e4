// Options of the keys that Signet makes, replaces and looks after.

#include "conf/list_kinds.hpp"
#include "conf/option_groups.hpp"

namespace conf::groups {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t most_directory_octets = 200;

bool is_directory_path(std::string_view text) {
  return text.starts_with('/') && text.size() <= most_directory_octets && is_path(text);
}

}  // namespace

std::vector<Option> keys() {
  return {
      kinds::text(
          "keys.directory", [](auto& s) -> auto& { return s.keys.directory; }, "an absolute path of at most 200 octets",
          kinds::when(is_directory_path),
          "Where `signet key` puts keys, in a folder for each domain, and where their stages are written down. Signet must be "
          "able to write there to move them on."),
      kinds::duration(
          "keys.check-interval", [](auto& s) -> auto& { return s.keys.check_interval; }, minutes{1}, hours{24 * 7},
          "How often the DNS is asked whether it shows the keys that sign, and the next ones. \"0s\": never.", true),
      kinds::choice<Settings, OnDifferentKey>(
          "keys.on-different", [](auto& s) -> auto& { return s.keys.on_different; },
          {{"sign", OnDifferentKey::sign}, {"refuse", OnDifferentKey::refuse}},
          "What happens to a key for which the DNS shows another key, or that it was revoked: signatures by it fail. "
          "\"refuse\" "
          "sends mail without them. A record that is missing, and a DNS that does not answer, never stop signing."),
      kinds::duration(
          "keys.grace", [](auto& s) -> auto& { return s.keys.grace; }, hours{1}, hours{24 * 366},
          "How long a replaced key stays published: what it signed can wait in queues for days."),
  };
}

}  // namespace conf::groups
