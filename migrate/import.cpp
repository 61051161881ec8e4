#include "migrate/import.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "conf/load.hpp"
#include "migrate/keys.hpp"
#include "migrate/mapping.hpp"

namespace migrate {
namespace {

/// Whether to read it; a file that nobody named and that is not there is a note.
bool is_wanted(const OldFile& file, Findings& findings) {
  std::error_code error;  // a folder that may not be looked into is reported by the read
  if (file.is_named || std::filesystem::exists(file.path, error) || error) return true;
  findings.note({file.path, 0}, "is not there");
  return false;
}

OldSettings read_milter(std::string program, const OldFile& file, Findings& findings) {
  return is_wanted(file, findings) ? read_milter_settings(std::move(program), file.path, findings)
                                   : OldSettings(std::move(program), true);
}

PostfixFiles read_postfix(const OldFiles& files, Findings& findings) {
  PostfixFiles postfix;
  postfix.main_file = files.main.path;
  if (is_wanted(files.main, findings))
    if (const auto lines = read_lines(files.main.path, findings)) postfix.main = MainConfig(*lines, files.main.path);
  if (is_wanted(files.master, findings))
    if (const auto lines = read_lines(files.master.path, findings)) postfix.master = read_master(*lines, files.master.path);
  return postfix;
}

/// The new file must load; if it does not, that is a defect here, and better said than written.
void check_loads(const std::string& toml, Findings& findings) try {
  static_cast<void>(conf::parse(toml, "signet.toml"));
} catch (const conf::Error& error) {
  findings.problem({"signet.toml", 0}, fmt::format("the new file would not load ({}): mend it by hand", error.what()));
}

}  // namespace

Import import_setup(const OldFiles& files, const std::string& host_name, const KeyCheck& check) {
  Context context{host_name, {}, {}};
  Findings& findings = context.findings;
  const OldSettings opendkim = read_milter("opendkim", files.opendkim, findings);
  const OldSettings opendmarc = read_milter("opendmarc", files.opendmarc, findings);
  const OldSettings policyd = is_wanted(files.policyd, findings) ? read_policyd_settings(files.policyd.path, findings)
                                                                 : OldSettings("policyd-spf", false);
  if (!opendkim.is_present() && !opendmarc.is_present() && !policyd.is_present()) return {"", {}, {}, std::move(findings)};
  map_opendkim(opendkim, context);
  map_opendmarc(opendmarc, context);
  map_policyd(policyd, context);
  map_common({opendkim, opendmarc, policyd}, context);
  const Sockets sockets = map_sockets(opendkim, opendmarc, context);
  const PostfixFiles postfix = read_postfix(files, findings);
  Import import;
  import.shadow = find_shadow_changes(postfix, sockets);
  import.postfix = find_changes(postfix, sockets, findings);
  check_rewriting(postfix.main, findings);
  if (check.resolver != nullptr) check_keys(key_uses(context.draft.rules), *check.resolver, check.deadline, findings);
  import.toml = context.draft.write();
  check_loads(import.toml, findings);
  import.findings = std::move(findings);
  return import;
}

}  // namespace migrate
