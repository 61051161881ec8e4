#pragma once
// The array of tables [[sign.rule]].

#include <vector>

#include "conf/node.hpp"

namespace conf {

/// Throws Error; among others when two rules, or one twice, have the same `from`.
[[nodiscard]] std::vector<SignRule> read_sign_rules(const Node& node);

}  // namespace conf
