// spf_desk ZONE RECEIVER: our check_host() for many questions in one process, against a zone file.
//
//     CLIENT\tHELO\tMAILFROM\n    answer: RESULT\tREASON\tEXPLANATION\n

#include <iostream>
#include <stdexcept>
#include <vector>

#include "base/text.hpp"
#include "dns/inquiry.hpp"
#include "dns/zone_file.hpp"
#include "spf/check_host.hpp"

namespace {

/// RFC 7208 §2.4: with a null reverse-path the mailbox is postmaster at the HELO name.
spf::Input make_input(const std::string& request, const std::string& receiver) {
  const auto words = base::split(request, '\t');
  if (words.size() != 3) throw std::runtime_error("expected CLIENT, HELO and MAILFROM: " + request);
  spf::Input input;
  const auto client = base::IpAddress::parse(words[0]);
  if (!client) throw std::runtime_error("no address: " + request);
  input.client = *client;
  input.helo = words[1];
  input.receiver = receiver;
  const std::string_view sender = words[2];
  const std::size_t at = sender.rfind('@');
  if (at != std::string_view::npos) input.local_part = sender.substr(0, at);
  input.domain = input.sender_domain = sender.empty() ? words[1] : sender.substr(at + 1);
  return input;
}

template <class Verdict, class Evaluator>
Verdict decide(dns::Resolver& resolver, Evaluator evaluator) {
  return dns::Inquiry<Verdict>::start(resolver, std::move(evaluator))->collect(base::SteadyTime{});
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: spf_desk ZONE RECEIVER");
  dns::ZoneResolver resolver(dns::load_zone(argv[1]));
  for (std::string request; std::getline(std::cin, request);) {
    const spf::Input input = make_input(request, argv[2]);
    const auto verdict =
        decide<spf::Verdict>(resolver, [&input](dns::View& view) { return spf::check_host(view, input, spf::Limits{}); });
    const auto explanation = decide<std::string>(resolver, [&](dns::View& view) { return spf::explain(view, input, verdict); });
    std::cout << spf::to_text(verdict.result) << '\t' << verdict.reason << '\t' << explanation << '\n';
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "spf_desk: " << error.what() << '\n';
  return 1;
}
