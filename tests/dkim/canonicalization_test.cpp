#include "dkim/canonicalization.hpp"

#include <catch2/catch.hpp>
#include <vector>

using dkim::Canonicalization;

namespace {

std::string canonical(Canonicalization c, const std::vector<std::string_view>& chunks) {
  std::string out;
  dkim::BodyCanonicalizer canonicalizer(c, [&](std::string_view octets) { out += octets; });
  for (const auto chunk : chunks) canonicalizer.update(chunk);
  canonicalizer.finish();
  return out;
}

std::vector<std::string_view> in_pieces(std::string_view text, std::size_t size) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < text.size(); at += size) pieces.push_back(text.substr(at, size));
  return pieces;
}

/// The rules of RFC 6376 §3.4.3 and §3.4.4 in the plainest way there is, to compare with.
std::string by_the_book(Canonicalization c, std::string_view body) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body.substr(i, 2) == "\r\n") {
      lines.emplace_back();
      ++i;
    } else {
      lines.back() += body[i];
    }
  }
  std::string out;
  for (std::string& line : lines) {
    if (c == Canonicalization::relaxed) {
      std::string reduced;
      for (const char octet : line) {
        const bool is_wsp = octet == ' ' || octet == '\t';
        if (!is_wsp)
          reduced += octet;
        else if (reduced.empty() || reduced.back() != ' ')
          reduced += ' ';
      }
      if (!reduced.empty() && reduced.back() == ' ') reduced.pop_back();
      line = reduced;
    }
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (const std::string& line : lines) out += line + "\r\n";
  return out.empty() && c == Canonicalization::simple ? "\r\n" : out;
}

struct BodyCase {
  std::vector<std::string_view> chunks;
  std::string_view simple, relaxed;
};

using namespace std::string_view_literals;

const std::vector<BodyCase> body_cases = {
    {{}, "\r\n", ""},                                                              // no body at all
    {{"\r\n"}, "\r\n", ""},                                                        // one empty line
    {{"\r", "\n", "\r", "\n"}, "\r\n", ""},                                        // only empty lines
    {{" C \r\n", "D \t E\r\n\r\n\r\n"}, " C \r\nD \t E\r\n", " C\r\nD E\r\n"},     // RFC 6376 §3.4.5
    {{"a"}, "a\r\n", "a\r\n"},                                                     // no final CRLF
    {{"a", "\r", "\n"}, "a\r\n", "a\r\n"},                                         // split between CR and LF
    {{"a\r\n", "\r\n", "\r", "\nb"}, "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"},  // empty lines inside stay
    {{"\r\n\r\n", "a"}, "\r\n\r\na\r\n", "\r\n\r\na\r\n"},                         // and at the start
    {{"  "}, "  \r\n", ""},                                                        // only blanks, no line end
    {{"a\r\n \t\r\n", " \r\n"}, "a\r\n \t\r\n \r\n", "a\r\n"},                     // blank lines are empty when relaxed
    {{"a \t", " \t b"}, "a \t \t b\r\n", "a b\r\n"},                               // a run over a split
    {{"a ", "b"}, "a b\r\n", "a b\r\n"},                                           // a lone space over a split
    {{"a\t", "b"}, "a\tb\r\n", "a b\r\n"},                                         // a lone tab becomes a space
    {{"a ", "\r", "\nb"}, "a \r\nb\r\n", "a\r\nb\r\n"},                            // blanks, CR and LF in three chunks
    {{"a ", "\r", "b"}, "a \rb\r\n", "a \rb\r\n"},                                 // a CR alone is no line end
    {{"a \r"}, "a \r\r\n", "a \r\r\n"},                                            // not even at the end
    {{"a \n"}, "a \n\r\n", "a \n\r\n"},                                            // nor is an LF alone
    {{"a\n\n"}, "a\n\n\r\n", "a\n\n\r\n"},                                         // not removed either
    {{"\r\n\r"}, "\r\n\r\r\n", "\r\n\r\r\n"},                                      // the last CR is an octet
    {{"\r", "\r\n"}, "\r\r\n", "\r\r\n"},                                          // CR, then CRLF
    {{"\r\r", "\n\r\n"}, "\r\r\n", "\r\r\n"},                                      // the same, split elsewhere
    {{"\n\r\n"}, "\n\r\n", "\n\r\n"},                                              // LF at the very start
    {{"\ta"}, "\ta\r\n", " a\r\n"},                                                // leading WSP is reduced, not removed
    {{"a\0 \0"sv}, "a\0 \0\r\n"sv, "a\0 \0\r\n"sv},                                // NUL
    {{"\xc3\xa4 \xa0\xff"}, "\xc3\xa4 \xa0\xff\r\n", "\xc3\xa4 \xa0\xff\r\n"},     // 8-bit octets are no WSP
    {{"a\v \f"}, "a\v \f\r\n", "a\v \f\r\n"},                                      // nor are VT and FF
};

}  // namespace

