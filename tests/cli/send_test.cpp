#include "cli/send.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "fake_filter.hpp"

using namespace cli;
using nlohmann::json;
using test::answering;
using test::FakeFilter;
using test::number;
using test::packet;
using namespace std::string_literals;

namespace {

/// A folder of its own with a message in it, and options to send that.
class SendFixture {
 public:
  SendFixture() : directory_(listener_.path() + ".d") {
    std::filesystem::create_directory(directory_);
    options.socket = "unix:" + listener_.path();
    options.from = "a@a.example";
    options.rcpts = {"<b@b.example>"};
    options.files = {write("m.eml", "From: a@a.example\nSubject: x\n\nbody\n")};
  }
  ~SendFixture() { std::filesystem::remove_all(directory_); }
  SendFixture(const SendFixture&) = delete;
  SendFixture& operator=(const SendFixture&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + '/' + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Runs against a filter with this script.
  int run(FakeFilter::Script script) {
    FakeFilter filter(listener_.socket(), std::move(script));
    const int status = run_send(options, out);
    codes = filter.codes();
    return status;
  }
  /// The objects printed, one a line.
  [[nodiscard]] std::vector<json> objects() const {
    std::vector<json> all;
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) all.push_back(json::parse(line));
    return all;
  }

  SendOptions options;
  std::ostringstream out;
  std::string codes;

 private:
  test::UnixListener listener_;
  std::string directory_;
};

const std::string changes = packet('i', number(0) + "Authentication-Results\0mx.example;\n\tspf=pass\0"s) +
                            packet('m', number(1) + "Subject\0y\0"s) + packet('+', "<c@c.example>\0"s) +
                            packet('b', "new\r\n") + packet('q', "odd\0"s) + packet('a');

}  // namespace

TEST_CASE("signet send: verdict and changes are printed to be read", "[cli][send]") {
  SendFixture fixture;
  CHECK(fixture.run(answering({{'E', changes}})) == SendStatus::delivered);
  CHECK(fixture.out.str() == fixture.path("m.eml") +
                                 ": accept at END-OF-MESSAGE\n"
                                 "  quarantine: odd\n"
                                 "  insert_header 0 Authentication-Results: mx.example;\n"
                                 "     spf=pass\n"
                                 "  change_header 1 Subject: y\n"
                                 "  add_recipient <c@c.example>\n"
                                 "  replace_body 5 octets\n");
}

TEST_CASE("signet send: json says the same in one object", "[cli][send]") {
  SendFixture fixture;
  fixture.options.json = true;
  CHECK(fixture.run(answering({{'E', changes}}, 0x100000)) == SendStatus::delivered);
  REQUIRE(fixture.objects().size() == 1);
  const json object = fixture.objects()[0];
  CHECK(object["verdict"] == "accept");
  CHECK(object["at"] == "END-OF-MESSAGE");
  CHECK(object["reply"].is_null());
  CHECK(object["quarantine"] == "odd");
  CHECK(object["changes"][0] ==
        json{{"op", "insert_header"}, {"index", 0}, {"name", "Authentication-Results"}, {"value", "mx.example;\n\tspf=pass"}});
  CHECK(object["changes"][3] == json{{"op", "replace_body"}, {"value", "new\r\n"}});
  CHECK(object["recipients"] == json{"b@b.example", "c@c.example"});
  CHECK(object["sender"] == "a@a.example");
  CHECK(object["negotiated"]["version"] == 6);
  CHECK(object["negotiated"]["steps"] == json{"header leading space"});
}

