// What the MTA's side may write into a connection, as octets.
#include "milter/packet_reader.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>

using namespace std::string_literals;

namespace {

std::string packet(char command, const std::string& data) {
  const auto size = data.size() + 1;
  std::string head;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) head += static_cast<char>(size >> shift);
  return head + command + data;
}

class Wire {
 public:
  Wire() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) == 0); }
  ~Wire() {
    ::close(ends_[0]);
    hang_up();
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void write(const std::string& octets) const {
    REQUIRE(::send(ends_[1], octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size()));
  }
  void hang_up() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  [[nodiscard]] auto read(std::chrono::milliseconds limit = milter::packet_time) { return reader_.read(ends_[0], limit); }
  void let_go() { reader_.let_go(); }
  [[nodiscard]] bool has_more() const { return reader_.has_more_of(ends_[0]); }
  [[nodiscard]] bool has_octets() const {
    char octet = 0;
    return ::recv(ends_[0], &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  }

 private:
  milter::PacketReader reader_;
  int ends_[2] = {-1, -1};
};

std::string data_of(const milter::Packet& packet) { return {packet.data.get(), packet.size}; }

/// What becomes of these octets and then the end.
auto read_all(const std::string& octets) {
  Wire wire;
  wire.write(octets);
  wire.hang_up();
  return wire.read();
}

}  // namespace

TEST_CASE("packet reader: packets come one by one, however they were written", "[milter]") {
  Wire wire;
  const std::string octets = packet('H', "mx.example\0"s) + packet('N', "");
  std::thread writer([&] {
    for (const char octet : octets) wire.write(std::string(1, octet));
  });
  const auto first = wire.read();
  const auto second = wire.read();
  writer.join();
  REQUIRE(first);
  CHECK(first->command == 'H');
  CHECK(data_of(*first) == "mx.example\0"s);
  CHECK(first->data.get()[first->size] == '\0');
  REQUIRE(second);
  CHECK(second->command == 'N');
  CHECK(second->data == nullptr);
}

TEST_CASE("packet reader: until all that was seen is taken the socket can be read", "[milter]") {
  Wire wire;
  const std::string begun = packet('B', std::string(3000, 'x')).substr(0, 100);
  wire.write(packet('H', "one\0"s) + packet('L', "two\0"s) + packet('N', "") + begun);
  CHECK(data_of(*wire.read()) == "one\0"s);
  CHECK(data_of(*wire.read()) == "two\0"s);
  CHECK(wire.has_octets());
  CHECK(wire.read()->command == 'N');
  CHECK(wire.has_octets());
  wire.write(std::string(2905, 'x') + packet('E', ""));
  CHECK(wire.read()->size == 3000);
  CHECK(wire.read()->command == 'E');
  CHECK_FALSE(wire.has_octets());
}

TEST_CASE("packet reader: what was seen and not read is there for whoever reads next", "[milter]") {
  Wire wire;
  wire.write(packet('K', "") + packet('C', "two\0"s) + packet('H', "three\0"s));
  CHECK_FALSE(wire.has_more());
  CHECK(wire.read()->command == 'K');
  CHECK(wire.has_more());
  wire.let_go();
  CHECK_FALSE(wire.has_more());
  CHECK(data_of(*wire.read()) == "two\0"s);
  CHECK(data_of(*wire.read()) == "three\0"s);
  CHECK_FALSE(wire.has_octets());
}

TEST_CASE("packet reader: what was seen of one connection is never given to another", "[milter]") {
  int one[2], other[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, one) == 0);
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, other) == 0);
  const std::string mine = packet('H', "mine\0"s) + packet('M', "mine\0"s), yours = packet('H', "yours\0"s);
  REQUIRE(::send(one[1], mine.data(), mine.size(), 0) == static_cast<ssize_t>(mine.size()));
  REQUIRE(::send(other[1], yours.data(), yours.size(), 0) == static_cast<ssize_t>(yours.size()));
  milter::PacketReader reader;
  CHECK(data_of(*reader.read(one[0])) == "mine\0"s);
  CHECK(data_of(*reader.read(other[0])) == "yours\0"s);
  for (const int socket : {one[0], one[1], other[0], other[1]}) ::close(socket);
}

TEST_CASE("packet reader: packets larger and smaller than what is seen at a time come in their order", "[milter]") {
  Wire wire;
  std::string octets;
  for (std::size_t i = 0; i < 40; ++i) octets += packet('B', std::string(i * 700, static_cast<char>('a' + i % 26)));
  std::thread writer([&] { wire.write(octets); });
  for (std::size_t i = 0; i < 40; ++i) {
    const auto got = wire.read();
    INFO(i);
    REQUIRE(got);
    CHECK(data_of(*got) == std::string(i * 700, static_cast<char>('a' + i % 26)));
  }
  writer.join();
  CHECK_FALSE(wire.has_octets());
}

TEST_CASE("packet reader: a packet of 65,536 octets is read, one more is not, nor one of none", "[milter][limits]") {
  CHECK(read_all(packet('B', std::string(milter::max_packet_octets - 1, 'x'))));
  CHECK(read_all(packet('B', std::string(milter::max_packet_octets, 'x'))).error() == milter::PacketFault::size);
  CHECK(read_all("\0\0\0\0B"s).error() == milter::PacketFault::size);
  CHECK(read_all("\xff\xff\xff\xff"s + "B").error() == milter::PacketFault::size);
}

TEST_CASE("packet reader: a packet that is begun and not ended in time is late", "[milter][limits]") {
  Wire wire;
  wire.write("\0\0\0\5Hmx"s);
  CHECK(wire.read(std::chrono::milliseconds{20}).error() == milter::PacketFault::late);
}

TEST_CASE("packet reader: a peer that hangs up anywhere has closed the connection", "[milter]") {
  const std::string whole = packet('H', "mx\0"s);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK(read_all(whole.substr(0, size)).error() == milter::PacketFault::closed);
  }
}

TEST_CASE("packet reader: macros are a stage and then names and values in turn", "[milter]") {
  for (const auto& good : {"C"s, ""s, "Cj\0mx\0"s, "Cj\0\0"s, "E\0\0"s, "Mi\0Q1\0{auth_type}\0PLAIN\0"s}) {
    INFO(good);
    CHECK(read_all(packet('D', good)));
  }
  for (const auto& bad : {"Cj"s, "Cj\0"s, "Cj\0mx"s, "Cj\0mx\0i\0"s, "C\0"s, "C\0\0\0"s, "Cj\0mx\0i"s}) {
    INFO(bad);
    CHECK(read_all(packet('D', bad)).error() == milter::PacketFault::malformed);
  }
}

TEST_CASE("packet reader: an end of message carries no body", "[milter]") {
  CHECK(read_all(packet('E', "")));
  CHECK(read_all(packet('E', "late")).error() == milter::PacketFault::malformed);
}
