// Options of signing. RFC 6376 §5. What a [[sign.rule]] holds is in options_rule.cpp.

#include <algorithm>

#include "base/text.hpp"
#include "conf/list_kinds.hpp"
#include "conf/load.hpp"
#include "conf/option_groups.hpp"

namespace conf::groups {
namespace {

using std::chrono::hours;

constexpr std::string_view default_word = "default";
constexpr kinds::ListWords field_words = {"a list of names of header fields, or \"default\"",
                                          "the name of a header field that does not change on the way"};

bool is_default_word(const Node& node) { return node.is(Node::Kind::text) && node.text == default_word; }

std::vector<std::string> read_fields(const Node& node) {
  return kinds::read_items<std::string>(node, field_words, kinds::when(is_signable_field_name));
}

/// A signature must cover From (RFC 6376 §5.4).
bool has_from(const std::vector<std::string>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const std::string& field) { return base::iequals(field, "from"); });
}

Option fields() {
  const auto set = [](Settings& s, const Node& node) {
    s.sign.fields.clear();
    if (is_default_word(node)) return;
    s.sign.fields = read_fields(node);
    if (!has_from(s.sign.fields))
      throw Error(node.position, "found a list without \"from\", expected \"from\" among the fields");
  };
  const auto show = [](const Settings& s) {
    return s.sign.fields.empty() ? quote_toml(default_word) : kinds::show_list(s.sign.fields, kinds::text_itself);
  };
  return kinds::make<Settings>("sign.fields", std::string(field_words.list),
                               "The header fields that a signature covers, all of that name; \"from\" must be among them. The "
                               "default is what RFC 6376 §5.4.1 advises.",
                               set, show);
}

Option oversign() {
  const auto set = [](Settings& s, const Node& node) {
    s.sign.oversign_is_set = !is_default_word(node);
    s.sign.oversign = s.sign.oversign_is_set ? read_fields(node) : std::vector<std::string>();
  };
  const auto show = [](const Settings& s) {
    return s.sign.oversign_is_set ? kinds::show_list(s.sign.oversign, kinds::text_itself) : quote_toml(default_word);
  };
  return kinds::make<Settings>("sign.oversign", std::string(field_words.list),
                               "Fields that are covered once more than they occur, so that nobody can add another. The default "
                               "is from, reply-to, subject, date, to and cc. Leave one out if something behind Signet adds it.",
                               set, show);
}

template <class Get>
Option canonicalization(std::string_view key, Get get, std::string_view help) {
  return kinds::choice<Settings, CanonicalForm>(key, get,
                                                {{"simple", CanonicalForm::simple}, {"relaxed", CanonicalForm::relaxed}}, help);
}

}  // namespace

std::vector<Option> sign() {
  return {
      kinds::networks(
          "sign.networks", [](auto& s) -> auto& { return s.sign.networks; },
          "Clients whose mail is signed, beside those that log in and what is submitted on the mail server itself. Mail that "
          "is signed is not judged."),
      kinds::list(
          "sign.daemons", [](auto& s) -> auto& { return s.sign.daemons; },
          {"a list of names", "a name of visible ASCII, at most 64 characters"}, kinds::when(is_macro_value),
          kinds::text_itself,
          "Listeners of the mail server whose mail is signed, by their name (macro {daemon_name}; in Postfix "
          "milter_macro_daemon_name), such as \"ORIGINATING\"."),
      canonicalization(
          "sign.header-canonicalization", [](auto& s) -> auto& { return s.sign.header_canonicalization; },
          "\"relaxed\" survives changes of white space and of the case of names; \"simple\" survives none."),
      canonicalization(
          "sign.body-canonicalization", [](auto& s) -> auto& { return s.sign.body_canonicalization; },
          "The same for the body."),
      fields(),
      oversign(),
      kinds::text(
          "sign.identity", [](auto& s) -> auto& { return s.sign.identity; }, "the local part of an address, or \"\"",
          kinds::when_or_empty(is_local_part), "The local part of i=. Empty: signatures have no i=."),
      kinds::duration(
          "sign.lifetime", [](auto& s) -> auto& { return s.sign.lifetime; }, hours{1}, hours{366 * 24},
          "How long signatures are valid (x=). Mail can wait in queues for days, so not much below \"7d\".", true)};
}

}  // namespace conf::groups
