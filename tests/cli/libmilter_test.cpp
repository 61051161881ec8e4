// The client against the real library: a filter made with libmilter runs in a child process and answers. The
// library is opened at run time, so that no other test of the tool carries it; without it there is nothing to test.

#include <dlfcn.h>
#include <libmilter/mfapi.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "cli/milter_session.hpp"

using namespace cli;
using namespace std::string_literals;

namespace {

struct Library {
  void* handle = nullptr;
  decltype(&::smfi_register) register_filter = nullptr;
  decltype(&::smfi_setconn) setconn = nullptr;
  decltype(&::smfi_opensocket) opensocket = nullptr;
  decltype(&::smfi_main) main = nullptr;
  decltype(&::smfi_getsymval) getsymval = nullptr;
  decltype(&::smfi_addheader) addheader = nullptr;
  decltype(&::smfi_insheader) insheader = nullptr;
  decltype(&::smfi_chgheader) chgheader = nullptr;
  decltype(&::smfi_replacebody) replacebody = nullptr;
  decltype(&::smfi_addrcpt) addrcpt = nullptr;
  decltype(&::smfi_delrcpt) delrcpt = nullptr;
  decltype(&::smfi_chgfrom) chgfrom = nullptr;
  decltype(&::smfi_quarantine) quarantine = nullptr;
  decltype(&::smfi_progress) progress = nullptr;
  decltype(&::smfi_setreply) setreply = nullptr;
  decltype(&::smfi_setsymlist) setsymlist = nullptr;
};

// A filter's callbacks are C and know only what is global.
Library library;
int record_pipe = -1;
bool quiet = false;  // negotiate away every answer that can be

template <class Function>
void load(Function& function, const char* name) {
  void* const found = ::dlsym(library.handle, name);
  static_assert(sizeof found == sizeof function);
  std::copy_n(static_cast<const char*>(static_cast<const void*>(&found)), sizeof found,
              static_cast<char*>(static_cast<void*>(&function)));
}

bool load_library() {
  library.handle = ::dlopen("libmilter.so.1.0.1", RTLD_NOW);
  if (library.handle == nullptr) return false;
  load(library.register_filter, "smfi_register");
  load(library.setconn, "smfi_setconn");
  load(library.opensocket, "smfi_opensocket");
  load(library.main, "smfi_main");
  load(library.getsymval, "smfi_getsymval");
  load(library.addheader, "smfi_addheader");
  load(library.insheader, "smfi_insheader");
  load(library.chgheader, "smfi_chgheader");
  load(library.replacebody, "smfi_replacebody");
  load(library.addrcpt, "smfi_addrcpt");
  load(library.delrcpt, "smfi_delrcpt");
  load(library.chgfrom, "smfi_chgfrom");
  load(library.quarantine, "smfi_quarantine");
  load(library.progress, "smfi_progress");
  load(library.setreply, "smfi_setreply");
  load(library.setsymlist, "smfi_setsymlist");
  return true;
}

void record(const std::string& line) {
  const std::string whole = line + '\n';
  if (::write(record_pipe, whole.data(), whole.size()) < 0) ::_exit(1);
}

std::string macro(SMFICTX* context, std::string name) {
  const char* value = library.getsymval(context, name.data());
  return value == nullptr ? "-" : value;
}

sfsistat on_negotiate(SMFICTX* context, unsigned long actions, unsigned long steps, unsigned long, unsigned long,
                      unsigned long* chosen_actions, unsigned long* chosen_steps, unsigned long* a, unsigned long* b) {
  constexpr unsigned long silent = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA |
                                   SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_HDR_LEADSPC;
  *chosen_actions = actions;
  *chosen_steps = quiet ? steps & silent : SMFIP_SKIP;
  *a = *b = 0;
  std::string names = "i {mail_addr}";
  return library.setsymlist(context, SMFIM_EOM, names.data()) == MI_SUCCESS ? SMFIS_CONTINUE : SMFIS_REJECT;
}

sfsistat answer() { return quiet ? SMFIS_NOREPLY : SMFIS_CONTINUE; }

sfsistat on_connect(SMFICTX* context, char* name, _SOCK_ADDR* address) {
  record("connect "s + name + (address == nullptr ? " without" : " with") + " address, j " + macro(context, "j"));
  return answer();
}

sfsistat on_helo(SMFICTX*, char* name) {
  record("helo "s + name);
  return answer();
}

sfsistat on_mail(SMFICTX* context, char** arguments) {
  record("mail "s + arguments[0] + ", login " + macro(context, "{auth_authen}"));
  if (quiet || "<refused@a.example>"s != arguments[0]) return answer();
  std::string code = "550", enhanced = "5.7.1", text = "100%% no";
  return library.setreply(context, code.data(), enhanced.data(), text.data()) == MI_SUCCESS ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

sfsistat on_rcpt(SMFICTX*, char** arguments) {
  record("rcpt "s + arguments[0]);
  return answer();
}

sfsistat on_data(SMFICTX*) {
  record("data");
  return answer();
}

sfsistat on_header(SMFICTX*, char* name, char* value) {
  record("header "s + name + '|' + value + '|');
  return answer();
}

sfsistat on_end_of_header(SMFICTX*) {
  record("end of header");
  return answer();
}

sfsistat on_body(SMFICTX*, unsigned char*, std::size_t size) {
  record("body " + std::to_string(size));
  return quiet ? SMFIS_NOREPLY : SMFIS_SKIP;
}

sfsistat on_end_of_message(SMFICTX* context) {
  record("end of message, i " + macro(context, "i") + ", mail_addr " + macro(context, "{mail_addr}"));
  std::string top = "Top", last = "Last", subject = "Subject", value = "v\n\tw", address = "<n@n.example>", why = "odd";
  std::string gone = "<b@b.example>", body = "new\r\n";
  const void* const text = body.data();
  library.progress(context);
  library.insheader(context, 0, top.data(), value.data());
  library.addheader(context, last.data(), value.data());
  library.chgheader(context, subject.data(), 1, nullptr);
  library.addrcpt(context, address.data());
  library.delrcpt(context, gone.data());
  library.chgfrom(context, address.data(), nullptr);
  library.replacebody(context, static_cast<unsigned char*>(const_cast<void*>(text)), static_cast<int>(body.size()));
  library.quarantine(context, why.data());
  return SMFIS_ACCEPT;
}

sfsistat on_abort(SMFICTX*) {
  record("abort");
  return SMFIS_CONTINUE;
}

sfsistat on_close(SMFICTX*) {
  record("close");
  return SMFIS_CONTINUE;
}

[[noreturn]] void be_the_filter(const std::string& socket) {
  for (const int signal : {SIGTERM, SIGINT, SIGSEGV, SIGABRT}) ::signal(signal, SIG_DFL);  // not the test program's
  std::string name = "signet-test", where = socket;
  smfiDesc description{};
  description.xxfi_name = name.data();
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY | SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_QUARANTINE |
                           SMFIF_CHGFROM | SMFIF_SETSYMLIST;
  description.xxfi_connect = on_connect;
  description.xxfi_helo = on_helo;
  description.xxfi_envfrom = on_mail;
  description.xxfi_envrcpt = on_rcpt;
  description.xxfi_data = on_data;
  description.xxfi_header = on_header;
  description.xxfi_eoh = on_end_of_header;
  description.xxfi_body = on_body;
  description.xxfi_eom = on_end_of_message;
  description.xxfi_abort = on_abort;
  description.xxfi_close = on_close;
  description.xxfi_negotiate = on_negotiate;
  const bool open = library.setconn(where.data()) == MI_SUCCESS && library.register_filter(description) == MI_SUCCESS &&
                    library.opensocket(true) == MI_SUCCESS;
  if (!open) ::_exit(1);
  record("ready");
  ::_exit(library.main());
}

/// The filter's process, in a directory of its own.
class RealFilter {
 public:
  RealFilter() {
    std::string name = "/tmp/signet-cli-test-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    record_pipe = ends[1];
    told_ = ends[0];
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) be_the_filter(address());
    ::close(ends[1]);
  }
  ~RealFilter() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ::close(told_);
    std::filesystem::remove_all(directory_);
  }
  RealFilter(const RealFilter&) = delete;
  RealFilter& operator=(const RealFilter&) = delete;

