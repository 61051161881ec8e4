#pragma once
// Puts the pieces of a field's value on lines, a space or a fold between them. RFC 5322 §2.1.1, §2.2.3.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace message {

class FoldedLines {
 public:
  /// `fold` is a line end and the white space behind it, and is borrowed; the value begins in column `first_column`.
  FoldedLines(std::string_view fold, std::size_t first_column) : fold_(fold), column_(first_column) {}

  void fold() {
    out_ += fold_;
    const std::size_t line_end = fold_.rfind('\n');
    if (line_end != std::string_view::npos) column_ = 0;
    for (const char c : fold_.substr(line_end == std::string_view::npos ? 0 : line_end + 1))
      column_ += c == '\t' ? tab_columns : 1;
  }
  void append(std::string_view piece) {
    out_ += piece;
    column_ += piece.size();
  }
  void word(std::string_view piece) {
    if (column_ + 1 + piece.size() > max_columns)
      fold();
    else
      append(" ");
    append(piece);
  }
  /// In parentheses, word by word; nothing when there are no words. `text` is harmless (harmless_text.hpp).
  void comment(std::string_view text);
  std::string take() { return std::move(out_); }

 private:
  static constexpr std::size_t max_columns = 77;  // RFC 5322 §2.1.1 says 78; one is kept for a semicolon
  static constexpr std::size_t tab_columns = 8;

  std::string_view fold_;
  std::string out_;
  std::size_t column_;
};

}  // namespace message
