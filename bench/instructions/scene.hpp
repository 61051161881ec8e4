#pragma once
// One kind of message, the DNS and the configuration that go with it, and what must come of it.

#include <string>
#include <utility>
#include <vector>

#include "auth/envelope.hpp"
#include "auth/options.hpp"
#include "dns/zone.hpp"

namespace bench {

struct Scene {
  auth::Connection connection;
  std::string reverse_path;                                 // as libmilter gives it: "<a@b.example>"
  std::string authentication_type;                          // not empty: ours to sign
  std::vector<std::pair<std::string, std::string>> fields;  // values with their leading space, LF at folds
  std::string body;
  dns::Zone zone;
  auth::Options options;
  std::string expected;  // as summary() says it
};

/// A kind's name and how its scene is made.
struct Kind {
  std::string name;
  Scene (*make)();
};

/// All kinds, in the order of the table.
[[nodiscard]] const std::vector<Kind>& kinds();

}  // namespace bench
