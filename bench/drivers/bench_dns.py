"""The DNS of the benchmark: bench_dns with a zone of ten million domains, each of which sends mail."""

import atexit
import os
import subprocess

from harness.system import TIED, program

PORT = 53  # resolv.conf knows no other
MOST_SIGNATURES = 20
MOST_LOOKUPS = 10  # of one SPF check (RFC 7208 §4.6.4)


def zone_text(key_record):
    """What every domain n0000000.example has; the client at 192.0.2.1 passes by the last term, after all was asked."""
    key = _strings(key_record)
    return f"""$TTL 86400
$ORIGIN n0000000.example.
@             TXT "v=spf1 mx include:a.n0000000.example include:b.n0000000.example -all"
@             MX  10 mx
@             A   198.51.100.8
mx            A   198.51.100.9
a             TXT "v=spf1 ip4:203.0.113.0/24 -all"
b             TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc        TXT "v=DMARC1; p=reject"
s._domainkey  TXT {key}
{_many_keys(key)}{_deep_spf()}{_wide_spf()}"""


def _many_keys(key):
    return "".join(f"s{number}._domainkey TXT {key}\n" for number in range(1, MOST_SIGNATURES + 1))


def _deep_spf():
    """d7 passes by the last of seven records, each included by the one before."""
    records = [f'd{depth} TXT "v=spf1 include:d{depth - 1}.n0000000.example -all"\n' for depth in range(1, MOST_LOOKUPS + 1)]
    return 'd0 TXT "v=spf1 ip4:192.0.2.0/24 -all"\n' + "".join(records)


def _wide_spf():
    """wide has as many names as one check may ask for."""
    names = [f"w{number}.n0000000.example" for number in range(1, MOST_LOOKUPS + 1)]
    terms = " ".join(f"include:{name}" for name in names)
    records = "".join(f'{name}. TXT "v=spf1 ip4:203.0.113.0/24 -all"\n' for name in names)
    return f"wide TXT {_strings(f'v=spf1 {terms} -all')}\n{records}"


def _strings(text):
    """A TXT record's text as character-strings of at most 255 octets."""
    return " ".join(f'"{text[at:at + 255]}"' for at in range(0, len(text), 255))


class BenchDns:
    """The running server. Its address is one of this machine's own, another for every run; port 0: any."""

    def __init__(self, folder, zone, port=PORT):
        file = folder / "zone"
        file.write_text(zone)
        self.address = f"127.53.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"
        self.resolv_conf = folder / "resolv.conf"
        self.resolv_conf.write_text(f"nameserver {self.address}\n")
        self.resolv_conf.chmod(0o644)
        command = [*TIED, program("bench/bench_dns"), str(file), "--host", self.address, "--port", str(port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.stop)
        word, _, found = self._process.stdout.readline().partition(" ")
        if word != "ready":
            raise SystemExit(f"the DNS server cannot listen on {self.address}, port {port}")
        self.server = f"{self.address}:{found.strip()}"

    def stop(self):
        self._process.stdin.close()
        self._process.wait(10)

    def set_delay(self, milliseconds):
        self._tell(f"delay {milliseconds}")

    def set_dead(self, is_dead):
        self._tell("dead" if is_dead else "alive")

    def count(self):
        """Questions since the start."""
        return int(self._ask("count"))

    def _tell(self, command):
        answer = self._ask(command)
        if answer != "ok":
            raise AssertionError(f"bench_dns: {command}: {answer}")

    def _ask(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()
