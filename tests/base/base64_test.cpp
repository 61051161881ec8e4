#include "base/base64.hpp"

#include <catch2/catch.hpp>

namespace {

std::string decode(std::string_view text) {
  const auto octets = base::decode_base64(text);
  return octets ? std::string(octets->begin(), octets->end()) : "error";
}

}  // namespace

TEST_CASE("base64: the vectors of RFC 4648 §10, both ways", "[base]") {
  struct Row {
    std::string_view plain, encoded;
  };
  const Row rows[] = {{"", ""},
                      {"f", "Zg=="},
                      {"fo", "Zm8="},
                      {"foo", "Zm9v"},
                      {"foob", "Zm9vYg=="},
                      {"fooba", "Zm9vYmE="},
                      {"foobar", "Zm9vYmFy"}};
  for (const Row& row : rows) {
    CAPTURE(row.plain);
    CHECK(decode(row.encoded) == row.plain);
    CHECK(base::encode_base64(std::vector<std::uint8_t>(row.plain.begin(), row.plain.end())) == row.encoded);
  }
}

TEST_CASE("base64: every octet survives", "[base]") {
  std::vector<std::uint8_t> octets;
  for (int i = 0; i < 256; ++i) {
    octets.push_back(static_cast<std::uint8_t>(255 - i));
    const auto decoded = base::decode_base64(base::encode_base64(octets));
    REQUIRE(decoded);
    CHECK(*decoded == octets);
  }
  CHECK(base::encode_base64(std::vector<std::uint8_t>{0xfb, 0xff, 0xfe}) == "+//+");
}

TEST_CASE("base64: white space means nothing, missing padding is forgiven", "[base]") {
  CHECK(decode(" Z\tm9\r\n vYg = =\n") == "foob");
  CHECK(decode("Zg") == "f");
  CHECK(decode("Zm8") == "fo");
  CHECK(decode("Zm9vYg") == "foob");
  CHECK(decode(" \r\n").empty());
}

TEST_CASE("base64: other texts fail where they go wrong", "[base]") {
  struct Row {
    std::string_view text;
    std::size_t offset;
  };
  const Row rows[] = {
      {"Z", 1},                                    // one digit is no octet
      {"Zm9vY", 5},    {"Zg=", 3},                 // half a padding
      {"Zg===", 4},                                // too much
      {"Zm8==", 5},    {"Zm9v=", 4},               // none is due
      {"=", 0},        {"====", 0},  {"Z=g=", 1},  // inside
      {"Zg==Zg==", 4}, {"Zm-v", 2},                // the URL alphabet
      {"Zm_v", 2},     {"Zm9v.", 4}, {"Zm\xc3\xa9", 2}, {std::string_view("Zm\0v", 4), 2},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    const auto octets = base::decode_base64(row.text);
    REQUIRE_FALSE(octets);
    CHECK(octets.error().offset == row.offset);
  }
}
