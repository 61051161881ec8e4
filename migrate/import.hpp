#pragma once
// The whole of an import: old files in, new file, changes for Postfix and findings out. Reads files; asks the DNS for the
// keys; writes nothing.

#include <string>
#include <vector>

#include "base/time.hpp"
#include "dns/resolver.hpp"
#include "migrate/finding.hpp"
#include "migrate/postfix_changes.hpp"

namespace migrate {

/// One old file. Where nobody named it, it may be missing.
struct OldFile {
  std::string path;
  bool is_named = false;
};

struct OldFiles {
  OldFile opendkim{"/etc/opendkim.conf", false};
  OldFile opendmarc{"/etc/opendmarc.conf", false};
  OldFile policyd{"/etc/postfix-policyd-spf-python/policyd-spf.conf", false};
  OldFile main{"/etc/postfix/main.cf", false};
  OldFile master{"/etc/postfix/master.cf", false};
};

struct Import {
  std::string toml;  // the new file; empty: there was nothing to import
  std::vector<PostfixChange> shadow;  // of Postfix, to run beside the old programs first
  std::vector<PostfixChange> postfix;
  Findings findings;
};

/// Where the answers about keys come from, and how long they are waited for. Null: the DNS is not asked.
struct KeyCheck {
  dns::Resolver* resolver = nullptr;
  base::SteadyTime deadline;
};

/// `host_name`: what "HOSTNAME" means in the old files.
[[nodiscard]] Import import_setup(const OldFiles& files, const std::string& host_name, const KeyCheck& check);

}  // namespace migrate
