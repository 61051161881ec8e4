#include "message/folded_lines.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace message {

void FoldedLines::comment(std::string_view text) {
  std::vector<std::string_view> words = base::split(text, ' ');
  words.erase(std::remove(words.begin(), words.end(), std::string_view{}), words.end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string piece(words[i]);
    if (i == 0) piece.insert(0, 1, '(');
    if (i + 1 == words.size()) piece += ')';
    word(piece);
  }
}

}  // namespace message
