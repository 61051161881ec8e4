#pragma once
// The DNS tree walk: which names it asks for, what was found there, and which Organizational Domain follows.
// RFC 9989 §4.10 and §4.10.2. Where a DNS failure hides what a name holds, every answer it could have given is
// followed, so that a failure which changes nothing does no harm. Knows nothing of messages or policies.

#include <cstddef>
#include <vector>

#include "base/domain.hpp"
#include "dmarc/discovery.hpp"
#include "dmarc/lookup.hpp"
#include "dns/view.hpp"

namespace dmarc {

/// The names a walk asks about, longest first: the start, then (at most its last 7 labels) label by label to one.
[[nodiscard]] std::vector<base::Domain> walk_names(const base::Domain& start);

class TreeWalk {
 public:
  /// Asks all questions of the walk at once.
  TreeWalk(dns::View& view, const base::Domain& start);

  [[nodiscard]] const base::Domain& start() const { return steps_.front().name; }
  /// Up to where the walk ends, as far as that is known.
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  /// Nothing that is still to be answered can matter.
  [[nodiscard]] bool is_complete() const { return is_complete_; }
  [[nodiscard]] const Step* find(const base::Domain& name) const;

 private:
  std::vector<Step> steps_;
  bool is_complete_ = true;
};

/// What the Organizational Domain of a complete walk's start may be, shortest first; exactly one: it is that.
[[nodiscard]] std::vector<base::Domain> possible_organizations(const TreeWalk& walk);

/// Have the starts of two complete walks the same Organizational Domain (§4.10.2)?
[[nodiscard]] Alignment compare_organizations(const TreeWalk& a, const TreeWalk& b);

}  // namespace dmarc
