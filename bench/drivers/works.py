"""The works that programs are compared in: the rows of the table."""

from dataclasses import dataclass, field

from load import Mail, Traffic
from messages import INSIDE, OUTSIDE

KIB, MIB = 1024, 1024 * 1024
DNS_MS = 100  # how far away the DNS is where that matters

TO_SIGN = {"client": INSIDE, "is_signed": False}
TO_CHECK = {"client": OUTSIDE, "is_signed": True}


@dataclass(frozen=True)
class Work:
    """One row. `figure` is what counts, and what the ratio is of; more is better for msgs_per_s only."""

    name: str
    title: str
    job: str
    mail: Mail
    full: Traffic
    short: Traffic
    figure: str = "cpu_ms"
    dns_ms: int = 0
    measure: str = "run"  # which of measure.py's ways
    without: tuple = field(default=())  # programs to which it does not apply

    def traffic(self, is_short):
        return self.short if is_short else self.full


SMALL = {"full": Traffic(2000), "short": Traffic(400)}
LARGE = {"full": Traffic(160), "short": Traffic(40)}

WORKS = [
    Work("sign-2k", "sign 2 KB, RSA-2048", "sign", Mail(2 * KIB, **TO_SIGN), **SMALL),
    Work("sign-2m", "sign 2 MB, RSA-2048", "sign", Mail(2 * MIB, **TO_SIGN), **LARGE),
    Work("verify-2k", "verify 2 KB, one RSA-2048 signature, key cached", "verify", Mail(2 * KIB, **TO_CHECK), **SMALL),
    Work("verify-2m", "verify 2 MB", "verify", Mail(2 * MIB, **TO_CHECK), **LARGE),
    Work("inbound", "SPF + DKIM + DMARC, 20 KB, warm", "inbound", Mail(20 * KIB, **TO_CHECK), **SMALL),
    Work(
        "cold",
        f"the same, cold, DNS {DNS_MS} ms away, one at a time",
        "inbound",
        Mail(20 * KIB, **TO_CHECK),
        full=Traffic(20, sessions=1, is_new=True),
        short=Traffic(4, sessions=1, is_new=True),
        figure="p50_ms",
        dns_ms=DNS_MS,
        without=("floor",),
    ),
    Work(
        "inet",
        "added latency on an inet: socket, verify 2 KB, one at a time",
        "verify",
        Mail(2 * KIB, **TO_CHECK),
        full=Traffic(200, sessions=1),
        short=Traffic(40, sessions=1),
        figure="p50_ms",
        measure="added_by_inet",
    ),
    Work(
        "crowd",
        f"64 sessions, each a new domain, DNS {DNS_MS} ms away",
        "inbound",
        Mail(20 * KIB, **TO_CHECK),
        full=Traffic(1500, sessions=64, is_new=True),
        short=Traffic(640, sessions=64, is_new=True),
        figure="msgs_per_s",
        dns_ms=DNS_MS,
        without=("floor",),
    ),
] + [
    Work(
        f"rss-{sessions}",
        f"memory with {sessions} sessions in the middle of a 20 MB body" if sessions else "memory, idle",
        "verify",
        Mail(20 * MIB, **TO_CHECK),
        full=Traffic(1, sessions=sessions),
        short=Traffic(1, sessions=sessions),
        figure="rss_mib",
        measure="memory",
    )
    for sessions in (0, 64, 500)
] + [
    Work(
        f"body-{octets // KIB}k",
        f"nothing but taking a message of {octets // KIB} KB, the body in different ways",
        "body",
        Mail(octets, **TO_CHECK),
        full=Traffic(2000 if octets < MIB else 400),
        short=Traffic(400 if octets < MIB else 100),
    )
    for octets in (20 * KIB, 200 * KIB, 2 * MIB)
]
