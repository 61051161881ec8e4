#include "base/time.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("time: what poll is told never ends before the deadline, nor ever for one that has passed", "[base]") {
  const auto now = std::chrono::steady_clock::now();
  CHECK(base::milliseconds_until(std::nullopt) == -1);
  CHECK(base::milliseconds_until(now) == 0);
  CHECK(base::milliseconds_until(now - 1h) == 0);
  CHECK(base::milliseconds_until(now + 1h) > 3'500'000);
  CHECK(base::milliseconds_until(now + 1h) <= 3'600'000);
  CHECK(base::milliseconds_until(now + 24h * 365) == std::numeric_limits<int>::max());
}
