#pragma once
// What the MTA knows of a message before it has seen its header. RFC 5321 §2.3.1. Plain values: the daemon fills
// them from the milter protocol, the tool from its options.

#include <optional>
#include <string>

#include "base/ip_address.hpp"
#include "message/reverse_path.hpp"

namespace auth {

struct Connection {
  std::optional<base::IpAddress> client;  // none: not TCP/IP, or the MTA does not know
  std::string client_name;                // as the MTA found it; for the log only
  bool is_local_submission = false;       // by sendmail(1) or made by the MTA itself: non_smtpd_milters
  std::string daemon_name;                // {daemon_name}
  std::string mta_name;                   // {j}: authserv-id and SPF's %{r} by default
  std::string helo;
};

struct Envelope {
  Connection connection;
  message::ReversePath reverse_path;
  std::string authentication_type;  // {auth_type}; not empty: the client authenticated itself
  std::string queue_id;             // known from DATA on
  bool is_smtputf8 = false;         // our field may hold UTF-8
};

}  // namespace auth