  [[nodiscard]] std::string address() const { return "unix:" + directory_ + "/filter"; }
  /// What it told, one thing a line, up to and with this line, or to its end.
  [[nodiscard]] std::string record_up_to(const std::string& line) const {
    std::string out;
    for (char octet = 0; ::read(told_, &octet, 1) == 1;) {
      out += octet;
      if (out.ends_with(line + '\n')) break;
    }
    return out;
  }

 private:
  std::string directory_;
  pid_t child_ = -1;
  int told_ = -1;
};

SessionSettings settings() {
  SessionSettings out;
  out.client = {"c.example", "192.0.2.1", 4711};
  out.host_name = "mx.example";
  out.login = "anna";
  return out;
}

/// Two messages: one refused at MAIL, one seen through. Returns the second's outcome and negotiation.
std::pair<MessageOutcome, MilterNegotiation> converse(const RealFilter& filter, const message::MessageFile& file) {
  MilterClient client(filter.address());
  MilterSession session(client, settings());
  session.open();
  SessionMessage message{{"refused@a.example", {"b@b.example"}}, {}, "Q1", &file};
  const MessageOutcome refused = session.run(message);
  if (!quiet) {
    CHECK(refused.outcome.reply == SmtpReply{550, "5.7.1", "100% no"});
    CHECK(refused.event == MilterEvent::mail);
  }
  message.envelope.sender = "a@a.example";
  message.queue_id = "Q2";
  MessageOutcome result = session.run(message);
  const MilterNegotiation negotiation = client.negotiation();
  session.close();
  return {result, negotiation};
}