TEST_CASE("signet send: a refusal shows its reply", "[cli][send]") {
  SendFixture fixture;
  SECTION("to read") {
    CHECK(fixture.run(answering({{'E', packet('y', "550-5.7.26 several\r\n550 5.7.26 \x1b[31mlines\0"s)}})) ==
          SendStatus::not_delivered);
    CHECK_THAT(fixture.out.str(), Catch::EndsWith("reply at END-OF-MESSAGE: 550 5.7.26 several\n    \\x1b[31mlines\n"));
  }
  SECTION("as json") {
    fixture.options.json = true;
    CHECK(fixture.run(answering({{'R', packet('t')}})) == SendStatus::not_delivered);
    const json object = fixture.objects().at(0);
    CHECK(object["verdict"] == "tempfail");
    CHECK(object["at"] == "RCPT");
    const json reply{{"code", 451}, {"enhanced", "4.7.1"}, {"text", "Service unavailable - try again later"}};
    CHECK(object["reply"] == reply);
    CHECK(object["refused"][0] == json{{"recipient", "b@b.example"}, {"reply", reply}});
  }
}

TEST_CASE("signet send: octets that are not UTF-8 do not break the json", "[cli][send]") {
  SendFixture fixture;
  fixture.options.json = true;
  fixture.run(answering({{'E', packet('h', "N\0\xff\0"s) + packet('a')}}));
  CHECK(fixture.objects().at(0)["changes"][0]["value"] == "\xef\xbf\xbd");
}

TEST_CASE("signet send: the resulting message is written", "[cli][send]") {
  SendFixture fixture;
  fixture.options.deliver = fixture.path("out");
  SECTION("with the changes") {
    CHECK(fixture.run(answering({{'E', changes}})) == SendStatus::delivered);
    CHECK(fixture.read("out") ==
          "Authentication-Results: mx.example;\r\n\tspf=pass\r\nFrom: a@a.example\r\nSubject: y\r\n\r\nnew\r\n");
  }
  SECTION("not when it would not be delivered") {
    CHECK(fixture.run(answering({{'E', packet('d')}})) == SendStatus::not_delivered);
    CHECK_FALSE(std::filesystem::exists(fixture.path("out")));
  }
  SECTION("numbered when there are several, all in one session") {
    fixture.options.files.push_back(fixture.write("2.eml", "Subject: two\r\n\r\n"));
    CHECK(fixture.run(answering({})) == SendStatus::delivered);
    CHECK(fixture.read("out.1") == "From: a@a.example\r\nSubject: x\r\n\r\nbody\r\n");
    CHECK(fixture.read("out.2") == "Subject: two\r\n\r\n");
    CHECK(fixture.codes == "OCHMRTLLNBEAMRTLNEAQ");
  }
  SECTION("or the failure to do so is told") {
    fixture.options.deliver = fixture.path("no/such/folder");
    CHECK(fixture.run(answering({})) == SendStatus::cannot_create);
  }
}

TEST_CASE("signet send: what goes wrong is told and returned", "[cli][send]") {
  SendFixture fixture;
  SECTION("no message file") {
    fixture.options.files = {fixture.path("missing.eml")};
    CHECK(fixture.run(answering({})) == SendStatus::no_input);
    CHECK_THAT(fixture.out.str(), Catch::StartsWith("error: cannot read "));
  }
  SECTION("the filter breaks the protocol") {
    fixture.options.json = true;
    CHECK(fixture.run(answering({{'M', packet('Z')}})) == SendStatus::unavailable);
    CHECK_THAT(fixture.objects().at(0)["error"].get<std::string>(), Catch::Contains("MAIL"));
  }
}

TEST_CASE("signet send: without a filter or anything to send there is no session", "[cli][send]") {
  SendOptions options;
  std::ostringstream out;
  options.files = {"m.eml"};
  CHECK(run_send(options, out) == SendStatus::usage);  // no recipient
  options.rcpts = {"b@b.example"};
  options.socket = "nowhere";
  CHECK(run_send(options, out) == SendStatus::usage);  // no address
  options.socket = "unix:/nonexistent/filter";
  CHECK(run_send(options, out) == SendStatus::unavailable);
  options.files.clear();
  CHECK(run_send(options, out) == SendStatus::usage);
}
