"""The messages of the benchmark: 15 fields and a body of any size, from a domain with a number (`{n}`)."""

import base64
import random

OUTSIDE = "192.0.2.1"  # a client that the senders' SPF allows
INSIDE = "127.0.0.1"  # one whose mail is signed

MOST_PROSE = 100_000  # octets; whatever is larger is a file in base64
_WORDS = """the of and to in that it is was for on with as be at by this have from or had not but what all were when we
there can an your which their said if do will each about how up out them then she many some so these would other into has
more two like him see time could no make than first been its who now people my made over did down only way find use may
water long little very after words called just where most know""".split()

_FIELDS = [
    "Return-Path: <ann@n{n}.example>",
    "Received: from mail.n{n}.example (mail.n{n}.example [192.0.2.7])\n"
    "\tby mx.n{n}.example (Postfix) with ESMTPS id 4QabcdefghzABC\n"
    "\tfor <dora@receiver.example>; Thu, 01 Oct 2026 12:00:01 +0000 (UTC)",
    "Received: from [10.0.0.5] (unknown [10.0.0.5]) by mail.n{n}.example (Postfix)\n"
    "\twith ESMTPSA id 4QabcdefghzXYZ; Thu, 01 Oct 2026 12:00:00 +0000 (UTC)",
    'From: "Ann of the office" <ann@n{n}.example>',
    "To: Dora <dora@receiver.example>",
    "Subject: The figures of the third quarter, as we said on the phone",
    "Date: Thu, 01 Oct 2026 12:00:00 +0000",
    "Message-ID: <d4c3b2a1-0000-4000-8000-0123456789ab@n{n}.example>",
    "Reply-To: Ann <ann@n{n}.example>",
    "MIME-Version: 1.0",
    "Content-Type: {type}",
    "Content-Transfer-Encoding: {encoding}",
    "Content-Language: en-US",
    "User-Agent: A mail program of some kind, version 115.3",
    "X-Office: n{n}.example/4711",
]


def compose(octets, fields=len(_FIELDS)):
    """About so many octets in all, with CRLF; fields beyond the 15 are small ones."""
    more = [f"X-Field-{number}: something that a gateway noted" for number in range(fields - len(_FIELDS))]
    header = "\n".join(_FIELDS[:fields] + more)
    is_prose = octets <= MOST_PROSE
    header = header.replace("{type}", "text/plain; charset=us-ascii" if is_prose else "application/pdf; name=figures.pdf")
    header = header.replace("{encoding}", "7bit" if is_prose else "base64")
    rest = max(octets - len(header), 1)
    body = (_prose if is_prose else _file)(rest)
    return f"{header}\n\n{body}".replace("\n", "\r\n").encode()


def _prose(octets):
    draw = random.Random(octets)
    lines, length = [], 0
    while length < octets:
        lines.append(" ".join(draw.choices(_WORDS, k=13)) + ".\n")
        length += len(lines[-1]) + 1
    return "".join(lines)


def _file(octets):
    """A period is long enough that nobody is helped by it."""
    period = base64.encodebytes(random.Random(octets).randbytes(57 * 4000)).decode()
    length = octets * 77 // 78
    return (period * (length // len(period) + 1))[: length // 77 * 77]
