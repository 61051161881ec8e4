#include "dns/message.hpp"

#include <catch2/catch.hpp>

#include "tests/support/dns_wire.hpp"

using dns::Status;
using dns::Type;
using namespace test;

namespace {

dns::AnswerPtr decode(const std::string& octets, const dns::Question& question) {
  return dns::decode_answer(as_octets(octets), question);
}

dns::AnswerPtr decode(const dns::Question& question, const DnsMessage& message) {
  return decode(encode_response(question, message), question);
}

DnsMessage with(std::vector<DnsRecord> answers) {
  DnsMessage message;
  message.answers = std::move(answers);
  return message;
}

/// CNAMEs c0 → c1 → … → c<length>, and an address at the end; the last one first.
std::vector<DnsRecord> chain(unsigned length) {
  std::vector<DnsRecord> records{address_record("c" + std::to_string(length), "192.0.2.1")};
  for (unsigned i = length; i > 0; --i)
    records.push_back(name_record("c" + std::to_string(i - 1), Type::cname, "c" + std::to_string(i)));
  return records;
}

const std::string pointer_to_question = "\xc0\x0c";

}  // namespace

TEST_CASE("dns message: every type is read", "[dns]") {
  const auto a = decode(dns::ask_for("example.org", Type::a), with({address_record("EXAMPLE.org", "192.0.2.1", 60)}));
  REQUIRE(a->status == Status::ok);
  CHECK(a->addresses.at(0).text() == "192.0.2.1");
  CHECK(a->ttl == std::chrono::seconds{60});
  const auto aaaa = decode(dns::ask_for("example.org", Type::aaaa), with({address_record("example.org", "2001:db8::1")}));
  CHECK(aaaa->addresses.at(0).text() == "2001:db8::1");
  const auto txt =
      decode(dns::ask_for("example.org", Type::txt),
             with({txt_record("example.org", {"v=spf1 ", "", "-all\xff"}), txt_record("example.org", {std::string("\0", 1)})}));
  CHECK(txt->texts == std::vector<std::string>{"v=spf1 -all\xff", std::string("\0", 1)});
  const auto mx = decode(dns::ask_for("example.org", Type::mx),
                         with({mx_record("example.org", 20, "B.example.org"), mx_record("example.org", 10, "a.example.org")}));
  CHECK(mx->exchanges == std::vector<dns::Mx>{{20, "b.example.org"}, {10, "a.example.org"}});
  for (const Type type : {Type::ptr, Type::ns, Type::cname}) {
    const auto names = decode(dns::ask_for("example.org", type), with({name_record("example.org", type, "Mail.example.org")}));
    CHECK(names->names == std::vector<std::string>{"mail.example.org"});
  }
}

TEST_CASE("dns message: the null MX is an empty exchange", "[dns]") {
  const auto mx = decode(dns::ask_for("example.org", Type::mx), with({mx_record("example.org", 0, "")}));
  REQUIRE(mx->status == Status::ok);
  CHECK(mx->exchanges == std::vector<dns::Mx>{{0, ""}});
}

TEST_CASE("dns message: CNAMEs are followed in any order, with the smallest TTL", "[dns]") {
  const auto answer = decode(dns::ask_for("a", Type::a),
                             with({address_record("C", "192.0.2.1", 200), name_record("b", Type::cname, "c", 100),
                                   name_record("A", Type::cname, "B", 300), address_record("other", "192.0.2.9", 5)}));
  REQUIRE(answer->status == Status::ok);
  CHECK(answer->addresses.size() == 1);
  CHECK(answer->ttl == std::chrono::seconds{100});
}

TEST_CASE("dns message: a chain of eight CNAMEs is followed and one of nine is malformed", "[dns][limits]") {
  CHECK(decode(dns::ask_for("c0", Type::a), with(chain(dns::max_cname_chain)))->status == Status::ok);
  CHECK(decode(dns::ask_for("c0", Type::a), with(chain(dns::max_cname_chain + 1)))->status == Status::malformed);
}

TEST_CASE("dns message: a loop of CNAMEs is malformed", "[dns][hostile]") {
  const auto loop = with({name_record("a", Type::cname, "b"), name_record("b", Type::cname, "a")});
  CHECK(decode(dns::ask_for("a", Type::a), loop)->status == Status::malformed);
  CHECK(decode(dns::ask_for("a", Type::a), with({name_record("a", Type::cname, "a")}))->status == Status::malformed);
}

TEST_CASE("dns message: two CNAMEs at one name are malformed unless they agree", "[dns][hostile]") {
  const DnsRecord address = address_record("b", "192.0.2.1");
  const auto same = with({name_record("a", Type::cname, "b"), name_record("a", Type::cname, "B"), address});
  const auto different = with({name_record("a", Type::cname, "b"), name_record("a", Type::cname, "c"), address});
  CHECK(decode(dns::ask_for("a", Type::a), same)->status == Status::ok);
  CHECK(decode(dns::ask_for("a", Type::a), different)->status == Status::malformed);
}

