#pragma once
// A DNS response, octets to value: RFC 1035 §4.1, CNAME chains (RFC 1034 §3.6.2), negative answers (RFC 2308).
// In message.cpp, the one file that knows libresolv. No sockets; matching the message id is the transport's job.

#include <cstddef>
#include <cstdint>
#include <span>

#include "dns/answer.hpp"
#include "dns/question.hpp"

namespace dns {

/// CNAMEs followed within one answer; a longer chain, and so a loop, is malformed.
inline constexpr std::size_t max_cname_chain = 8;

/// Reads the response to `question`; never null, never throws for any octets.
/// octets: one whole response, as it came over UDP or TCP without the length. Its question section must repeat
/// the question, letters in any case. Records of other names, types and classes are skipped.
/// - An answer whose chain of CNAMEs ends without a record of the type is no_data, also when nothing but a CNAME came.
/// - ttl is the smallest of the chain and its records. A negative answer lives as long as its SOA record says
///   (RFC 2308 §5), and without one 0 seconds.
/// - SERVFAIL, REFUSED and every other error code is server_failure.
/// - Names in records come in dns::Question spelling. A name that this cannot spell (a label that holds a '.'
///   octet; the root, except as the null MX of RFC 7505) makes its record unusable: dropped, and if no record is
///   left, or if it is the target of a CNAME in the chain, the answer is malformed.
/// - Malformed too: octets that are no message, are cut short or left over, the TC bit, a compression loop, more than
///   Answer::max_records records of the type, different CNAMEs at one name, record data of the wrong shape.
[[nodiscard]] AnswerPtr decode_answer(std::span<const std::uint8_t> octets, const Question& question);

}  // namespace dns
