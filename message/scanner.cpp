#include "message/scanner.hpp"

namespace message {

bool Scanner::take(char c) {
  if (!sees(c)) return false;
  ++position_;
  return true;
}

bool Scanner::fail_at(std::size_t position, std::string_view static_text) {
  if (!fault_) fault_ = base::ParseError{position, static_text};
  return false;
}

/// At CR or LF: a line end followed by white space, else a fault. The white space stays.
bool Scanner::skip_fold() {
  if (folds_ == Folds::loose) {
    ++position_;
    return true;
  }
  const std::size_t size = text_.substr(position_).starts_with("\r\n") ? 2 : 1;
  const std::size_t next = position_ + size;
  if (text_[next - 1] != '\n' || next == text_.size() || !base::is_wsp(text_[next])) return fail("line end that is no fold");
  position_ = next;
  return true;
}

/// At a backslash. RFC 5322 §3.2.1 and obs-qp, less what readers see differently.
bool Scanner::read_quoted_pair(std::string& out) {
  ++position_;
  if (at_end()) return fail("backslash at the end");
  const char c = peek();
  if (c == '\0' || c == '\r' || c == '\n' || !base::is_ascii(c)) return fail("character that cannot be quoted by a backslash");
  out += c;
  ++position_;
  return true;
}

bool Scanner::read_quoted_string(std::string& out) {
  ++position_;
  while (!at_end()) {
    const char c = peek();
    if (take('"')) return true;
    if (c == '\\' || c == '\r' || c == '\n') {
      if (!(c == '\\' ? read_quoted_pair(out) : skip_fold())) return false;
      continue;
    }
    if (c == '\0') return fail("NUL");
    out += c;
    ++position_;
  }
  return fail("quoted string not closed");
}

/// At an opening parenthesis. Counts depth; recursion would let the sender choose the size of our stack.
bool Scanner::skip_comment(std::string* comments) {
  std::string text;
  std::size_t depth = 0;
  do {
    if (at_end()) return fail("comment not closed");
    const char c = peek();
    if (c == '\\' || c == '\r' || c == '\n') {
      if (!(c == '\\' ? read_quoted_pair(text) : skip_fold())) return false;
      continue;
    }
    if (c == '\0') return fail("NUL");
    if (c == '(' && ++depth > max_comment_depth) return fail("comments nested too deep");
    if (c == ')') --depth;
    text += c;
    ++position_;
  } while (depth != 0);
  if (comments != nullptr) {
    if (!comments->empty()) *comments += ' ';
    *comments += text.substr(1, text.size() - 2);
  }
  return true;
}

bool Scanner::skip_cfws(std::string* comments) {
  while (!at_end()) {
    const char c = peek();
    if (base::is_wsp(c))
      ++position_;
    else if (c == '(') {
      if (!skip_comment(comments)) return false;
    } else if (c == '\r' || c == '\n') {
      if (!skip_fold()) return false;
    } else {
      break;
    }
  }
  return true;
}

}  // namespace message