TEST_CASE("dns message: negative answers are told apart and live as long as the SOA says", "[dns]") {
  struct Row {
    DnsMessage message;
    Status status;
    int ttl;
  };
  const std::vector<DnsRecord> alias{name_record("example.org", Type::cname, "b", 50)};
  const std::vector<DnsRecord> soa{soa_record("org", 900, 300)};
  const Row rows[] = {
      {{{}, soa, 3}, Status::no_such_name, 300},                                 // MINIMUM is smaller
      {{{}, {soa_record("org", 100, 300)}, 3}, Status::no_such_name, 100},       // the SOA's own TTL is smaller
      {{{}, {soa_record("org", 900, 0x80000000)}, 3}, Status::no_such_name, 0},  // RFC 2181 §8
      {{{}, {}, 3}, Status::no_such_name, 0},                                    // RFC 2308 §5: not to be cached
      {{{}, soa, 0}, Status::no_data, 300},
      {{alias, soa, 0}, Status::no_data, 50},       // only a CNAME: its TTL counts too
      {{alias, soa, 3}, Status::no_such_name, 50},  // its target does not exist
      {{{address_record("other.org", "192.0.2.1")}, soa, 0}, Status::no_data, 300},
      {{{address_record("example.org", "192.0.2.1")}, soa, 3}, Status::no_such_name, 300},  // the code decides
      {{{address_record("example.org", "2001:db8::1")}, soa, 0}, Status::no_data, 300},     // another type
      {{{}, {name_record("org", Type::ns, "ns.org")}, 0}, Status::no_data, 0},              // a referral is no answer
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    const auto answer = decode(dns::ask_for("example.org", Type::a), row.message);
    CHECK(answer->status == row.status);
    CHECK(answer->ttl == std::chrono::seconds{row.ttl});
  }
}

TEST_CASE("dns message: a TTL with the top bit set is 0", "[dns]") {
  const auto answer = decode(dns::ask_for("a", Type::a), with({address_record("a", "192.0.2.1", 0x80000000)}));
  CHECK(answer->ttl == std::chrono::seconds{0});
  const auto most = decode(dns::ask_for("a", Type::a), with({address_record("a", "192.0.2.1", 0x7fffffff)}));
  CHECK(most->ttl == std::chrono::seconds{0x7fffffff});
}

TEST_CASE("dns message: error codes are server failures, with and without the question", "[dns]") {
  const auto question = dns::ask_for("example.org", Type::a);
  for (const unsigned code : {1U, 2U, 4U, 5U, 9U, 15U}) {
    DnsMessage message;
    message.code = code;
    CHECK(decode(question, message)->status == Status::server_failure);
    const std::string bare = octets16(0) + octets16(0x8180U | code) + std::string(8, '\0');
    CHECK(decode(bare, question)->status == Status::server_failure);
  }
}

TEST_CASE("dns message: what is no response to the question is malformed", "[dns][hostile]") {
  const auto question = dns::ask_for("example.org", Type::a);
  const std::string good = encode_response(question, with({address_record("example.org", "192.0.2.1")}));
  const auto changed = [&](std::size_t at, int octet) {
    std::string octets = good;
    octets[at] = static_cast<char>(octet);
    return octets;
  };
  const std::string wrong[] = {
      "",
      changed(2, 0x01),  // a query
      changed(2, 0x91),  // another operation
      changed(2, 0x83),  // TC
      changed(5, 0),     // no question
      changed(5, 2),     // two, of which one is really the answer
      changed(13, 'x'),  // another name
      changed(26, 28),   // another type
      changed(28, 3),    // another class
      changed(7, 2),     // one record more than there is
      good + '\0',       // something left over
      encode_response(question, with({address_record("example.org", "192.0.2.1")})).substr(0, good.size() - 1),
  };
  REQUIRE(decode(good, question)->status == Status::ok);
  REQUIRE(decode(changed(13, 'E'), question)->status == Status::ok);  // case means nothing
  for (const auto& octets : wrong) {
    CAPTURE(&octets - wrong);
    CHECK(decode(octets, question)->status == Status::malformed);
  }
}

TEST_CASE("dns message: every cut of a good response is malformed", "[dns][hostile]") {
  const auto question = dns::ask_for("example.org", Type::mx);
  const std::string good = encode_response(
      question, {{mx_record("example.org", 1, "a.b"), name_record("b", Type::cname, "c")}, {soa_record("org", 1, 1)}});
  REQUIRE(decode(good, question)->status == Status::ok);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK(decode(good.substr(0, size), question)->status == Status::malformed);
  }
}

