#pragma once
// The lexical layer of RFC 5322 §3.2, shared by the parsers of this room: folding white space, comments,
// quoted strings. With the obsolete forms of §4.1 and the UTF-8 of RFC 6532, except where two readers would
// disagree: NUL is never accepted, a CR or LF only as part of a fold (unless asked), and a quoted pair holds ASCII.
// Works forward over borrowed text in linear time; the first fault stays and stops everything after it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text.hpp"

namespace message {

/// atext of RFC 5322 §3.2.3, with the octets of RFC 6532 §3.2 (whether they are UTF-8 is not looked at).
[[nodiscard]] constexpr bool is_atext(char c) {
  constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~";
  return base::is_alnum(c) || !base::is_ascii(c) || marks.find(c) != std::string_view::npos;
}

/// C0 controls and DEL.
[[nodiscard]] constexpr bool is_control(char c) { return (c >= 0 && c < ' ') || c == 0x7f; }

class Scanner {
 public:
  static constexpr std::size_t max_comment_depth = 32;

  /// strict: a line end must have white space behind it. loose: every CR and LF is white space.
  enum class Folds { strict, loose };

  explicit Scanner(std::string_view text, Folds folds = Folds::strict) : text_(text), folds_(folds) {}

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] bool at_end() const { return position_ == text_.size(); }
  /// NUL at the end, which no parser accepts anyway.
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[position_]; }
  [[nodiscard]] bool sees(char c) const { return !at_end() && text_[position_] == c; }
  [[nodiscard]] std::string_view since(std::size_t start) const { return text_.substr(start, position_ - start); }

  bool take(char c);
  /// The longest run of octets the predicate likes. Borrows from the text.
  template <class Predicate>
  std::string_view take_while(Predicate likes) {
    const std::size_t start = position_;
    while (!at_end() && likes(text_[position_])) ++position_;
    return since(start);
  }

  /// Passes white space, folds and comments. False: a fault. `comments`, if given, gets the text of the comments,
  /// unescaped and without the outermost parentheses, a space between two.
  bool skip_cfws(std::string* comments = nullptr);
  /// At a double quote: appends what the quoted string means to out. False: a fault.
  bool read_quoted_string(std::string& out);

  /// Records a fault here, if it is the first. Always false.
  bool fail(std::string_view static_text) { return fail_at(position_, static_text); }
  bool fail_at(std::size_t position, std::string_view static_text);
  [[nodiscard]] const std::optional<base::ParseError>& fault() const { return fault_; }

 private:
  bool skip_comment(std::string* comments);
  bool skip_fold();
  bool read_quoted_pair(std::string& out);

  std::string_view text_;
  Folds folds_;
  std::size_t position_ = 0;
  std::optional<base::ParseError> fault_;
};

}  // namespace message
