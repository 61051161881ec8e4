#pragma once
// A Report as Authentication-Results. RFC 8601 §2.7: spf with smtp.mailfrom before smtp.helo, every dkim, dmarc.

#include "auth/report.hpp"
#include "message/authentication_results.hpp"

namespace auth {

/// All methods of one message as one field's content. States `none` where nothing was found.
[[nodiscard]] message::AuthenticationResults make_results(const Report& report, const std::string& authserv_id);

}  // namespace auth
