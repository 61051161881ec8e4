#include "milter/http.hpp"

#include <fmt/format.h>

namespace milter {
namespace {

std::string_view phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

std::string render(const Page& page, bool wants_body) {
  const std::string_view allow = page.status == 405 ? "Allow: GET, HEAD\r\n" : "";
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n{}Connection: close\r\n\r\n",
      page.status, phrase(page.status), page.type, page.body.size(), allow);
  if (wants_body) text += page.body;
  return text;
}

Page plain(int status) { return {status, Page{}.type, fmt::format("{}\n", phrase(status))}; }

/// "METHOD TARGET HTTP/1.x": RFC 9112 §3.
struct RequestLine {
  std::string_view method, target;
};

std::optional<RequestLine> parse_request_line(std::string_view head) {
  std::string_view line = head.substr(0, head.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || !line.substr(last + 1).starts_with("HTTP/1.")) return std::nullopt;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!target.starts_with('/') || target.find(' ') != std::string_view::npos) return std::nullopt;
  return RequestLine{line.substr(0, first), target};
}

}  // namespace

bool is_http_head_over(std::string_view head) {
  return head.find("\r\n\r\n") != std::string_view::npos || head.find("\n\n") != std::string_view::npos;
}

std::string answer_http(std::string_view head, const Pages& pages) {
  if (!is_http_head_over(head)) return render(plain(431), true);
  const auto request = parse_request_line(head);
  if (!request) return render(plain(400), true);
  const bool is_head = request->method == "HEAD";
  if (!is_head && request->method != "GET") return render(plain(405), true);
  const auto page = pages(request->target.substr(0, request->target.find('?')));
  return render(page ? *page : plain(404), !is_head);
}

}  // namespace milter
