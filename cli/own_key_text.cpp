#include "cli/own_key_text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "keys/record_text.hpp"

namespace cli {
namespace {

using dkim::Published;
using dkim::Stage;

std::string date_of(base::UnixTime time) {
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(time.time_since_epoch().count()));
}

std::string_view shown_text(Published published) {
  switch (published) {
    case Published::everywhere:
      return "shows it";
    case Published::nowhere:
      return "shows no record, or an empty p=";
    case Published::otherwise:
      return "shows another record";
    case Published::unknown:
      return "does not answer";
    case Published::not_yet:
      break;
  }
  return "shows it in part";
}

std::string_view token_of(Published published) {
  switch (published) {
    case Published::everywhere:
      return "everywhere";
    case Published::not_yet:
      return "not-yet";
    case Published::nowhere:
      return "nowhere";
    case Published::otherwise:
      return "otherwise";
    case Published::unknown:
      break;
  }
  return "unknown";
}

/// What follows from the stage.
std::string outlook(const keys::KeyStatus& status, const base::Domain& domain, std::chrono::seconds grace) {
  const std::string name = keys::record_name(domain, status.key.selector);
  switch (status.key.stage) {
    case Stage::next:
      return "signs as soon as all name servers show its record";
    case Stage::active:
      return "signs";
    case Stage::retiring:
      return fmt::format("signs no more; leave it published until {}", date_of(status.key.since + grace));
    case Stage::retired:
      break;
  }
  if (status.shown && status.shown->published == Published::nowhere)
    return fmt::format("is out of the DNS: signet key forget {} {}", domain.text(), status.key.selector);
  return fmt::format("is not needed any more: take {} out of the DNS, or publish \"v=DKIM1; p=\" there", name);
}

}  // namespace

std::string describe_key(const dkim::PublicKey& key) {
  return key.type() == dkim::KeyType::rsa ? fmt::format("RSA, {} bits", key.bits()) : "Ed25519";
}

std::string publish_text(const base::Domain& domain, const std::string& selector, const dkim::PublicKey& key) {
  return fmt::format(
      "As a line of a zone file:\n\n{}\n\nOr, for a form that takes the text in one piece:\n\n  name   {}\n  value  {}\n",
      keys::zone_line(domain, selector, key), keys::record_name(domain, selector), keys::record_value(key));
}

nlohmann::ordered_json to_json(const base::Domain& domain, const std::string& selector, const dkim::PublicKey& key,
                               const std::string& file) {
  return {{"domain", domain.text()},
          {"selector", selector},
          {"type", dkim::to_text(key.type())},
          {"bits", key.bits()},
          {"file", file},
          {"name", keys::record_name(domain, selector)},
          {"value", keys::record_value(key)},
          {"zone_line", keys::zone_line(domain, selector, key)}};
}

std::string stage_text(const keys::KeyStatus& status, const base::Domain& domain, std::chrono::seconds grace) {
  const auto& key = status.key;
  std::string text = fmt::format("  {:<9} {:<20} {:<14} since {}\n            {}\n", dkim::to_text(key.stage), key.selector,
                                 status.public_key ? describe_key(*status.public_key) : std::string(dkim::to_text(key.type)),
                                 date_of(key.since), outlook(status, domain, grace));
  if (!status.fault.empty()) text += fmt::format("            but: {}\n", status.fault);
  if (!status.shown) return text;
  if (status.shown->servers.empty()) text += "            the zone's name servers cannot be found just now\n";
  for (const auto& server : status.shown->servers)
    text += fmt::format("            {} {}\n", server.server, shown_text(server.published));
  return text;
}

nlohmann::ordered_json to_json(const keys::KeyStatus& status, const base::Domain& domain) {
  nlohmann::ordered_json out = {{"domain", domain.text()},
                                {"selector", status.key.selector},
                                {"type", dkim::to_text(status.key.type)},
                                {"stage", dkim::to_text(status.key.stage)},
                                {"since", status.key.since.time_since_epoch().count()}};
  if (status.public_key) out["value"] = keys::record_value(*status.public_key);
  if (!status.fault.empty()) out["fault"] = status.fault;
  if (!status.shown) return out;
  out["published"] = token_of(status.shown->published);
  for (const auto& server : status.shown->servers) out["name_servers"][server.server] = token_of(server.published);
  return out;
}

}  // namespace cli
