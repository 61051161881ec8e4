#pragma once
// What changes in Postfix when Signet takes over: lines of main.cf and master.cf, and settings that change mail after it
// was signed or before it is verified.

#include <string>
#include <vector>

#include "migrate/postfix_config.hpp"
#include "migrate/sockets.hpp"

namespace migrate {

struct PostfixChange {
  Place place;         // line 0: a line to add
  std::string before;  // empty: there is none
  std::string after;   // empty: the line goes away
};

struct PostfixFiles {
  MainConfig main;
  std::string main_file;
  std::vector<MasterService> master;
};

[[nodiscard]] std::vector<PostfixChange> find_changes(const PostfixFiles& postfix, const Sockets& sockets, Findings& findings);

/// The lines for the time before: Signet as the last filter, behind the old ones, and mail goes on should it be down.
[[nodiscard]] std::vector<PostfixChange> find_shadow_changes(const PostfixFiles& postfix, const Sockets& sockets);

/// Settings of Postfix that break signatures or hide results.
void check_rewriting(const MainConfig& main, Findings& findings);

}  // namespace migrate