TEST_CASE("dns message: record data of the wrong shape is malformed", "[dns][hostile]") {
  using namespace std::string_literals;
  struct Row {
    Type type;
    std::string data;
  };
  const Row rows[] = {
      {Type::a, "\1\2\3"s},       {Type::a, "\1\2\3\4\5"s}, {Type::aaaa, "\1\2\3\4"s},
      {Type::txt, ""s},                                                            // not even an empty string
      {Type::txt, "\5abc"s},                                                       // the string is longer than the record
      {Type::mx, "\0\1"s},                                                         // no exchange
      {Type::mx, "\0\1\1a"s},                                                      // its name goes on after the record
      {Type::mx, "\0\1\1a\0\0"s},                                                  // an octet left over
      {Type::ptr, ""s},           {Type::ptr, "\1a\0\0"s},  {Type::ptr, "\xc0"s},  // half a pointer
      {Type::ptr, "\xc0\xff"s},                                                    // a pointer past the end
      {Type::ptr, "\x41\x61\0"s},                                                  // not a label type
  };
  for (const Row& row : rows) {
    CAPTURE(&row - rows);
    const DnsRecord record{"a", static_cast<std::uint16_t>(row.type), 300, row.data};
    CHECK(decode(dns::ask_for("a", row.type), with({record}))->status == Status::malformed);
  }
}

TEST_CASE("dns message: compressed names are followed and loops of pointers are malformed", "[dns][hostile]") {
  const auto question = dns::ask_for("example.org", Type::ptr);
  const auto decode_data = [&](const std::string& data) {
    return decode(question, with({{"example.org", static_cast<std::uint16_t>(Type::ptr), 300, data}}));
  };
  CHECK(decode_data(std::string("\4mail") + pointer_to_question)->names.at(0) == "mail.example.org");
  const std::string before = encode_response(question, {});
  const auto to_itself = static_cast<char>(before.size() + encode_name("example.org").size() + 10);
  CHECK(decode_data({'\xc0', to_itself})->status == Status::malformed);
  CHECK(decode_data({'\1', 'a', '\xc0', to_itself})->status == Status::malformed);  // longer in every round
}

TEST_CASE("dns message: a name that a question cannot spell makes its record unusable", "[dns]") {
  using namespace std::string_literals;
  const auto ptr = static_cast<std::uint16_t>(Type::ptr);
  const auto question = dns::ask_for("a", Type::ptr);
  const DnsRecord dotted{"a", ptr, 300, "\3b.c\0"s};
  const DnsRecord root{"a", ptr, 300, "\0"s};
  const auto answer = decode(question, with({dotted, root, name_record("a", Type::ptr, "good")}));
  REQUIRE(answer->status == Status::ok);
  CHECK(answer->names == std::vector<std::string>{"good"});
  CHECK(decode(question, with({dotted}))->status == Status::malformed);
  CHECK(decode(question, with({root}))->status == Status::malformed);
  const DnsRecord alias{"a", static_cast<std::uint16_t>(Type::cname), 300, "\3b.c\0"s};
  CHECK(decode(question, with({alias}))->status == Status::malformed);
}

TEST_CASE("dns message: labels of any other octets are spelled raw", "[dns]") {
  const std::string odd = "a\\b\"(;@$ \xff" + std::string(1, '\0');
  const auto answer = decode(dns::ask_for(odd, Type::ptr), with({name_record(odd, Type::ptr, odd + ".org")}));
  REQUIRE(answer->status == Status::ok);
  CHECK(answer->names == std::vector<std::string>{odd + ".org"});
}

TEST_CASE("dns message: 256 records are read and 257 are malformed", "[dns][limits]") {
  std::vector<DnsRecord> records(dns::Answer::max_records, address_record("a", "192.0.2.1"));
  for (int i = 0; i < 200; ++i) records.push_back(address_record("other", "192.0.2.1"));  // strangers do not count
  CHECK(decode(dns::ask_for("a", Type::a), with(records))->addresses.size() == 256);
  records.push_back(records.front());
  CHECK(decode(dns::ask_for("a", Type::a), with(records))->status == Status::malformed);
}

TEST_CASE("dns message: more than 64 KiB and far too many records are malformed", "[dns][limits]") {
  const auto question = dns::ask_for("a", Type::txt);
  const std::vector<std::string> strings(60, std::string(255, 'x'));
  CHECK(decode(question, with({4, txt_record("a", strings)}))->status == Status::ok);
  CHECK(decode(question, with({5, txt_record("a", strings)}))->status == Status::malformed);
  CHECK(decode(question, with({1000, address_record("b", "192.0.2.1")}))->status == Status::malformed);
}

TEST_CASE("dns message: records of another class are skipped", "[dns]") {
  DnsRecord chaos = address_record("a", "192.0.2.1");
  chaos.record_class = 3;
  CHECK(decode(dns::ask_for("a", Type::a), with({chaos}))->status == Status::no_data);
}
