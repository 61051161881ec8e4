// The one file that knows libmilter. Each callback translates and returns; exceptions stop at guarded().

#include "milter/callbacks.hpp"

#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <optional>
#include <thread>

#include "base/text.hpp"
#include "milter/activation.hpp"
#include "milter/doorkeeper.hpp"
#include "milter/replacements.hpp"
#include "milter/socket.hpp"

namespace milter {
namespace {

Service* the_service = nullptr;  // libmilter hands callbacks nothing of ours before smfi_setpriv
std::atomic<std::size_t> busy_workers{0};

/// What hangs on libmilter's context: the session and what was agreed with the MTA.
struct Binding {
  explicit Binding(Service& service) : session(service) {}
  Session session;
  unsigned long steps = 0;  // SMFIP_* in force
};

Binding* binding_of(SMFICTX* context) { return static_cast<Binding*>(smfi_getpriv(context)); }

std::string_view macro(SMFICTX* context, const char* name) {
  const char* value = smfi_getsymval(context, const_cast<char*>(name));
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

/// Continue, in the form agreed on: without a reply where the MTA waits for none.
sfsistat go_on(const Binding* binding, unsigned long no_reply_step) {
  return binding != nullptr && (binding->steps & no_reply_step) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

/// Runs one callback's work. Whatever is thrown spoils the message, not the daemon: its verdict is the fallback.
template <class Work>
sfsistat guarded(SMFICTX* context, std::string_view name, unsigned long no_reply_step, Work work) noexcept {
  Binding* binding = binding_of(context);
  if (binding == nullptr) return SMFIS_CONTINUE;
  try {
    work(*binding);
  } catch (const std::exception& error) {
    binding->session.fault(name, error.what());
  } catch (...) {
    binding->session.fault(name, "unknown exception");
  }
  return go_on(binding, no_reply_step);
}

// ---- negotiation ------------------------------------------------------------------------------------------------

constexpr unsigned long wanted_actions = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_SETSYMLIST;
constexpr unsigned long needed_actions = SMFIF_ADDHDRS | SMFIF_CHGHDRS;
/// Recipients, DATA and unknown commands tell us nothing; every other step needs no reply, as nothing is refused
/// before the end of the message.
constexpr unsigned long wanted_steps = SMFIP_HDR_LEADSPC | SMFIP_NORCPT | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_NR_CONN |
                                       SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;

/// Only the macros we read: each costs the MTA a lookup and octets.
void ask_for_macros(SMFICTX* context) {
  const auto ask = [&](int stage, const char* macros) { smfi_setsymlist(context, stage, const_cast<char*>(macros)); };
  ask(SMFIM_CONNECT, "j {daemon_name}");
  ask(SMFIM_ENVFROM, "i {auth_type}");  // Sendmail has the queue id by now; of the list for the end it takes no notice
  ask(SMFIM_EOM, "i");                  // when Postfix has it
}

/// A mail server with which no session can be had: its milter_default_action is what happens to its mail.
sfsistat refuse_session(std::string_view why) noexcept {
  the_service->log.write(base::LogLevel::error, base::LogComponent::milter, why);
  return SMFIS_REJECT;
}

/// Makes the session of a connection. libmilter's context owns it, until on_close takes it back.
bool bind_session(SMFICTX* context, unsigned long steps) {
  auto binding = std::make_unique<Binding>(*the_service);
  binding->steps = steps;
  if (smfi_setpriv(context, binding.get()) != MI_SUCCESS) return false;
  static_cast<void>(binding.release());
  return true;
}

/// A libmilter that was linked within itself does not see our reader.
void warn_of_own_reader() noexcept {
  static std::atomic<bool> is_told{false};
  if (!is_reading_packets() && !is_told.exchange(true))
    the_service->log.write(base::LogLevel::warning, base::LogComponent::milter,
                           "this libmilter reads packets by itself: whoever can connect to the socket can stop it");
}

sfsistat on_negotiate(SMFICTX* context, unsigned long actions, unsigned long steps, unsigned long, unsigned long,
                      unsigned long* actions_out, unsigned long* steps_out, unsigned long* reserved2,
                      unsigned long* reserved3) noexcept {
  *reserved2 = *reserved3 = 0;
  warn_of_own_reader();
  try {
    if ((actions & needed_actions) != needed_actions)
      return refuse_session(
          fmt::format("milter: found a mail server that offers actions {:#x}, expected one that lets a filter "
                      "add and change header fields ({:#x})",
                      actions, needed_actions));
    *actions_out = actions & wanted_actions;
    *steps_out = steps & wanted_steps;
    if (!bind_session(context, *steps_out)) return refuse_session("milter: libmilter refused a session");
  } catch (const std::exception&) {
    return refuse_session("milter: no memory for a session");
  }
  if ((actions & SMFIF_SETSYMLIST) != 0) ask_for_macros(context);
  return SMFIS_CONTINUE;
}

// ---- connection -------------------------------------------------------------------------------------------------

struct Peer {
  std::optional<base::IpAddress> address;
  std::uint16_t port = 0;
};

Peer peer_of(const sockaddr* address) {
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return {base::IpAddress::v4(std::span<const std::uint8_t, 4>(reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4)),
            ntohs(v4->sin_port)};
  }
  if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    return {base::IpAddress::v6(std::span<const std::uint8_t, 16>(v6->sin6_addr.s6_addr, 16)), ntohs(v6->sin6_port)};
  }
  return {};
}

/// After QUIT_NC a connection begins anew without a negotiation. What was agreed on went with the session; but that command
/// came into the protocol together with all the steps we want.
bool has_session(SMFICTX* context) noexcept try {
  return binding_of(context) != nullptr || bind_session(context, wanted_steps);
} catch (const std::exception&) {
  return false;
}

sfsistat on_connect(SMFICTX* context, char* name, sockaddr* address) noexcept {
  if (!has_session(context)) return refuse_session("milter: no memory for a session");
  return guarded(context, "connect", SMFIP_NR_CONN, [&](Binding& binding) {
    const Peer peer = peer_of(address);
    auth::Connection connection;
    connection.client = peer.address;
    connection.client_name = name == nullptr ? "" : name;
    // Postfix plays a session from localhost for sendmail(1) and its own notices; only that one has no port.
    connection.is_local_submission = peer.address && peer.address->is_loopback() && peer.port == 0;
    connection.daemon_name = macro(context, "{daemon_name}");
    connection.mta_name = macro(context, "j");
    binding.session.connect(std::move(connection));
  });
}

sfsistat on_helo(SMFICTX* context, char* name) noexcept {
  return guarded(context, "helo", SMFIP_NR_HELO, [&](Binding& binding) { binding.session.helo(name == nullptr ? "" : name); });
}

// ---- message ----------------------------------------------------------------------------------------------------

sfsistat on_mail(SMFICTX* context, char** arguments) noexcept {
  return guarded(context, "mail", SMFIP_NR_MAIL, [&](Binding& binding) {
    if (arguments == nullptr || arguments[0] == nullptr) return;
    bool is_smtputf8 = false;
    for (char** parameter = arguments + 1; *parameter != nullptr; ++parameter)
      is_smtputf8 |= base::iequals(*parameter, "SMTPUTF8");
    binding.session.mail(arguments[0], is_smtputf8, macro(context, "{auth_type}"));
  });
}

sfsistat on_header(SMFICTX* context, char* name, char* value) noexcept {
  return guarded(context, "header", SMFIP_NR_HDR, [&](Binding& binding) {
    const std::string_view text = value == nullptr ? "" : value;
    if ((binding.steps & SMFIP_HDR_LEADSPC) != 0)
      binding.session.header(name, text);
    else  // an old MTA removed the space that nearly every field has
      binding.session.header(name, " " + std::string(text));
  });
}

sfsistat on_end_of_header(SMFICTX* context) noexcept {
  return guarded(context, "end of header", SMFIP_NR_EOH, [](Binding& binding) { binding.session.end_of_header(); });
}

sfsistat on_body(SMFICTX* context, unsigned char* octets, std::size_t size) noexcept {
  return guarded(context, "body", SMFIP_NR_BODY, [&](Binding& binding) {
    binding.session.body({reinterpret_cast<const char*>(octets), size});
  });
}

sfsistat on_abort(SMFICTX* context) noexcept {
  return guarded(context, "abort", 0, [](Binding& binding) { binding.session.abort(); });
}

sfsistat on_close(SMFICTX* context) noexcept {
  let_go_of_packets();  // after QUIT_NC the connection goes on
  const std::unique_ptr<Binding> binding(binding_of(context));
  smfi_setpriv(context, nullptr);
  return SMFIS_CONTINUE;
}

// ---- verdict ----------------------------------------------------------------------------------------------------

void must(int status, std::string_view what) {
  if (status != MI_SUCCESS) throw std::runtime_error(fmt::format("{} was refused", what));
}

char* c_text(const std::string& text) { return const_cast<char*>(text.c_str()); }  // libmilter's API predates const

void apply(SMFICTX* context, const auth::Change& change, bool keeps_leading_space) {
  if (change.kind == auth::Change::Kind::delete_field) {
    must(smfi_chgheader(context, c_text(change.name), static_cast<int>(change.instance), nullptr), "deleting a field");
    return;
  }
  const std::string value = keeps_leading_space || !change.value.starts_with(' ') ? change.value : change.value.substr(1);
  must(smfi_insheader(context, 0, c_text(change.name), c_text(value)), "inserting a field");
}

void set_reply(SMFICTX* context, const auth::Reply& reply) {
  std::string text;  // libmilter and Sendmail read '%' as the start of a format
  for (const char c : reply.text) text += c == '%' ? std::string("%%") : std::string(1, c);
  must(smfi_setreply(context, c_text(reply.code), c_text(reply.enhanced), c_text(text)), "a reply");
}

sfsistat carry_out(SMFICTX* context, const auth::Report& report, bool keeps_leading_space) {
  const auth::Action action = auth::action_to_take(report);
  if (action == auth::Action::reject || action == auth::Action::defer) {
    if (report.disposition.reply) set_reply(context, *report.disposition.reply);
    return action == auth::Action::reject ? SMFIS_REJECT : SMFIS_TEMPFAIL;
  }
  for (const auto& change : report.changes) apply(context, change, keeps_leading_space);
  if (action == auth::Action::hold) {
    std::string reason = report.disposition.reason;
    must(smfi_quarantine(context, reason.data()), "quarantine");
  }
  return SMFIS_ACCEPT;
}

sfsistat on_end_of_message(SMFICTX* context) noexcept {
  Binding* binding = binding_of(context);
  if (binding == nullptr) return SMFIS_TEMPFAIL;
  const BusyWorker busy(busy_workers);  // it may wait for the DNS
  const bool keeps_leading_space = (binding->steps & SMFIP_HDR_LEADSPC) != 0;
  try {
    return carry_out(context, binding->session.end_of_message(macro(context, "i")), keeps_leading_space);
  } catch (const std::exception& error) {
    binding->session.fault("end of message", error.what());
  } catch (...) {
    binding->session.fault("end of message", "unknown exception");
  }
  try {  // edits may have been half made; what counts is that the verdict is the configured one
    return carry_out(context, binding->session.end_of_message(macro(context, "i")), keeps_leading_space);
  } catch (...) {
    binding->session.fault("fallback", "the configured verdict could not be carried out");
    binding->session.abort();
    const SetupPtr setup = the_service->setup.take();
    return setup->options.defer_on_internal_error && !setup->options.is_monitor ? SMFIS_TEMPFAIL : SMFIS_ACCEPT;
  }
}

smfiDesc describe() {
  static char name[] = "signetd";
  smfiDesc description{};
  description.xxfi_name = name;
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags = wanted_actions;
  description.xxfi_negotiate = on_negotiate;
  description.xxfi_connect = on_connect;
  description.xxfi_helo = on_helo;
  description.xxfi_envfrom = on_mail;
  description.xxfi_header = on_header;
  description.xxfi_eoh = on_end_of_header;
  description.xxfi_body = on_body;
  description.xxfi_eom = on_end_of_message;
  description.xxfi_abort = on_abort;
  description.xxfi_close = on_close;
  return description;
}

std::optional<Doorkeeper> doorkeeper;
std::string door_name;  // local_name() of the socket, which clients have in common
pthread_t serving_thread{};
std::atomic<bool> is_serving{false};
std::atomic<bool> is_told_to_stop{false};
constexpr auto nudge_interval = std::chrono::milliseconds{10};

/// libmilter's listener polls for up to 5 s at a time and knows no other way to be woken than a signal.
void interrupt_poll() {
  if (is_serving) pthread_kill(serving_thread, SIGUSR1);
}

/// libmilter's workers come and go, with the stacks that threads get by default. The C library keeps 40 MiB of stacks for
/// threads to come: of this size 40, of the usual 8 MiB only 5, and the others are mapped and unmapped again and again.
void set_stack_size() {
  constexpr std::size_t stack_octets = std::size_t{1} << 20U;
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return;
  if (::pthread_attr_setstacksize(&attributes, stack_octets) == 0) ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

/// Has libmilter open this address; the descriptor that listens there.
int open_listener(std::string address) {
  refuse_taken_path(address);
  const std::vector<int> before = listening_descriptors();
  if (smfi_register(describe()) != MI_SUCCESS || smfi_setconn(address.data()) != MI_SUCCESS)
    throw SocketError(fmt::format(
        "socket {}: found an address libmilter does not understand, expected inet:PORT@HOST or unix:PATH", address));
  errno = 0;  // where libmilter finds fault by itself there is none
  if (smfi_opensocket(true) != MI_SUCCESS)
    throw SocketError(fmt::format("socket {}: found that it cannot be opened ({}), expected a free address of this machine",
                                  address, errno == 0 ? "no such host" : last_system_error()));
  return find_new_listener(before);
}

/// The same with the passed socket in its place.
int open_with_passed(int passed) {
  const StandIn stand_in(passed);
  const int listening = open_listener(stand_in.address());
  put_in_place(passed, listening);
  return listening;
}

}  // namespace

void open_filter(Service& service, const SocketOptions& options) {
  set_stack_size();
  the_service = &service;
  read_packets_for(service.log, busy_workers);
  const int listening = options.passed ? open_with_passed(*options.passed) : open_listener(options.address);
  prepare_socket(listening, options);
  door_name = local_name(listening);
  doorkeeper.emplace(listening, busy_workers, service.log);
}

std::size_t count_newcomers() noexcept try {
  const std::size_t connections = count_connections(door_name);
  const std::size_t known = the_service->served;
  return connections - std::min(connections, known);
} catch (const std::exception&) {  // nothing left to look with: then nobody has just come in
  return 0;
}

bool run_filter() {
  serving_thread = pthread_self();
  is_serving = true;
  const bool ok = smfi_main() == MI_SUCCESS;
  is_serving = false;
  // libmilter's stop closes the listener's descriptor beside the listener, which, when it looks just then, takes that for a
  // failure ("listenfd=-1 corrupted, terminating"). A failure is one only when nobody asked for the end.
  return ok || is_told_to_stop;
}

void stop_accepting() {
  std::signal(SIGUSR1, [](int) {});
  doorkeeper->close();
  interrupt_poll();  // until it ends, the kernel keeps the socket and new clients wait in it for nothing
}

void stop_filter() {
  is_told_to_stop = true;
  std::thread stopper([] { smfi_stop(); });  // waits until the listener's poll ends
  while (is_serving) {
    interrupt_poll();
    std::this_thread::sleep_for(nudge_interval);
  }
  stopper.join();
}

}  // namespace milter
