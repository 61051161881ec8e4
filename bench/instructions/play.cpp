#include "bench/instructions/play.hpp"

#include <fmt/format.h>

#include "tests/support/borrowed_setup.hpp"

namespace bench {
namespace {

constexpr std::size_t chunk_octets = 65535;  // of the body, as Postfix sends it

auth::Report play(milter::Service& service, const Scene& scene) {
  milter::Session session(service);
  session.connect(scene.connection);
  session.helo("mail.sender.example");
  session.mail(scene.reverse_path, false, scene.authentication_type);
  for (const auto& [name, value] : scene.fields) session.header(name, value);
  session.end_of_header();
  const std::string_view body = scene.body;
  for (std::size_t at = 0; at < body.size(); at += chunk_octets) session.body(body.substr(at, chunk_octets));
  return session.end_of_message("4bXk2P1zQkz9sT");
}

}  // namespace

void Upstream::start(const dns::Question& question, Callback done) {
  constexpr std::chrono::seconds negative_ttl{900};
  const dns::AnswerPtr answer = zone_.look_up(question);
  done(dns::is_void(answer->status) ? dns::make_empty_answer(answer->status, negative_ttl) : answer);
}

Stage::Stage(const Scene& scene)
    : upstream_(scene.zone),
      cache_(upstream_, {}),
      service_{log_, [] { return fixed_now; }, [] { return 0U; },
               milter::SetupInForce(test::borrowed_setup(cache_, scene.options))} {}

std::string summary(const auth::Report& report) {
  const std::string_view action = auth::to_text(report.disposition.action);
  if (report.role.role == auth::Role::sign)
    return report.sign_reason == "signed" ? fmt::format("signed={} {}", report.signatures.size(), action) : report.sign_reason;
  std::size_t passed = 0;
  for (const auto& outcome : report.dkim) passed += outcome.result == dkim::Result::pass ? 1 : 0;
  return fmt::format("spf={} dkim={}/{} dmarc={} {}", spf::to_text(report.spf_mail_from.verdict.result), passed,
                     report.dkim.size(), report.dmarc ? dmarc::to_text(report.dmarc->result) : "-", action);
}

std::string check_signatures(const Scene& scene, const auth::Report& report) {
  Scene received = scene;
  received.authentication_type.clear();
  for (const auto& change : report.changes) received.fields.emplace(received.fields.begin(), change.name, change.value);
  Stage stage(received);
  const auth::Report judged = play(stage.service(), received);
  for (const auto& outcome : judged.dkim)
    if (outcome.result != dkim::Result::pass) return outcome.reason;
  return judged.dkim.size() == report.signatures.size() ? "" : "a signature is missing";
}

}  // namespace bench

extern "C" void counted_messages(milter::Service& service, const bench::Scene& scene, std::vector<auth::Report>& reports) {
  for (auth::Report& report : reports) report = bench::play(service, scene);
}
