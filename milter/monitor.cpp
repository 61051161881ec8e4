#include "milter/monitor.hpp"

#include "milter/exposition.hpp"

namespace milter {

Monitor::Monitor(const std::string& listen, const std::string& group, std::uint32_t mode, const Service& service,
                 const KeyWatch& watch)
    : service_(service),
      watch_(watch),
      health_(service),
      server_(
          listen, group, mode, [this](std::string_view path) { return page(path); }, service.log) {}

std::optional<Page> Monitor::page(std::string_view path) {
  if (path == "/metrics") return Page{200, exposition_type, exposition(service_, watch_.snapshot())};
  if (path == "/healthz") return health_.check();
  return std::nullopt;
}

}  // namespace milter
