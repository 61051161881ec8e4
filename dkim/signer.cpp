#include "dkim/signer.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "dkim/header_hash.hpp"
#include "dkim/signature.hpp"

namespace dkim {
namespace {

constexpr std::string_view field_name = "DKIM-Signature";
constexpr std::size_t max_line_octets = 78;  // RFC 5322 §2.1.1, where a fold can make it so

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& n) { return base::iequals(n, name); });
}

/// The names a policy covers, lower case, each once; from first if it was forgotten.
std::vector<std::string> covered_names(const SignPolicy& policy) {
  std::vector<std::string> names;
  if (!contains(policy.signed_fields, "from") && !contains(policy.oversigned_fields, "from")) names.emplace_back("from");
  for (const auto* list : {&policy.signed_fields, &policy.oversigned_fields})
    for (const std::string& name : *list)
      if (!contains(names, name)) names.push_back(base::to_lower(name));
  return names;
}

std::vector<std::string> select_from(const FieldIndex& fields, const SignPolicy& policy) {
  std::vector<std::string> selected;
  for (const std::string& name : covered_names(policy)) {
    const std::size_t wanted = fields.count(name) + (contains(policy.oversigned_fields, name) ? 1 : 0);
    const std::size_t room = Signature::max_signed_fields - selected.size();
    selected.insert(selected.end(), std::min(wanted, room), name);
  }
  return selected;
}

/// dkim-quoted-printable (RFC 6376 §2.11) of a local part.
std::string quote_printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (base::is_visible(c) && c != ';' && c != '=') {
      out += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += '=';
    out += digits[octet / 16U];
    out += digits[octet % 16U];
  }
  return out;
}

/// Writes a field value, folding between the pieces it is given.
class FoldedText {
 public:
  explicit FoldedText(std::size_t column) : column_(column) {}

  /// A piece that stays in one line; `gap` stands before it unless a fold does.
  void add(std::string_view piece, std::string_view gap = {}) {
    if (column_ + gap.size() + piece.size() > max_line_octets && !is_line_start_) {
      text_ += "\r\n\t";
      column_ = 1;
    } else {
      text_ += gap;
      column_ += gap.size();
    }
    text_ += piece;
    column_ += piece.size();
    is_line_start_ = false;
  }

  /// Text that may be folded anywhere (base64).
  void add_anywhere(std::string_view text) {
    while (!text.empty()) {
      const std::size_t room = column_ < max_line_octets ? max_line_octets - column_ : max_line_octets - 1;
      add(text.substr(0, room));
      text.remove_prefix(std::min(room, text.size()));
    }
  }

  [[nodiscard]] std::size_t column() const { return column_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::size_t column_;
  bool is_line_start_ = false;
};

std::string_view algorithm_of(const PrivateKey& key) {
  return key.type() == KeyType::ed25519 ? "ed25519-sha256" : "rsa-sha256";
}

}  // namespace

std::vector<std::string> default_signed_fields() {
  constexpr std::string_view names =
      "from:sender:reply-to:subject:date:message-id:to:cc:mime-version:content-type:content-transfer-encoding:"
      "in-reply-to:references:resent-date:resent-from:resent-sender:resent-to:resent-cc:resent-message-id:"
      "list-id:list-help:list-unsubscribe:list-unsubscribe-post:list-subscribe:list-post:list-owner:list-archive";
  const auto parts = base::split(names, ':');
  return {parts.begin(), parts.end()};
}

std::vector<std::string> default_oversigned_fields() { return {"from", "reply-to", "subject", "date", "to", "cc"}; }

std::vector<std::string> select_signed_fields(const message::HeaderBlock& header, const SignPolicy& policy) {
  return select_from(FieldIndex(header), policy);
}

struct Signer::State {
  std::vector<SigningKey> keys;
  SignPolicy policy;
  base::UnixTime now;
  BodyHashes::Id body_hash = 0;
  std::vector<std::string> signed_fields;
  std::string canonical_fields;

  static std::unique_ptr<State> make(const message::HeaderBlock& header, std::vector<SigningKey> keys, const SignPolicy& policy,
                                     base::UnixTime now, BodyHashes& hashes);
  [[nodiscard]] std::string unsigned_value(const SigningKey& key, const Digest& body, std::size_t& column) const;
  [[nodiscard]] std::string sign(const SigningKey& key, const Digest& body) const;
};

std::unique_ptr<Signer::State> Signer::State::make(const message::HeaderBlock& header, std::vector<SigningKey> keys,
                                                   const SignPolicy& policy, base::UnixTime now, BodyHashes& hashes) {
  auto state = std::make_unique<State>();
  if (header.is_truncated() || keys.empty()) return state;
  state->keys = std::move(keys);
  state->policy = policy;
  state->now = now;
  state->body_hash = hashes.want(policy.body_canonicalization);
  const FieldIndex fields(header);
  state->signed_fields = select_from(fields, policy);
  state->canonical_fields = fields.canonical_fields(state->signed_fields, policy.header_canonicalization);
  return state;
}

Signer::Signer(const message::HeaderBlock& header, std::vector<SigningKey> keys, const SignPolicy& policy, base::UnixTime now,
               BodyHashes& hashes)
    : state_(State::make(header, std::move(keys), policy, now, hashes)) {}

Signer::~Signer() = default;

/// The field value up to and with "b=": what is hashed of it. `column`: where it ends.
std::string Signer::State::unsigned_value(const SigningKey& key, const Digest& body, std::size_t& column) const {
  FoldedText text(field_name.size() + 1);
  const auto tag = [&](std::string_view name, std::string_view value) { text.add(fmt::format("{}={};", name, value), " "); };
  const auto made = now.time_since_epoch();
  tag("v", "1");
  tag("a", algorithm_of(key.key));
  tag("c", fmt::format("{}/{}", to_text(policy.header_canonicalization), to_text(policy.body_canonicalization)));
  tag("d", key.domain.text());
  tag("s", key.selector);
  tag("t", std::to_string(made.count()));
  if (policy.lifetime) tag("x", std::to_string((made + *policy.lifetime).count()));
  if (!policy.identity_local_part.empty())
    tag("i", fmt::format("{}@{}", quote_printable(policy.identity_local_part), key.domain.text()));
  for (std::size_t i = 0; i < signed_fields.size(); ++i) {
    const char after = i + 1 == signed_fields.size() ? ';' : ':';
    text.add(fmt::format("{}{}{}", i == 0 ? "h=" : "", signed_fields[i], after), i == 0 ? " " : "");
  }
  tag("bh", base::encode_base64(body));
  text.add("b=", " ");
  column = text.column();
  return text.take();
}

std::string Signer::State::sign(const SigningKey& key, const Digest& body) const {
  std::size_t column = 0;
  std::string value = unsigned_value(key, body, column);
  const std::string raw = fmt::format("{}:{}", field_name, value);
  const message::Field own{raw, field_name, std::string_view(raw).substr(field_name.size() + 1)};
  std::string octets = canonical_fields;
  append_own_field(octets, own, policy.header_canonicalization);
  FoldedText signature(column);
  signature.add_anywhere(base::encode_base64(key.key.sign(sha256(octets))));
  return value + signature.take();
}

std::vector<std::string> Signer::finish(const BodyHashes& hashes) const {
  std::vector<std::string> values;
  for (const SigningKey& key : state_->keys) values.push_back(state_->sign(key, hashes.digest(state_->body_hash)));
  return values;
}

}  // namespace dkim
