#include "auth/spf_inputs.hpp"

namespace auth {

SpfInputs make_spf_inputs(const Envelope& envelope, const std::string& receiver, base::UnixTime now) {
  SpfInputs inputs;
  spf::Input& helo = inputs.helo;
  if (envelope.connection.client) helo.client = *envelope.connection.client;
  helo.domain = helo.sender_domain = helo.helo = envelope.connection.helo;
  helo.receiver = receiver;
  helo.now = now.time_since_epoch().count();
  inputs.mail_from = helo;
  const message::ReversePath& path = envelope.reverse_path;
  if (path.is_null) return inputs;
  inputs.mail_from.domain = inputs.mail_from.sender_domain = path.domain ? path.domain->text() : "";
  inputs.mail_from.local_part = path.local_part;
  return inputs;
}

}  // namespace auth
