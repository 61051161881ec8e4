#include "report/unpack.hpp"

#include <catch2/catch.hpp>

#include "base/base64.hpp"
#include "report/gzip.hpp"
#include "report/mime.hpp"
#include "report/zip.hpp"
#include "tests/report/samples.hpp"

using report::unpack;
using report::UnpackLimits;
using test::gzipped;
using test::rfc9990_report;
using test::zipped;
using Texts = std::vector<std::string>;

namespace {

std::string fault(const std::string& octets) {
  const auto found = unpack(octets);
  return found ? "" : std::string(found.error().text);
}

std::string base64(const std::string& text) {
  const std::string one_line = base::encode_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  std::string out;
  for (std::size_t i = 0; i < one_line.size(); i += 76) out += one_line.substr(i, 76) + "\n";
  return out;
}

std::string mail_of(const std::string& part) {
  return "From: r@receiver.example\nContent-Type: multipart/mixed;\n boundary=\"b b\"\n\nignored <feedback\n--b b\n"
         "Content-Type: text/html\n\n<p>Your feedback</p>\n--b b\n" +
         part + "\n--b b--\n";
}

std::string attached(const std::string& octets) {
  return "Content-Type: application/octet-stream; name=x.bin\nContent-Transfer-Encoding: base64\n\n" + base64(octets);
}

/// `depth` multiparts around a report.
std::string nested_mail(std::size_t depth) {
  std::string out = "Content-Type: text/xml\n\n" + rfc9990_report;
  for (std::size_t i = 0; i < depth; ++i) {
    const std::string b = "b" + std::to_string(i) + "x";
    out = "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n" + out + "\n--" + b + "--\n";
  }
  return out;
}

}  // namespace

TEST_CASE("report unpack: XML, gzip and zip are told by their octets", "[report]") {
  const Texts whole{rfc9990_report};
  CHECK(unpack(rfc9990_report).value() == whole);
  CHECK(unpack("\xef\xbb\xbf \n" + rfc9990_report).value().size() == 1);
  CHECK(unpack(gzipped(rfc9990_report)).value() == whole);
  CHECK(unpack(gzipped(gzipped(rfc9990_report))).value() == whole);
  CHECK(unpack(zipped({rfc9990_report})).value() == whole);
  CHECK(unpack(zipped({gzipped(rfc9990_report), "a note"})).value() == whole);
  CHECK(unpack(zipped({rfc9990_report, rfc9990_report})).value().size() == 2);
}

TEST_CASE("report unpack: members of a gzip follow each other, and what comes behind is ignored", "[report]") {
  const std::size_t half = rfc9990_report.size() / 2;
  const std::string two = gzipped(rfc9990_report.substr(0, half)) + gzipped(rfc9990_report.substr(half));
  CHECK(report::gunzip(two, 1 << 20).value() == rfc9990_report);
  CHECK(report::gunzip(two + "garbage", 1 << 20).value() == rfc9990_report);
}

TEST_CASE("report unpack: a report is found in a mail, however it is attached", "[report]") {
  const Texts whole{rfc9990_report};
  CHECK(unpack(mail_of(attached(gzipped(rfc9990_report)))).value() == whole);
  CHECK(unpack(mail_of(attached(zipped({rfc9990_report})))).value() == whole);
  CHECK(unpack(mail_of(attached(rfc9990_report))).value() == whole);
  CHECK(unpack("Subject: x\nContent-Transfer-Encoding: base64\n\n" + base64(gzipped(rfc9990_report))).value() == whole);
  CHECK(unpack(mail_of("Content-Type: message/rfc822\n\n" + mail_of(attached(gzipped(rfc9990_report))))).value().size() == 1);
  const auto quoted = unpack("A: b\nContent-Transfer-Encoding: quoted-printable\n\n<feedback=20x=3D=\n'1'/>=zz");
  CHECK(quoted.value() == Texts{"<feedback x='1'/>=zz"});
}

TEST_CASE("report unpack: an attachment that cannot be used hides no other", "[report]") {
  const std::string broken = attached(gzipped(rfc9990_report).substr(0, 100));
  CHECK(unpack(mail_of(broken + "\n--b b\n" + attached(gzipped(rfc9990_report)))).value() == Texts{rfc9990_report});
  CHECK(fault(mail_of(broken)) == "damaged or cut-off gzip");
}

