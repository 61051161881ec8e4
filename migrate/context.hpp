#pragma once
// What one import works on.

#include <string>

#include "migrate/draft.hpp"
#include "migrate/finding.hpp"

namespace migrate {

struct Context {
  std::string host_name;  // what "HOSTNAME" means in the old files
  Draft draft;
  Findings findings;
};

}  // namespace migrate