TEST_CASE("body canonicalization: the table holds whole, in its chunks, octet by octet and in every split", "[dkim]") {
  for (const auto& one : body_cases) {
    std::string whole;
    for (const auto chunk : one.chunks) whole += chunk;
    CAPTURE(whole);
    for (const auto c : {Canonicalization::simple, Canonicalization::relaxed}) {
      const std::string expected(c == Canonicalization::simple ? one.simple : one.relaxed);
      CHECK(by_the_book(c, whole) == expected);
      CHECK(canonical(c, one.chunks) == expected);
      CHECK(canonical(c, {whole}) == expected);
      CHECK(canonical(c, in_pieces(whole, 1)) == expected);
      const std::string_view text = whole;
      for (std::size_t split = 0; split <= text.size(); ++split)
        CHECK(canonical(c, {text.substr(0, split), text.substr(split)}) == expected);
    }
  }
}

TEST_CASE("body canonicalization: agrees with the RFC's rules taken literally, for every body of six octets", "[dkim]") {
  constexpr std::string_view octets = "a \t\r\n";
  std::size_t differences = 0;
  for (std::size_t number = 0; number < 5 * 5 * 5 * 5 * 5 * 5; ++number) {
    std::string body;
    for (std::size_t rest = number, i = 0; i < 6; ++i, rest /= 5) body += octets[rest % 5];
    for (const auto c : {Canonicalization::simple, Canonicalization::relaxed}) {
      const std::string expected = by_the_book(c, body);
      for (std::size_t size = 1; size <= 6; ++size)
        if (canonical(c, in_pieces(body, size)) != expected) ++differences;
    }
  }
  CHECK(differences == 0);
}

TEST_CASE("body canonicalization: long lines and many blank lines come out the same in chunks of any size", "[dkim]") {
  std::string body(5000, 'x');  // longer than the blocks in which changes are looked for
  for (std::size_t at : {0U, 31U, 32U, 33U, 63U, 64U, 4999U}) body[at] = ' ';
  body += std::string(2000, 'y') + "  z\t \r\n";
  for (int i = 0; i < 1000; ++i) body += "\r\n";        // more than are written at once
  for (int i = 0; i < 2000; ++i) body += "a  b\t\r\n";  // many small pieces
  body += "end\r\n\r\n";
  for (const auto c : {Canonicalization::simple, Canonicalization::relaxed}) {
    const std::string expected = by_the_book(c, body);
    for (const std::size_t size : {1U, 2U, 31U, 32U, 33U, 1000U, 65536U})
      CHECK(canonical(c, in_pieces(body, size)) == expected);
  }
}

TEST_CASE("body canonicalization: an unchanged chunk goes through in one piece", "[dkim]") {
  std::string body;
  for (int i = 0; i < 100; ++i) body += "Words with single spaces between them.\r\n\r\n";
  for (const auto c : {Canonicalization::simple, Canonicalization::relaxed}) {
    int calls = 0;
    dkim::BodyCanonicalizer canonicalizer(c, [&](std::string_view) { ++calls; });
    canonicalizer.update(body);
    CHECK(calls == 1);
  }
}

namespace {

struct FieldCase {
  std::string_view line;
  std::string_view relaxed;
};

const std::vector<FieldCase> field_cases = {
    {"A: X", "a:X"},                                      // RFC 6376 §3.4.5
    {"B : Y\t\r\n\tZ  ", "b:Y Z"},                        // RFC 6376 §3.4.5
    {"Subject \t:\t Your Name\t ", "subject:Your Name"},  // WSP around the colon
    {"SUBJect:x", "subject:x"},                           // the name in lower case, the value as it is
    {"A:", "a:"},                                         // empty value
    {"A: \t ", "a:"},                                     // nothing but WSP
    {"A:\r\n \r\n\tb", "a:b"},                            // folds before the text
    {"A: b\r\n ", "a:b"},                                 // a fold after it
    {"A: b \t c\r\n  d", "a:b c d"},                      // runs
    {"A: b:c", "a:b:c"},                                  // only the first colon is one
    {"A: b\rc", "a:b\rc"},                                // a CR alone is an octet like others
    {"A: \xc3\xa4  \xff", "a:\xc3\xa4 \xff"},             // 8-bit
};

std::string canonical_field(std::string_view line, Canonicalization c, bool last) {
  message::HeaderBlock header;
  header.add_line(line);
  std::string out = "before ";
  dkim::append_canonical_field(out, header[0], c, last);
  return out;
}

}  // namespace

TEST_CASE("header canonicalization: relaxed follows the table, simple keeps every octet", "[dkim]") {
  for (const auto& one : field_cases) {
    CAPTURE(one.line);
    CHECK(canonical_field(one.line, Canonicalization::relaxed, true) == "before " + std::string(one.relaxed));
    CHECK(canonical_field(one.line, Canonicalization::relaxed, false) == "before " + std::string(one.relaxed) + "\r\n");
    CHECK(canonical_field(one.line, Canonicalization::simple, true) == "before " + std::string(one.line));
    CHECK(canonical_field(one.line, Canonicalization::simple, false) == "before " + std::string(one.line) + "\r\n");
  }
}
