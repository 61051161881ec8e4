"""Messages: composing them, signing them as somebody else's server would, and reading what arrived."""

import email
import email.policy
import itertools
import logging
import re

import dkim

logging.getLogger("dkimpy").setLevel(logging.CRITICAL)  # a signature that fails is an answer, not a complaint

message_numbers = itertools.count(1)
SIGNED_FIELDS = [b"from", b"to", b"subject", b"date", b"message-id"]


def compose(author, recipient="someone@receiver.example", subject="Hello", fields=(), body="Hello!\r\n"):
    """A message as octets with CRLF. `author` is the whole From value, or None for no From field; `fields` go on top."""
    lines = [f"{name}: {value}" for name, value in fields]
    if author is not None:
        lines.append(f"From: {author}")
    lines += [
        f"To: {recipient}",
        f"Subject: {subject}",
        "Date: Thu, 01 Oct 2026 12:00:00 +0000",
        f"Message-ID: <{next(message_numbers)}@client.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
    ]
    octets = body if isinstance(body, bytes) else body.encode()
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + octets


def sign(message, domain, key, fields=SIGNED_FIELDS, **options):
    """The message with a signature by python3-dkim on top."""
    options.setdefault("canonicalize", (b"relaxed", b"relaxed"))
    algorithm = b"ed25519-sha256" if key.algorithm == "ed25519" else b"rsa-sha256"
    signature = dkim.sign(
        message,
        key.selector.encode(),
        domain.encode(),
        key.for_python_dkim(),
        include_headers=list(fields),
        signature_algorithm=algorithm,
        **options,
    )
    return signature + message


def verify(message, zone):
    """What python3-dkim says of each signature, topmost first: a list of (domain, algorithm, is good)."""
    message = with_crlf(message)
    checker = dkim.DKIM(message)
    count = sum(1 for name, _ in checker.headers if name.lower() == b"dkim-signature")
    found = []
    for index in range(count):
        verifier = dkim.DKIM(message)
        try:
            good = verifier.verify(idx=index, dnsfunc=zone.txt)
        except dkim.ValidationError:  # how it says that the body is another
            good = False
        found.append((verifier.signature_fields[b"d"].decode(), verifier.signature_fields[b"a"].decode(), good))
    return found


def with_crlf(octets):
    return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class Arrived:
    """A delivered or held message: its octets as stored (LF), and its fields."""

    def __init__(self, octets):
        self.octets = octets
        self._parsed = email.message_from_bytes(octets, policy=email.policy.compat32)

    def fields(self, name):
        """All values of this name from the top, unfolded."""
        return [" ".join(str(value).split()) for value in self._parsed.get_all(name, [])]

    @property
    def names(self):
        return [name.lower() for name in self._parsed.keys()]

    @property
    def body(self):
        return self.octets.partition(b"\n\n")[2]

    @property
    def results(self):
        """The topmost Authentication-Results field, or an empty text."""
        return (self.fields("Authentication-Results") or [""])[0]

    def verdicts(self, method):
        """What the topmost Authentication-Results says of a method: a list, as there may be several signatures."""
        return re.findall(rf"; {method}=([a-z]+)", self.results)