TEST_CASE("report unpack: what holds no report is refused with a reason", "[report][hostile]") {
  CHECK(fault("") == "no report: neither XML, gzip, zip nor a mail");
  CHECK(fault("plain nonsense") == "no report: neither XML, gzip, zip nor a mail");
  CHECK(fault("Subject: hello\n\nno report\n") == "no report in it");
  CHECK(fault(mail_of("Content-Type: text/plain\n\nhello")) == "no report in it");
  CHECK(fault("\x1f\x8b nonsense") == "damaged or cut-off gzip");
  CHECK(fault("PK\x03\x04 nonsense") == "damaged zip");
  CHECK(fault(zipped({rfc9990_report}, 1)) == "an encrypted zip");
  CHECK(fault(zipped({})) == "no report in it");
  const std::string zip = zipped({rfc9990_report});
  CHECK(fault(zip.substr(0, zip.size() / 2)) == "damaged zip");
}

TEST_CASE("report unpack: bombs are refused", "[report][hostile]") {
  const std::string zeros(std::size_t{30} << 20U, '\0');
  CHECK(fault(gzipped(zeros)) == "a gzip bomb");
  CHECK(fault(zipped({zeros})) == "a zip bomb");
  CHECK(fault(gzipped(gzipped(zeros))) == "a gzip bomb");
  CHECK(fault(mail_of(attached(gzipped(zeros)))) == "a gzip bomb");
}

TEST_CASE("report unpack: how much comes out of gzip and zip, at the limit and beyond", "[report][limits]") {
  const std::string text = "0123456789";
  const std::string large(1'000, 'x');
  CHECK(report::gunzip(gzipped(large), large.size()).value() == large);
  CHECK(report::gunzip(gzipped(large + "x"), large.size()).error().text == "more in the gzip than is read");
  CHECK(report::unzip(zipped({text}), 200).value() == Texts{text});
  const std::string packs_well(100, 'x');
  CHECK(report::unzip(zipped({packs_well, packs_well}), 600)->size() == 2);
  CHECK(report::unzip(zipped({std::string(300, 'x'), std::string(301, 'x')}), 600).error().text ==
        "more in the zip than is read");
}

TEST_CASE("report unpack: the ratio of a bomb, at the limit and beyond", "[report][limits]") {
  const std::size_t made = std::size_t{10} << 20U;
  CHECK_FALSE(report::is_bomb(1, report::GzipLimits::ratio_free));
  CHECK_FALSE(report::is_bomb(made / report::GzipLimits::max_ratio, made));
  CHECK(report::is_bomb(made / report::GzipLimits::max_ratio - 1, made));
}

TEST_CASE("report unpack: files of a zip, and packings in each other, at the limit and beyond", "[report][limits]") {
  CHECK(unpack(zipped(Texts(report::max_zip_entries, rfc9990_report)))->size() == report::max_zip_entries);
  CHECK(fault(zipped(Texts(report::max_zip_entries + 1, rfc9990_report))) == "too many files in the zip");
  std::string packed = rfc9990_report;
  for (std::size_t i = 0; i < UnpackLimits::max_depth; ++i) packed = gzipped(packed);
  CHECK(unpack(packed).value() == Texts{rfc9990_report});
  CHECK(fault(gzipped(packed)) == "packed too often");
}

TEST_CASE("report unpack: octets of the input, at the limit and beyond", "[report][limits]") {
  const std::string xml = "<" + std::string(UnpackLimits::max_octets - 1, ' ');
  CHECK(unpack(xml).has_value());
  CHECK(fault(xml + " ") == "larger than is read");
}

TEST_CASE("report mime: parts, and parts in each other, at the limit and beyond", "[report][limits]") {
  CHECK(unpack(nested_mail(report::MimeLimits::max_depth)).has_value());
  CHECK(fault(nested_mail(report::MimeLimits::max_depth + 1)) == "a mail with too many parts, or too deep in each other");
  const auto parts = [](std::size_t count) {
    std::string out = "Content-Type: multipart/mixed; boundary=b\n\n";
    for (std::size_t i = 0; i < count; ++i) out += "--b\n\n<feedback/>\n";
    return out + "--b--\n";
  };
  CHECK(unpack(parts(report::MimeLimits::max_parts - 1))->size() == report::MimeLimits::max_parts - 1);
  CHECK_FALSE(unpack(parts(report::MimeLimits::max_parts)).has_value());
}

TEST_CASE("report mime: a multipart that is cut off, or has no boundary, does no harm", "[report][hostile]") {
  CHECK(unpack("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n<feedback/>").value() == Texts{"<feedback/>"});
  CHECK(fault("Content-Type: multipart/mixed; boundary=b\n\n--b") == "no report in it");
  CHECK(fault("Content-Type: multipart/mixed\n\n--b\n\n<feedback/>") == "no report in it");
  CHECK(fault("Content-Type: multipart/mixed; boundary=\n\n--b") == "no report in it");
}
