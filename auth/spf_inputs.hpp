#pragma once
// The arguments of check_host() for the two identities of one envelope. RFC 7208 §2.3, §2.4, §4.1.

#include <string>

#include "auth/envelope.hpp"
#include "base/time.hpp"
#include "spf/check_host.hpp"

namespace auth {

struct SpfInputs {
  spf::Input helo;
  spf::Input mail_from;  // with a null reverse-path: postmaster@HELO, the same as helo
};

/// `receiver` and `now` are for macros. The envelope's client must be known for the result to mean anything.
[[nodiscard]] SpfInputs make_spf_inputs(const Envelope& envelope, const std::string& receiver, base::UnixTime now);

}  // namespace auth
