// floor: what libmilter alone costs. A filter that looks at nothing, asks for no replies and lets all mail pass. With a second
// argument it handles the body otherwise, to see what that costs (ADR 0007): `reply` answers each chunk of it, `skip` the
// first, with "no more".

#include <libmilter/mfapi.h>

#include <cstdio>
#include <string_view>

namespace {

sfsistat body_answer = SMFIS_NOREPLY;

constexpr unsigned long no_replies = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA |
                                     SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_NOUNKNOWN;

/// The callbacks are there, so that libmilter reads and takes apart every event.
sfsistat on_negotiate(SMFICTX*, unsigned long, unsigned long, unsigned long, unsigned long, unsigned long* actions,
                      unsigned long* steps, unsigned long* reserved2, unsigned long* reserved3) {
  *actions = *reserved2 = *reserved3 = 0;
  *steps = body_answer == SMFIS_NOREPLY ? no_replies : (no_replies & ~static_cast<unsigned long>(SMFIP_NR_BODY)) | SMFIP_SKIP;
  return SMFIS_CONTINUE;
}
sfsistat on_connect(SMFICTX*, char*, _SOCK_ADDR*) { return SMFIS_NOREPLY; }
sfsistat on_helo(SMFICTX*, char*) { return SMFIS_NOREPLY; }
sfsistat on_path(SMFICTX*, char**) { return SMFIS_NOREPLY; }
sfsistat on_event(SMFICTX*) { return SMFIS_NOREPLY; }
sfsistat on_header(SMFICTX*, char*, char*) { return SMFIS_NOREPLY; }
sfsistat on_body(SMFICTX*, unsigned char*, size_t) { return body_answer; }
sfsistat on_end(SMFICTX*) { return SMFIS_CONTINUE; }

}  // namespace

int main(int argc, char** argv) {
  const std::string_view body = argc == 3 ? argv[2] : "";
  if (body == "reply") body_answer = SMFIS_CONTINUE;
  if (body == "skip") body_answer = SMFIS_SKIP;
  static char name[] = "floor";
  smfiDesc description{};
  description.xxfi_name = name;
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_negotiate = on_negotiate;
  description.xxfi_connect = on_connect;
  description.xxfi_helo = on_helo;
  description.xxfi_envfrom = on_path;
  description.xxfi_envrcpt = on_path;
  description.xxfi_data = on_event;
  description.xxfi_header = on_header;
  description.xxfi_eoh = on_event;
  description.xxfi_body = on_body;
  description.xxfi_eom = on_end;
  const bool is_asked_well = argc == 2 || (argc == 3 && body_answer != SMFIS_NOREPLY);
  if (!is_asked_well || smfi_register(description) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS) {
    std::fputs("usage: floor SOCKET [reply|skip]\n", stderr);
    return 2;
  }
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}
