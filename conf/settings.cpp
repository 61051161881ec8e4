#include "conf/settings.hpp"

namespace conf {

Settings defaults() {
  Settings settings;
  for (const auto* loopback : {"127.0.0.0/8", "::1/128"})
    settings.sign.networks.push_back(base::IpNetwork::parse(loopback).value());
  return settings;
}

}  // namespace conf
