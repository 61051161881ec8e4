"""The DNS of the benchmark: bench_dns with a zone of ten million domains, each of which sends mail."""

import atexit
import os
import subprocess

from harness.system import TIED, program

PORT = 53  # resolv.conf knows no other


def zone_text(key_record, more=""):
    """What every domain n0000000.example has; the client at 192.0.2.1 passes by the last term, after everything was asked."""
    strings = " ".join(f'"{key_record[at:at + 255]}"' for at in range(0, len(key_record), 255))
    return f"""$TTL 86400
n0000000.example               TXT "v=spf1 mx include:a.n0000000.example include:b.n0000000.example -all"
n0000000.example               MX  10 mx.n0000000.example
n0000000.example               A   198.51.100.8
mx.n0000000.example            A   198.51.100.9
a.n0000000.example             TXT "v=spf1 ip4:203.0.113.0/24 -all"
b.n0000000.example             TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.n0000000.example        TXT "v=DMARC1; p=reject"
s._domainkey.n0000000.example  TXT {strings}
{more}"""


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
