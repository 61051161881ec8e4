#include "dmarc/report_uri.hpp"

#include <catch2/catch.hpp>
#include <string>

TEST_CASE("dmarc report uri: a valid one is read without its size", "[dmarc]") {
  struct Row {
    std::string text, uri;  // uri empty: not valid
  };
  const Row rows[] = {
      {"mailto:a@example.org", "mailto:a@example.org"},
      {"MAILTO:a@example.org", "MAILTO:a@example.org"},  // schemes in any case
      {"mailto:a@example.org!10", "mailto:a@example.org"},
      {"mailto:a@example.org!10k", "mailto:a@example.org"},
      {"mailto:a@example.org!10T", "mailto:a@example.org"},  // "t" in ABNF is either case
      {"mailto:a@example.org!", ""},                         // 1*DIGIT
      {"mailto:a@example.org!k", ""},
      {"mailto:a@example.org!10x", ""},
      {"mailto:a@example.org!10kk", ""},
      {"mailto:a@example.org!-1", ""},
      {"mailto:a@example.org ! 10", ""},  // no white space
      {"mailto:a@example.org!1!1", ""},
      {"mailto:a!b@example.org", ""},  // an exclamation point is encoded
      {"mailto:a%21b@example.org", "mailto:a%21b@example.org"},
      {"mailto:a%2@example.org", ""},  // an encoding is two digits
      {"mailto:a%zz@example.org", ""},
      {"mailto:a+b.c_d-e@example.org", "mailto:a+b.c_d-e@example.org"},
      {"mailto:a@example.org?subject=x%20y", "mailto:a@example.org?subject=x%20y"},
      {"mailto:a@example.org,b@example.org", ""},  // a comma is encoded
      {"mailto:a@b@example.org", ""},
      {"mailto:@example.org", ""},
      {"mailto:a@", ""},
      {"mailto:a", ""},
      {"mailto:", ""},
      {"mailto:a@exa mple.org", ""},
      {"mailto://example.org", ""},         // no mailbox
      {"mailto:a@ex\xc3\xa4mple.org", ""},  // a URI is ASCII
      {"https://example.org/dmarc", "https://example.org/dmarc"},
      {"http://example.org/pub!30m", "http://example.org/pub"},
      {"https://", ""},  // no authority
      {"https:///x", ""},
      {"ftp://example.org", "ftp://example.org"},  // any scheme
      {"urn:x", "urn:x"},
      {"bogus", ""},  // no scheme
      {"a@example.org", ""},
      {":x", ""},
      {"1a:x", ""},  // a scheme starts with a letter
      {"_mailto:a@example.org", ""},
      {"x:", ""},
      {"x:a\x01", ""},
      {"x:a\"b", ""},
      {"", ""},
      {"!5", ""},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(dmarc::read_report_uri(row.text).value_or("") == row.uri);
  }
}
