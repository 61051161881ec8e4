#include "migrate/lines.hpp"

#include <catch2/catch.hpp>

#include "folder.hpp"

using namespace migrate;
using migrate_test::all_of;
using migrate_test::Folder;
using migrate_test::has;

TEST_CASE("migrate lines: are numbered and lose their ends", "[migrate]") {
  Findings findings;
  const auto lines = split_lines("a\n\n b \nlast", "f", findings);
  REQUIRE(lines.size() == 4);
  CHECK(lines[2].text == " b ");
  CHECK(lines[3].number == 4);
  CHECK(findings.all().empty());
}

TEST_CASE("migrate lines: CR LF is said once", "[migrate]") {
  Findings findings;
  const auto lines = split_lines("a\r\nb\r\n", "f", findings);
  CHECK(lines[1].text == "b");
  CHECK(all_of(findings) == "note f:1: lines end in CR LF; the CR is left out\n");
}

TEST_CASE("migrate lines: what is no text is left out by number", "[migrate]") {
  Findings findings;
  const auto lines = split_lines(std::string("a\nb\0c\n\xff\nd", 9), "f", findings);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].number == 4);
  CHECK(all_of(findings) ==
        "problem f:2: a line with a NUL octet is left out\nproblem f:3: a line that is not UTF-8 is left out\n");
}

TEST_CASE("migrate lines: files that cannot be read are problems", "[migrate]") {
  const Folder folder;
  Findings findings;
  CHECK_FALSE(read_lines(folder.path("missing"), findings));
  CHECK_FALSE(read_lines(folder.path(), findings));
  CHECK(has(findings, Severity::problem, "cannot be read: No such file"));
  CHECK(has(findings, Severity::problem, "is no regular file"));
  const auto lines = read_lines(folder.write("empty", ""), findings);
  REQUIRE(lines);
  CHECK(lines->empty());
}

TEST_CASE("migrate lines: a line, a file and their number have bounds", "[migrate][limits]") {
  const Folder folder;
  Findings findings;
  CHECK(split_lines(std::string(max_line_octets, 'a'), "f", findings).size() == 1);
  CHECK(split_lines(std::string(max_lines, '\n'), "f", findings).size() == max_lines);
  const std::string line = std::string(max_line_octets - 1, 'a') + "\n";
  std::string whole;
  for (std::size_t size = 0; size < max_file_octets; size += line.size()) whole += line;
  REQUIRE(whole.size() == max_file_octets);
  CHECK(read_lines(folder.write("whole", whole), findings)->size() == max_file_octets / max_line_octets);
  CHECK(findings.all().empty());

  CHECK(split_lines(std::string(max_line_octets + 1, 'a'), "f", findings).empty());
  CHECK(split_lines(std::string(max_lines + 1, '\n'), "f", findings).size() == max_lines);
  CHECK(read_lines(folder.write("more", whole + "b"), findings)->size() == max_file_octets / max_line_octets);
  CHECK(findings.all().size() == 3);
}

TEST_CASE("migrate findings: beyond a bound they are counted only", "[migrate][limits]") {
  Findings findings;
  for (std::size_t i = 0; i < Findings::max_findings; ++i) findings.note({"f", 0}, "x");
  CHECK(findings.omitted() == 0);
  findings.problem({"f", 0}, "x");
  CHECK(findings.all().size() == Findings::max_findings);
  CHECK(findings.omitted() == 1);
  CHECK(findings.has_problem());
}
