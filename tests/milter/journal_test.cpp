#include "milter/journal.hpp"

#include <catch2/catch.hpp>

using namespace std::string_literals;

TEST_CASE("journal: an entry has the line, a priority and each field under a name of its own", "[journal]") {
  const auto fields = base::LogFields().add("qid", "4cB1x2").add("spf.mailfrom", "pass").add_decimal("dns_ms", 0.5);
  CHECK(milter::journal_entry(base::LogLevel::info, base::LogComponent::message, "the line", fields) ==
        "MESSAGE=the line\0PRIORITY=6\0SYSLOG_IDENTIFIER=signetd\0SIGNET_COMPONENT=message\0"
        "SIGNET_QUEUE_ID=4cB1x2\0SIGNET_SPF_MAILFROM=pass\0SIGNET_DNS_MS=0.5\0"s);
}

TEST_CASE("journal: a value can neither end its field nor begin another", "[journal]") {
  const auto fields = base::LogFields().add("helo", "a\0MESSAGE=forged"s).add("sender", "b\nPRIORITY=0");
  CHECK(milter::journal_entry(base::LogLevel::error, base::LogComponent::dns, "x", fields) ==
        "MESSAGE=x\0PRIORITY=3\0SYSLOG_IDENTIFIER=signetd\0SIGNET_COMPONENT=dns\0"
        "SIGNET_HELO=a?MESSAGE=forged\0SIGNET_SENDER=b\nPRIORITY=0\0"s);
}
