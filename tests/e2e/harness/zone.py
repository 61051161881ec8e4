"""The world's DNS, as far as the tests need one: written as signetd's zone file, or served by dns_server.py."""

from collections import defaultdict

TEXT_OCTETS = 255  # of one character-string (RFC 1035 §3.3)


class DnsZone:
    """Names and their records; every name that is not here does not exist."""

    def __init__(self):
        self.records = defaultdict(list)  # (name, type) -> texts as a zone file has them
        self.failures = {}  # (name, type) -> "timeout" or "servfail"

    def add(self, name, kind, data):
        """Adds one record. TXT data is plain text of any length."""
        self.records[self.key(name, kind)].append(data)

    def fail(self, name, kind, how="servfail"):
        """Lets the question for this name and type fail: "servfail" or "timeout"."""
        self.failures[self.key(name, kind)] = how

    def add_sender(self, domain, spf=None, dmarc=None, keys=()):
        """A domain that sends mail: an address, and whichever of the three records it has."""
        self.add(domain, "A", "192.0.2.80")
        if spf:
            self.add(domain, "TXT", spf)
        if dmarc:
            self.add(f"_dmarc.{domain}", "TXT", dmarc)
        for key in keys:
            self.add(f"{key.selector}._domainkey.{domain}", "TXT", key.record())

    def find(self, name, kind):
        return self.records.get(self.key(name, kind), [])

    def exists(self, name):
        """Whether the name or one below it has records (RFC 8020)."""
        name = self.key(name, "")[0]
        return any(owner == name or owner.endswith("." + name) for owner, _ in self.records)

    def txt(self, name, timeout=5):
        """The lookup that python3-dkim is given."""
        found = self.find(name.decode() if isinstance(name, bytes) else name, "TXT")
        return found[0].encode() if found else None

    def write(self, path):
        """Saves the zone in RFC 1035 form, with our directive $FAIL."""
        lines = ["$TTL 300"]
        for (name, kind), texts in self.records.items():
            lines += [f"{name}. {kind} {quoted(text) if kind == 'TXT' else text}" for text in texts]
        lines += [f"$FAIL {name}. {kind} {how}" for (name, kind), how in self.failures.items()]
        path.write_text("\n".join(lines) + "\n")
        return path

    @staticmethod
    def key(name, kind):
        return name.lower().rstrip("."), kind


def strings_of(text):
    """Splits a TXT value into character-strings."""
    octets = text.encode()
    return [octets[at : at + TEXT_OCTETS] for at in range(0, len(octets), TEXT_OCTETS)] or [b""]


def quoted(text):
    escaped = (part.decode().replace("\\", "\\\\").replace('"', '\\"') for part in strings_of(text))
    return " ".join(f'"{part}"' for part in escaped)
