#include "dmarc/public_suffix_list.hpp"

#include <fmt/format.h>
#include <libpsl.h>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace dmarc {
namespace {

struct Free {
  void operator()(psl_ctx_t* list) const { psl_free(list); }
};
using Handle = std::unique_ptr<psl_ctx_t, Free>;

class PslList final : public PublicSuffixList {
 public:
  explicit PslList(Handle list) : list_(std::move(list)) {}

  std::optional<base::Domain> registrable_domain(const base::Domain& name) const override {
    const char* domain = psl_registrable_domain(list_.get(), name.text().c_str());  // borrows from its argument
    if (domain == nullptr) return std::nullopt;
    const auto parsed = base::Domain::parse(domain);
    return parsed ? std::optional(*parsed) : std::nullopt;
  }

  bool is_listed_suffix(const base::Domain& name) const override {
    return psl_is_public_suffix2(list_.get(), name.text().c_str(), PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1;
  }

 private:
  Handle list_;
};

/// `where` it is from, for the message. A suffix count of -1: a DAFSA, which does not say.
std::shared_ptr<const PublicSuffixList> make(Handle list, const std::string& where) {
  if (!list || psl_suffix_count(list.get()) == 0)
    throw std::runtime_error(fmt::format("{}: found no public suffix list, expected one", where));
  return std::make_shared<const PslList>(std::move(list));
}

}  // namespace

std::shared_ptr<const PublicSuffixList> PublicSuffixList::load_system() { return make(Handle(psl_latest(nullptr)), "libpsl"); }

std::shared_ptr<const PublicSuffixList> PublicSuffixList::load(const std::string& path) {
  return make(Handle(psl_load_file(path.c_str())), path);
}

std::shared_ptr<const PublicSuffixList> PublicSuffixList::parse(const std::string& text) {
  std::string copy = text;  // fmemopen wants it writable, if only by its type
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fmemopen(copy.data(), copy.size(), "r"), std::fclose);
  return make(Handle(file ? psl_load_fp(file.get()) : nullptr), "text");
}

}  // namespace dmarc
