#include "report/zip.hpp"

#include <zip.h>

#include <array>
#include <memory>

#include "report/gzip.hpp"

namespace report {
namespace {

using base::parse_error;

struct Discard {
  void operator()(zip_t* archive) const { ::zip_discard(archive); }
  void operator()(zip_file_t* file) const { ::zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Entry = std::unique_ptr<zip_file_t, Discard>;

/// Borrows octets; nothing if it is no archive.
Archive open_archive(std::string_view octets) {
  zip_error_t error;
  ::zip_error_init(&error);
  zip_source_t* source = ::zip_source_buffer_create(octets.data(), octets.size(), 0, &error);
  Archive archive(source == nullptr ? nullptr : ::zip_open_from_source(source, ZIP_RDONLY, &error));
  if (!archive && source != nullptr) ::zip_source_free(source);
  ::zip_error_fini(&error);
  return archive;
}

bool is_encrypted(const zip_stat_t& stat) {
  return (stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE;
}

/// What the directory says of the size is not believed.
base::Result<std::string, base::ParseError> read_entry(const Archive& archive, zip_uint64_t index, std::size_t packed,
                                                       std::size_t most) {
  zip_stat_t stat;
  if (::zip_stat_index(archive.get(), index, 0, &stat) != 0) return parse_error(0, "damaged zip");
  if (is_encrypted(stat)) return parse_error(0, "an encrypted zip");
  const Entry entry(::zip_fopen_index(archive.get(), index, 0));
  if (!entry) return parse_error(0, "damaged zip, or packed by a method that is not known");
  std::string out;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const zip_int64_t got = ::zip_fread(entry.get(), buffer.data(), buffer.size());
    if (got < 0) return parse_error(0, "damaged zip");
    if (got == 0) return out;
    const auto size = static_cast<std::size_t>(got);
    if (size > most - out.size()) return parse_error(0, "more in the zip than is read");
    out.append(buffer.data(), size);
    if (is_bomb(packed, out.size())) return parse_error(0, "a zip bomb");
  }
}

}  // namespace

base::Result<std::vector<std::string>, base::ParseError> unzip(std::string_view octets, std::size_t most) {
  if (octets.size() > most) return parse_error(most, "more zip than is read");
  const Archive archive = open_archive(octets);
  if (!archive) return parse_error(0, "damaged zip");
  const zip_int64_t count = ::zip_get_num_entries(archive.get(), 0);
  if (count > static_cast<zip_int64_t>(max_zip_entries)) return parse_error(0, "too many files in the zip");
  std::vector<std::string> out;
  for (zip_int64_t i = 0; i < count; ++i) {
    auto entry = read_entry(archive, static_cast<zip_uint64_t>(i), octets.size(), most);
    if (!entry) return tl::unexpected(entry.error());
    most -= entry->size();
    out.push_back(std::move(*entry));
  }
  return out;
}

}  // namespace report
