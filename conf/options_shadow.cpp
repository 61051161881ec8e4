// Options of the comparison with an older chain of filters.

#include "conf/list_kinds.hpp"
#include "conf/option_groups.hpp"

namespace conf::groups {

std::vector<Option> shadow() {
  return {kinds::list(
      "shadow.authserv-ids", [](auto& s) -> auto& { return s.shadow.authserv_ids; },
      {"a list of names", "a name as it stands in Authentication-Results: \"mail.example.org\""}, read_authserv_id,
      kinds::text_itself,
      "Whose Authentication-Results are those of the old chain. Empty: those with the name that Signet itself would write "
      "(authserv-id).")};
}

}  // namespace conf::groups