const std::string message_text = "From: a@a.example\r\nSubject: x\r\n y\r\n\r\n" + std::string(100'000, 'z');

}  // namespace

TEST_CASE("milter client: the real library understands it and is understood", "[cli][libmilter]") {
  if (!load_library()) {
    WARN("libmilter is not here");
    return;
  }
  quiet = false;
  RealFilter filter;
  REQUIRE(filter.record_up_to("ready") == "ready\n");
  const auto file = message::parse_message_file(message_text);
  const auto [result, negotiation] = converse(filter, file);
  CHECK(negotiation.macros == std::map<MacroStage, std::string>{{MacroStage::end_of_message, "i {mail_addr}"}});
  CHECK(result.outcome.verdict == MilterVerdict::accept);
  CHECK(result.outcome.quarantine == "odd");
  CHECK(result.outcome.progress_count == 1);
  const Delivery delivery = apply_changes({"a@a.example", {"b@b.example"}}, file, result.outcome.changes, false);
  CHECK(delivery.message == "Top: v\r\n\tw\r\nFrom: a@a.example\r\nLast: v\r\n\tw\r\n\r\nnew\r\n");
  CHECK(delivery.envelope.sender == "n@n.example");
  CHECK(delivery.envelope.recipients == std::vector<std::string>{"n@n.example"});
  CHECK(filter.record_up_to("close") ==
        "connect c.example with address, j mx.example\nhelo c.example\n"
        "mail <refused@a.example>, login anna\n"  // a message it refused is not aborted for it
        "mail <a@a.example>, login anna\nrcpt <b@b.example>\ndata\n"
        "header From|a@a.example|\nheader Subject|x\n y|\nend of header\n"
        "body 65535\nend of message, i Q2, mail_addr a@a.example\nclose\n");
}

TEST_CASE("milter client: the real library may keep silent", "[cli][libmilter]") {
  if (!load_library()) {
    WARN("libmilter is not here");
    return;
  }
  quiet = true;
  RealFilter filter;
  REQUIRE(filter.record_up_to("ready") == "ready\n");
  const auto file = message::parse_message_file(message_text);
  const auto [result, negotiation] = converse(filter, file);
  CHECK(negotiation.leading_space());
  CHECK(result.outcome.verdict == MilterVerdict::accept);
  const std::string record = filter.record_up_to("close");
  CHECK_THAT(record, Catch::Contains("header Subject| x\n y|\nend of header\nbody 65535\nbody 34465\nend of message"));
}
