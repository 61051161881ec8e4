#pragma once
// A milter::Setup for tests and benchmarks, which have their resolver on the stack.

#include <memory>
#include <utility>

#include "milter/setup.hpp"

namespace test {

/// `resolver` outlives it.
inline milter::SetupPtr borrowed_setup(dns::Resolver& resolver, auth::Options options) {
  const std::shared_ptr<void> nobody;
  return std::make_shared<const milter::Setup>(
      milter::Setup{std::move(options), std::shared_ptr<dns::Resolver>(nobody, &resolver)});
}

}  // namespace test
