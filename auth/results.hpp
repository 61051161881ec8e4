#pragma once
// A Report as Authentication-Results: RFC 8601 §2.7, spf with smtp.mailfrom before smtp.helo, every dkim, dmarc.
// And as Received-SPF.

#include "auth/report.hpp"
#include "message/authentication_results.hpp"
#include "message/received_spf.hpp"

namespace auth {

/// All methods of one message as one field's content. States `none` where nothing was found.
[[nodiscard]] message::AuthenticationResults make_results(const Report& report, const std::string& authserv_id);

/// The SPF result of MAIL FROM (with a null reverse-path: of HELO) as Received-SPF. RFC 7208 §9.1.
[[nodiscard]] message::ReceivedSpf make_received_spf(const Report& report, const std::string& receiver);

}  // namespace auth
