#include "cli/milter_delivery.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "message/line_ends.hpp"

namespace cli {
namespace {

struct HeaderLine {
  std::string name;
  std::string raw;  // CRLF at folds, none at the end
};

/// Every LF ends a line and what follows is a continuation, which is made one if it is not. A CR before the LF
/// stays a CR of the line, so that a filter that folds with CRLF is found out here and not in the mail.
std::string folded(std::string_view value) {
  std::string out;
  for (const std::string_view line : base::split(value, '\n')) {
    const bool first = line.data() == value.data();
    if (!first) out += "\r\n";
    if (!first && (line.empty() || !base::is_wsp(line.front()))) out += '\t';
    out += line;
  }
  return out;
}

/// A header that can be edited by index, in Postfix's way of counting.
class EditableHeader {
 public:
  EditableHeader(const message::HeaderBlock& header, bool leading_space) : separator_(leading_space ? ":" : ": ") {
    for (std::size_t i = 0; i < header.size(); ++i)
      lines_.push_back(HeaderLine{std::string(header[i].name), std::string(header[i].raw)});
  }

  void add(const MilterChange& change) { lines_.push_back(line_of(change)); }

  void insert(const MilterChange& change) {
    const std::size_t at = std::min<std::size_t>(change.index, lines_.size());
    lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(at), line_of(change));
  }

  void change(const MilterChange& change) {
    if (const auto line = find(change); line != lines_.end()) {
      *line = line_of(change);
    } else {
      add(change);
    }
  }

  void remove(const MilterChange& change) {
    if (const auto line = find(change); line != lines_.end()) lines_.erase(line);
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const HeaderLine& line : lines_) out += line.raw + "\r\n";
    return out;
  }

 private:
  [[nodiscard]] HeaderLine line_of(const MilterChange& change) const {
    return HeaderLine{change.name, change.name + separator_ + folded(change.value)};
  }

  /// The index-th field of the name, from 1; 0 is taken for 1.
  std::vector<HeaderLine>::iterator find(const MilterChange& change) {
    std::uint32_t left = std::max<std::uint32_t>(change.index, 1);
    return std::find_if(lines_.begin(), lines_.end(),
                        [&](const HeaderLine& line) { return base::iequals(line.name, change.name) && --left == 0; });
  }

  std::vector<HeaderLine> lines_;
  std::string separator_;
};

/// A body's last line has an end, too.
std::string whole_lines(std::string_view body) {
  std::string out;
  message::append_with_crlf(out, body);
  if (!out.empty() && out.back() != '\n') out += "\r\n";
  return out;
}

void apply_to_envelope(MilterEnvelope& envelope, const MilterChange& change) {
  const std::string address = without_angle_brackets(change.value);
  auto& all = envelope.recipients;
  if (change.kind == ChangeKind::change_sender) envelope.sender = address;
  if (change.kind == ChangeKind::add_recipient && std::find(all.begin(), all.end(), address) == all.end())
    all.push_back(address);
  if (change.kind == ChangeKind::delete_recipient) all.erase(std::remove(all.begin(), all.end(), address), all.end());
}

}  // namespace

std::string without_angle_brackets(std::string_view address) {
  if (address.size() >= 2 && address.front() == '<' && address.back() == '>') address = address.substr(1, address.size() - 2);
  return std::string(address);
}

std::string with_lf(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  return out;
}

Delivery apply_changes(const MilterEnvelope& envelope, const message::MessageFile& message,
                       const std::vector<MilterChange>& changes, bool leading_space) {
  Delivery out{envelope, {}};
  EditableHeader header(message.header, leading_space);
  std::string body = message.body;
  for (const MilterChange& change : changes) {
    switch (change.kind) {
      case ChangeKind::add_header:
        header.add(change);
        break;
      case ChangeKind::insert_header:
        header.insert(change);
        break;
      case ChangeKind::change_header:
        header.change(change);
        break;
      case ChangeKind::delete_header:
        header.remove(change);
        break;
      case ChangeKind::replace_body:
        body = whole_lines(change.value);
        break;
      case ChangeKind::add_recipient:
      case ChangeKind::delete_recipient:
      case ChangeKind::change_sender:
        apply_to_envelope(out.envelope, change);
        break;
    }
  }
  out.message = header.text() + "\r\n" + body;
  return out;
}

}  // namespace cli
