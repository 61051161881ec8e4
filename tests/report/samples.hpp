#pragma once
// Reports and what they are packed in, for tests.

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test {

inline const std::string rfc9990_report = R"(<?xml version="1.0" encoding="UTF-8"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
 <version>1.0</version>
 <report_metadata>
  <org_name>Receiver</org_name><email>dmarc@receiver.example</email><report_id>r-1</report_id>
  <date_range><begin>1763596800</begin><end>1763683199</end></date_range>
  <error>one key took long</error><generator>made by hand</generator>
 </report_metadata>
 <policy_published>
  <domain>example.org</domain><p>reject</p><sp>quarantine</sp><np>reject</np><adkim>r</adkim><aspf>s</aspf>
  <discovery_method>treewalk</discovery_method><fo>1</fo><testing>n</testing>
 </policy_published>
 <record>
  <row>
   <source_ip>2001:db8::7</source_ip><count>7</count>
   <policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf>
    <reason><type>mailing_list</type><comment>List-Id</comment></reason></policy_evaluated>
  </row>
  <identifiers>
   <header_from>example.org</header_from><envelope_from>list.example</envelope_from><envelope_to>receiver.example</envelope_to>
  </identifiers>
  <auth_results>
   <dkim><domain>example.org</domain><selector>s1</selector><result>fail</result><human_result>body hash</human_result></dkim>
   <spf><domain>list.example</domain><scope>mfrom</scope><result>pass</result></spf>
  </auth_results>
 </record>
</feedback>
)";

/// zlib's deflate: `windows` is 31 for gzip, -15 for the contents of a zip.
inline std::string deflated(const std::string& text, int windows) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, windows, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("deflateInit2");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

inline std::string gzipped(const std::string& text) { return deflated(text, 31); }

inline std::string little(std::uint64_t value, int octets) {
  std::string out;
  for (int i = 0; i < octets; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
  return out;
}

/// An archive of these texts, deflated. flags: bit 0 says that they are encrypted.
inline std::string zipped(const std::vector<std::string>& texts, unsigned flags = 0) {
  std::string out, directory;
  for (const std::string& text : texts) {
    const std::string packed = deflated(text, -15), name = "r.xml";
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
    const std::string common = little(20, 2) + little(flags, 2) + little(8, 2) + little(0, 4) + little(crc, 4) +
                               little(packed.size(), 4) + little(text.size(), 4) + little(name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2 + 2 + 2 + 4) + little(out.size(), 4) + name;
    out += "PK\x03\x04" + common + name + packed;
  }
  const std::size_t begin = out.size();
  out += directory + "PK\x05\x06" + little(0, 4) + little(texts.size(), 2) + little(texts.size(), 2);
  return out + little(directory.size(), 4) + little(begin, 4) + little(0, 2);
}

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("not in the text: " + what);
  return text.replace(at, what.size(), with);
}

}  // namespace test
