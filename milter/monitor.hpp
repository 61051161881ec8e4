#pragma once
// The daemon watched from outside: /metrics and /healthz by HTTP.

#include <cstdint>
#include <string>

#include "milter/health.hpp"
#include "milter/http_server.hpp"
#include "milter/key_watch.hpp"
#include "milter/metrics.hpp"

namespace milter {

class Monitor {
 public:
  /// `service` has metrics, and like `watch` outlives this. What else is as HttpServer has it, start() included.
  Monitor(const std::string& listen, const std::string& group, std::uint32_t mode, const Service& service,
          const KeyWatch& watch);
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void start() { server_.start(); }
  void set_draining() { health_.set_draining(); }

 private:
  [[nodiscard]] std::optional<Page> page(std::string_view path);

  const Service& service_;
  const KeyWatch& watch_;
  Health health_;
  HttpServer server_;
};

}  // namespace milter
