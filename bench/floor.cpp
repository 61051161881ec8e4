// floor: what libmilter alone costs. A filter that looks at nothing, asks for no replies and lets all mail pass.

#include <libmilter/mfapi.h>

#include <cstdio>

namespace {

constexpr unsigned long no_replies = SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA |
                                     SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_NOUNKNOWN;

/// The callbacks are there, so that libmilter reads and takes apart every event.
sfsistat on_negotiate(SMFICTX*, unsigned long, unsigned long, unsigned long, unsigned long, unsigned long* actions,
                      unsigned long* steps, unsigned long* reserved2, unsigned long* reserved3) {
  *actions = *reserved2 = *reserved3 = 0;
  *steps = no_replies;
  return SMFIS_CONTINUE;
}
sfsistat on_connect(SMFICTX*, char*, _SOCK_ADDR*) { return SMFIS_NOREPLY; }
sfsistat on_helo(SMFICTX*, char*) { return SMFIS_NOREPLY; }
sfsistat on_path(SMFICTX*, char**) { return SMFIS_NOREPLY; }
sfsistat on_event(SMFICTX*) { return SMFIS_NOREPLY; }
sfsistat on_header(SMFICTX*, char*, char*) { return SMFIS_NOREPLY; }
sfsistat on_body(SMFICTX*, unsigned char*, size_t) { return SMFIS_NOREPLY; }
sfsistat on_end(SMFICTX*) { return SMFIS_CONTINUE; }

}  // namespace

int main(int argc, char** argv) {
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
  if (argc != 2 || smfi_register(description) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS) {
    std::fputs("usage: floor SOCKET\n", stderr);
    return 2;
  }
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}
