#include "dns/answer.hpp"

namespace dns {

std::string_view to_text(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::no_such_name:
      return "no such name";
    case Status::no_data:
      return "no data";
    case Status::timeout:
      return "timeout";
    case Status::server_failure:
      return "server failure";
    case Status::malformed:
      return "malformed answer";
  }
  return "?";
}

std::size_t Answer::octets() const {
  std::size_t total = sizeof(Answer) + derived_octets_ + addresses.capacity() * sizeof(base::IpAddress);
  for (const auto& text : texts) total += sizeof(text) + text.capacity();
  for (const auto& mx : exchanges) total += sizeof(mx) + mx.exchange.capacity();
  for (const auto& name : names) total += sizeof(name) + name.capacity();
  return total;
}

AnswerPtr make_empty_answer(Status status, std::chrono::seconds ttl) {
  auto answer = std::make_shared<Answer>();
  answer->status = status;
  answer->ttl = ttl;
  return answer;
}

}  // namespace dns
