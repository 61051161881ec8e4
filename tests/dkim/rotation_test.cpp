#include "dkim/rotation.hpp"

#include <catch2/catch.hpp>

namespace {

using dkim::KeyType;
using dkim::Published;
using dkim::Rotation;
using dkim::Stage;
using std::chrono::hours;

constexpr base::UnixTime start{std::chrono::seconds{1'795'550'400}};  // 2026-11-24T20:00:00Z
constexpr hours week{7 * 24};

Rotation keys_at(std::initializer_list<std::pair<Stage, const char*>> stages) {
  Rotation rotation;
  for (const auto& [stage, selector] : stages) rotation.push_back({stage, KeyType::rsa, selector, start});
  return rotation;
}

std::vector<Stage> stages_of(const Rotation& rotation) {
  std::vector<Stage> stages;
  for (const auto& key : rotation) stages.push_back(key.stage);
  return stages;
}

std::size_t failing_line(std::string_view text) {
  const auto parsed = dkim::parse_rotation(text);
  return parsed ? 0 : parsed.error().line;
}

}  // namespace

TEST_CASE("what is written of a rotation is read as the same") {
  const Rotation rotation = {{Stage::next, KeyType::ed25519, "s2e", start},
                             {Stage::active, KeyType::rsa, "a-selector.with_all", start + hours(1)},
                             {Stage::retiring, KeyType::rsa, "old", start - week},
                             {Stage::retired, KeyType::ed25519, "older", base::UnixTime{}}};
  const std::string text = dkim::format_rotation(rotation);
  CHECK(text.find("active     rsa      a-selector.with_all 2026-11-24T21:00:00Z\n") != std::string::npos);
  REQUIRE(dkim::parse_rotation(text));
  CHECK(*dkim::parse_rotation(text) == rotation);
  CHECK(dkim::parse_rotation("")->empty());
}

TEST_CASE("a line that is none is named") {
  CHECK(failing_line("# a head\n\nactive rsa s 2026-11-24T20:00:00Z\nactive rsa s2\n") == 4);
  CHECK(failing_line("gone rsa s 2026-11-24T20:00:00Z") == 1);
  CHECK(failing_line("active dsa s 2026-11-24T20:00:00Z") == 1);
  CHECK(failing_line("active rsa ../s 2026-11-24T20:00:00Z") == 1);
  CHECK(failing_line("active rsa .s 2026-11-24T20:00:00Z") == 1);
  CHECK(failing_line("active rsa s 2026-02-30T20:00:00Z") == 1);
  CHECK(failing_line("active rsa s 2026-11-24T24:00:00Z") == 1);
  CHECK(failing_line("active rsa s 2026-11-24 20:00") == 1);
  CHECK(failing_line("active rsa s 2026-11-24T20:00:00Z\nnext rsa S 2026-11-24T20:00:00Z") == 2);
}

TEST_CASE("a rotation has so many keys and octets and no more", "[limits]") {
  std::string text;
  for (std::size_t i = 0; i < dkim::max_rotating_keys; ++i)
    text += "retired rsa s" + std::to_string(i) + " 2026-11-24T20:00:00Z\n";
  CHECK(dkim::parse_rotation(text)->size() == dkim::max_rotating_keys);
  CHECK(failing_line(text + "next rsa more 2026-11-24T20:00:00Z") == dkim::max_rotating_keys + 1);
  CHECK(dkim::parse_rotation(std::string(dkim::max_rotation_octets, '\n')));
  CHECK_FALSE(dkim::parse_rotation(std::string(dkim::max_rotation_octets + 1, '\n')));
}

TEST_CASE("a next key that all name servers show becomes active, and the active one of its type retires") {
  Rotation rotation = keys_at({{Stage::active, "old"}, {Stage::next, "new"}});
  rotation.push_back({Stage::active, KeyType::ed25519, "other-type", start});
  const std::vector published = {Published::everywhere, Published::everywhere, Published::everywhere};
  const auto steps = dkim::advance(rotation, published, start + hours(1), week);
  CHECK(steps == std::vector<dkim::Step>{{"old", Stage::retiring}, {"new", Stage::active}});
  CHECK(stages_of(rotation) == std::vector{Stage::retiring, Stage::active, Stage::active});
  CHECK(rotation[0].since == start + hours(1));
  CHECK(rotation[1].since == start + hours(1));
  CHECK(rotation[2].since == start);
}

TEST_CASE("a next key waits while any name server does not show it, or does not answer") {
  for (const Published published : {Published::not_yet, Published::nowhere, Published::otherwise, Published::unknown}) {
    Rotation rotation = keys_at({{Stage::active, "old"}, {Stage::next, "new"}});
    CHECK(dkim::advance(rotation, std::vector{Published::everywhere, published}, start + week, week).empty());
    CHECK(stages_of(rotation) == std::vector{Stage::active, Stage::next});
  }
}

TEST_CASE("a key is retired after the grace time, not before") {
  Rotation rotation = keys_at({{Stage::retiring, "old"}});
  CHECK(dkim::advance(rotation, std::vector{Published::everywhere}, start + week - std::chrono::seconds(1), week).empty());
  CHECK(dkim::advance(rotation, std::vector{Published::everywhere}, start + week, week) ==
        std::vector<dkim::Step>{{"old", Stage::retired}});
  CHECK(rotation[0].since == start + week);
}

TEST_CASE("an active key stays so whatever the DNS says of it, and so does a retired one") {
  for (const Published published : {Published::nowhere, Published::otherwise, Published::unknown}) {
    Rotation rotation = keys_at({{Stage::active, "now"}, {Stage::retired, "old"}});
    CHECK(dkim::advance(rotation, std::vector{published, Published::everywhere}, start + 10 * week, week).empty());
  }
}

TEST_CASE("a clock that was set back delays a key's end and does nothing else") {
  Rotation rotation = keys_at({{Stage::retiring, "old"}});
  CHECK(dkim::advance(rotation, std::vector{Published::everywhere}, start - week, week).empty());
}
