#include "dmarc/record.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "dmarc/report_uri.hpp"

namespace dmarc {
namespace {

struct Spec {
  std::string name;  // lower case
  std::string_view value;
};

template <class T>
using Choices = std::initializer_list<std::pair<std::string_view, T>>;

template <class T>
std::optional<T> choose(std::string_view value, Choices<T> choices) {
  for (const auto& [text, choice] : choices)
    if (base::iequals(value, text)) return choice;
  return std::nullopt;
}

std::optional<Policy> read_policy(std::string_view value) {
  return choose<Policy>(value, {{"none", Policy::none}, {"quarantine", Policy::quarantine}, {"reject", Policy::reject}});
}

std::optional<AlignmentMode> read_mode(std::string_view value) {
  return choose<AlignmentMode>(value, {{"r", AlignmentMode::relaxed}, {"s", AlignmentMode::strict}});
}

/// The first spec of a DMARC record and of nothing else: "v" equals %s"DMARC1" (RFC 9989 §4.8).
bool is_version(std::string_view spec) {
  const std::size_t equals = spec.find('=');
  if (equals == std::string_view::npos || spec.empty() || base::is_fws(spec.front())) return false;
  return base::iequals(base::trim(spec.substr(0, equals)), "v") && base::trim(spec.substr(equals + 1)) == "DMARC1";
}

bool is_tag_name(std::string_view name) {
  return !name.empty() && base::is_alpha(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return base::is_alnum(c) || c == '_'; });
}

/// The tags; what is no tag is left out (RFC 9989 §4.8: syntax errors are ignored).
std::vector<Spec> read_specs(std::string_view txt) {
  std::vector<Spec> specs;
  for (const std::string_view spec : base::split(txt, ';')) {
    const std::size_t equals = spec.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = base::trim(spec.substr(0, equals));
    if (is_tag_name(name)) specs.push_back({base::to_lower(name), base::trim(spec.substr(equals + 1))});
  }
  return specs;
}

std::optional<std::string> find_repeated(const std::vector<Spec>& specs) {
  std::vector<std::string> names;
  for (const Spec& spec : specs) names.push_back(spec.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ? std::nullopt : std::optional(*twice);
}

/// Words of a few between colons, each kept once; anything else is a syntax error.
std::optional<std::string> read_words(std::string_view value, std::initializer_list<std::string_view> known) {
  std::vector<std::string> words;
  for (const std::string_view part : base::split(value, ':')) {
    std::string word = base::to_lower(part);
    if (std::find(known.begin(), known.end(), word) == known.end()) return std::nullopt;
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
  }
  return fmt::format("{}", fmt::join(words, ":"));
}

/// "0" beside "1" adds nothing to it and does no harm, nor does an option written twice.
std::optional<std::string> read_failure_options(std::string_view value) { return read_words(value, {"0", "1", "d", "s"}); }

/// RFC 7489 §6.3. Its registry holds afrf alone; iodef is of its drafts and still written.
std::optional<std::string> read_formats(std::string_view value) { return read_words(value, {"afrf", "iodef"}); }

std::optional<std::uint32_t> read_number(std::string_view value, std::size_t most_digits, std::uint32_t most) {
  std::uint64_t number = 0;
  if (value.size() > most_digits || !base::parse_number(value, most, number)) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

constexpr std::size_t pct_digits = 3, ri_digits = 10;  // RFC 7489 §6.4; ri is a 32-bit number

/// Takes one tag after the other into a record.
class Reader {
 public:
  explicit Reader(Standard standard) : standard_(standard) {}

  void read(const Spec& spec) {
    const std::string_view name = spec.name;
    if (standard_ == Standard::rfc7489) read_old(spec);
    if (standard_ == Standard::rfc9989) read_new(spec);
    if (name == "p") return take_policy(parsed_.record.p, spec);
    if (name == "sp") return take_policy(parsed_.record.sp, spec);
    if (name == "adkim") return take(parsed_.record.adkim, read_mode(spec.value), spec);
    if (name == "aspf") return take(parsed_.record.aspf, read_mode(spec.value), spec);
    if (name == "fo") return take(failure_options_, read_failure_options(list_in(spec)), spec);
    if (name == "rua") return take_uris(parsed_.record.rua, spec);
    if (name == "ruf") return take_uris(parsed_.record.ruf, spec);
  }

  ParsedRecord finish() {
    Record& record = parsed_.record;
    if (!record.p) {
      record.is_policy_faulty = true;
      note("no valid p tag");
    }
    if (!record.ruf.empty()) record.fo = failure_options_;  // without ruf its content is ignored (§4.7)
    parsed_.status = !record.is_policy_faulty ? RecordStatus::ok
                     : !record.rua.empty()    ? RecordStatus::p_none
                                              : RecordStatus::unusable;
    return std::move(parsed_);
  }

 private:
  /// RFC 9989 §4.7: what it has and RFC 7489 has not.
  void read_new(const Spec& spec) {
    if (spec.name == "np") return take_policy(parsed_.record.np, spec);
    if (spec.name == "psd") return take(parsed_.record.psd, read_public_suffix(spec.value), spec);
    if (spec.name == "t") return take(parsed_.record.testing, choose<bool>(spec.value, {{"y", true}, {"n", false}}), spec);
  }

  /// RFC 7489 §6.3: what is gone since.
  void read_old(const Spec& spec) {
    if (spec.name == "pct") return take(parsed_.record.pct, read_number(spec.value, pct_digits, 100), spec);
    if (spec.name == "ri") return take(parsed_.record.ri, read_number(spec.value, ri_digits, UINT32_MAX), spec);
    if (spec.name == "rf") return take(parsed_.record.rf, read_formats(list_in(spec)), spec);
  }

  /// RFC 7489 §6.4 allows blanks around the colons, RFC 9989 §4.8 does not.
  std::string list_in(const Spec& spec) const {
    std::string text(spec.value);
    if (standard_ == Standard::rfc7489) text.erase(std::remove_if(text.begin(), text.end(), base::is_wsp), text.end());
    return text;
  }

  static std::optional<PublicSuffix> read_public_suffix(std::string_view value) {
    return choose<PublicSuffix>(value, {{"y", PublicSuffix::yes}, {"n", PublicSuffix::no}, {"u", PublicSuffix::undefined}});
  }

  void note(std::string fault) {
    if (parsed_.fault.empty()) parsed_.fault = std::move(fault);
  }
  void note_value(const Spec& spec) { note(fmt::format("{}={} is not valid", spec.name, base::printable(spec.value, 64))); }

  template <class T>
  void take(T& slot, std::optional<T> value, const Spec& spec) {
    if (value)
      slot = *std::move(value);
    else
      note_value(spec);
  }

  void take_policy(std::optional<Policy>& slot, const Spec& spec) {
    slot = read_policy(spec.value);
    if (slot) return;
    parsed_.record.is_policy_faulty = true;
    note_value(spec);
  }

  void take_uris(std::vector<std::string>& uris, const Spec& spec) {
    for (const std::string_view part : base::split(spec.value, ',')) {
      if (uris.size() == max_report_uris) return note(fmt::format("{} has more than {} URIs", spec.name, max_report_uris));
      if (const auto uri = read_report_uri(base::trim(part)))
        uris.emplace_back(*uri);
      else
        note(fmt::format("{} has no URI in \"{}\"", spec.name, base::printable(base::trim(part), 64)));
    }
  }

  Standard standard_;
  ParsedRecord parsed_;
  std::string failure_options_ = "0";
};

ParsedRecord not_dmarc(std::string_view fault) { return {RecordStatus::not_dmarc, Record{}, std::string(fault), false}; }

ParsedRecord with_repeated_tag(const std::string& name) {
  ParsedRecord parsed{RecordStatus::unusable, Record{}, fmt::format("tag {} is repeated", base::printable(name, 64)), true};
  parsed.record.is_policy_faulty = true;
  return parsed;
}

std::string join(const std::vector<std::string>& uris) { return fmt::format("{}", fmt::join(uris, ",")); }

}  // namespace

std::string_view to_text(Policy policy) {
  constexpr std::array<std::string_view, 3> texts = {"none", "quarantine", "reject"};
  return texts.at(static_cast<std::size_t>(policy));
}

ParsedRecord parse_record(std::string_view txt, Standard standard) {
  if (!is_version(txt.substr(0, txt.find(';')))) return not_dmarc("does not start with v=DMARC1");
  if (txt.size() > max_record_octets) return not_dmarc("longer than 4096 octets");
  const std::vector<Spec> specs = read_specs(txt);
  if (const auto repeated = find_repeated(specs)) return with_repeated_tag(*repeated);
  Reader reader(standard);
  for (const Spec& spec : specs) reader.read(spec);
  return reader.finish();
}

std::string format_record(const Record& record) {
  std::string text = "v=DMARC1";
  const auto add = [&](std::string_view name, std::string_view value) { text += fmt::format("; {}={}", name, value); };
  if (record.p) add("p", to_text(*record.p));
  if (record.sp) add("sp", to_text(*record.sp));
  if (record.np) add("np", to_text(*record.np));
  if (record.p && record.is_policy_faulty) add(record.sp ? "np" : "sp", "invalid");  // so that it reads as what it is
  if (record.adkim == AlignmentMode::strict) add("adkim", "s");
  if (record.aspf == AlignmentMode::strict) add("aspf", "s");
  if (record.psd != PublicSuffix::undefined) add("psd", record.psd == PublicSuffix::yes ? "y" : "n");
  if (record.testing) add("t", "y");
  if (!record.rua.empty()) add("rua", join(record.rua));
  if (!record.ruf.empty()) add("ruf", join(record.ruf));
  if (!record.ruf.empty() && record.fo != "0") add("fo", record.fo);
  if (record.pct != 100) add("pct", std::to_string(record.pct));
  if (record.ri != 86400) add("ri", std::to_string(record.ri));
  if (record.rf != "afrf") add("rf", record.rf);
  return text;
}

}  // namespace dmarc
