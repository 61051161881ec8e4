// Lines to what takes them, to what takes none, and to what has room for a part.
#include "milter/line_writer.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "base/descriptor.hpp"

using milter::LineWriter;

namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    reading = ends[0];
    writing = ends[1];
  }
  ~Pipe() {
    ::close(reading);
    ::close(writing);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] std::string read() const {
    std::string all(1 << 20, '\0');
    const ssize_t got = ::read(reading, all.data(), all.size());
    return all.substr(0, got < 0 ? 0 : static_cast<std::size_t>(got));
  }

  int reading = -1, writing = -1;
};

}  // namespace

TEST_CASE("line writer: lines arrive as they are", "[milter]") {
  const Pipe pipe;
  LineWriter writer(pipe.writing);
  CHECK(writer.write("one\n"));
  CHECK(writer.write("two\n"));
  CHECK(pipe.read() == "one\ntwo\n");
}

TEST_CASE("line writer: a full disk is said, and so is a closed descriptor", "[milter]") {
  const base::Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  CHECK_FALSE(LineWriter(full.number()).write("one\n"));
  CHECK_FALSE(LineWriter(-1).write("one\n"));
}

TEST_CASE("line writer: after a line that was cut the next stands alone", "[milter]") {
  const Pipe pipe;
  LineWriter writer(pipe.writing);
  CHECK_FALSE(writer.write(std::string(1 << 18, 'x') + "\n"));  // more than a pipe holds
  const std::string first = pipe.read();
  CHECK(first.find('\n') == std::string::npos);
  CHECK(writer.write("two\n"));
  CHECK(pipe.read() == "\ntwo\n");
}
