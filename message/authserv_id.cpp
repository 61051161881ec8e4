// Whose Authentication-Results is it? RFC 8601 §5, for removal: what any consumer might take for ours is ours.
#include <algorithm>
#include <array>
#include <optional>

#include "base/domain.hpp"
#include "base/text.hpp"
#include "message/authentication_results.hpp"
#include "message/scanner.hpp"

namespace message {
namespace {

/// Ways in which consumers differ.
struct Reading {
  bool escapes;  // a backslash in a comment quotes the next octet
  bool joins;    // comments and quotes are removed, and what stood around them is one word
};
constexpr std::array<Reading, 4> readings = {{{true, true}, {true, false}, {false, true}, {false, false}}};

bool is_blank(char c) { return c == ' ' || c == ')' || is_control(c); }

/// What an authserv-id is made of in practice; a careless consumer stops at anything else.
bool is_name_char(char c) { return base::is_alnum(c) || c == '-' || c == '_' || c == '.' || !base::is_ascii(c); }

class ClaimReader {
 public:
  ClaimReader(std::string_view value, Reading reading) : value_(value), reading_(reading) {}

  /// The first word: up to a blank or semicolon.
  std::string read() {
    while (position_ < value_.size() && !done_) step(value_[position_]);
    return std::move(claim_);
  }

 private:
  void step(char c) {
    if (c == '(' && !quoted_) {
      skip_comment();
      return;
    }
    ++position_;
    if (c == '"') {
      quoted_ = !quoted_;
      done_ = !reading_.joins && !claim_.empty();
    } else if (is_blank(c) || (c == ';' && !quoted_)) {
      done_ = !claim_.empty();
    } else if (c != '\\') {
      claim_ += c;
    }
  }
  /// A comment that never closes is a blank, and so are the parentheses after it: that keeps this linear.
  void skip_comment() {
    const auto end = comments_close_ ? comment_end() : std::nullopt;
    comments_close_ = end.has_value();
    done_ = !claim_.empty() && !(end && reading_.joins);
    position_ = end.value_or(position_ + 1);
  }
  [[nodiscard]] std::optional<std::size_t> comment_end() const {
    std::size_t depth = 0;
    for (std::size_t i = position_; i < value_.size(); ++i) {
      if (value_[i] == '\\' && reading_.escapes)
        ++i;
      else if (value_[i] == '(')
        ++depth;
      else if (value_[i] == ')' && --depth == 0)
        return i + 1;
    }
    return std::nullopt;
  }

  std::string_view value_;
  Reading reading_;
  std::size_t position_ = 0;
  std::string claim_;
  bool quoted_ = false, comments_close_ = true, done_ = false;
};

/// One spelling for all that name the same: lower case, A-labels, no final dots.
std::string normalized(std::string_view id) {
  while (id.ends_with('.')) id.remove_suffix(1);
  const auto domain = base::Domain::parse(id);
  return domain ? domain->text() : base::to_lower(id);
}

std::string_view leading_name(std::string_view claim) {
  const auto end = std::find_if_not(claim.begin(), claim.end(), is_name_char);
  return claim.substr(0, static_cast<std::size_t>(end - claim.begin()));
}

/// A quoted authserv-id as RFC 8601 §2.2 has it, which may hold blanks and semicolons. Empty: there is none.
std::string quoted_id(std::string_view value) {
  Scanner scanner(value, Scanner::Folds::loose);
  std::string id;
  if (!scanner.skip_cfws() || !scanner.sees('"') || !scanner.read_quoted_string(id)) return {};
  return id;
}

/// What follows the instance of an ARC-Authentication-Results ("i=1;", RFC 8617 §4.1.1): a reader of both fields may pass
/// over it in this one, too. Without an instance: the value.
std::string_view without_instance(std::string_view value) {
  Scanner scanner(value, Scanner::Folds::loose);
  std::string name;
  if (!scanner.skip_cfws()) return value;
  if (scanner.sees('"'))
    static_cast<void>(scanner.read_quoted_string(name));
  else
    name = scanner.take_while(base::is_alnum);
  const bool has_instance = name == "i" && scanner.skip_cfws() && scanner.take('=') && scanner.skip_cfws() &&
                            !scanner.take_while(base::is_digit).empty() && scanner.skip_cfws() && scanner.take(';');
  return has_instance ? value.substr(scanner.position()) : value;
}

bool claims(std::string_view value, const std::string& ours) {
  if (normalized(base::trim(quoted_id(value))) == ours) return true;
  return std::any_of(readings.begin(), readings.end(), [&](Reading reading) {
    const std::string claim = ClaimReader(value, reading).read();
    return normalized(claim) == ours || normalized(leading_name(claim)) == ours;
  });
}

}  // namespace

bool claims_authserv_id(std::string_view value, std::string_view authserv_id) {
  const std::string ours = normalized(base::trim(authserv_id));
  return !ours.empty() && (claims(value, ours) || claims(without_instance(value), ours));
}

}  // namespace message
