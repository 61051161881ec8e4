#pragma once
// As much of HTTP/1.1 (RFC 9112) as two pages need that a scraper and a load balancer ask for: GET and HEAD, one request for
// each connection, no body read. Text in, text out.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace milter {

struct Page {
  int status = 200;
  std::string_view type = "text/plain; charset=utf-8";
  std::string body;
};

/// The page at a path, without its query; none: there is none.
using Pages = std::function<std::optional<Page>(std::string_view path)>;

/// What a request whose head is over may be at most, with its fields.
inline constexpr std::size_t max_http_head_octets = 8192;

/// Whether `head`, the octets that came so far, has the empty line that ends one.
[[nodiscard]] bool is_http_head_over(std::string_view head);
/// The whole response to a head that is over, or to one that is too long to be waited for.
[[nodiscard]] std::string answer_http(std::string_view head, const Pages& pages);

}  // namespace milter
