"""The messages of the benchmark: 15 fields and a body of any size, from a domain with a number (`{n}`)."""

import base64
import random

OUTSIDE = "192.0.2.1"  # a client that the senders' SPF allows
INSIDE = "127.0.0.1"  # one whose mail is signed
LINE_OCTETS = 76

_FIELDS = """\
Return-Path: <ann@n{n}.example>
Received: from mail.n{n}.example (mail.n{n}.example [192.0.2.7])
\tby mx.n{n}.example (Postfix) with ESMTPS id 4QabcdefghzABC
\tfor <dora@receiver.example>; Thu, 01 Oct 2026 12:00:01 +0000 (UTC)
Received: from [10.0.0.5] (unknown [10.0.0.5]) by mail.n{n}.example (Postfix)
\twith ESMTPSA id 4QabcdefghzXYZ; Thu, 01 Oct 2026 12:00:00 +0000 (UTC)
From: "Ann of the office" <ann@n{n}.example>
To: Dora <dora@receiver.example>
Subject: The figures of the third quarter, as we said on the phone
Date: Thu, 01 Oct 2026 12:00:00 +0000
Message-ID: <d4c3b2a1-0000-4000-8000-0123456789ab@n{n}.example>
Reply-To: Ann <ann@n{n}.example>
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64
Content-Language: en-US
User-Agent: A mail program of some kind, version 115.3
X-Office: n{n}.example/4711
"""


def compose(octets, fields=15):
    """About so many octets in all, with CRLF; fields beyond the 15 are small ones."""
    header = _FIELDS + "".join(f"X-Field-{number}: something that a gateway noted\n" for number in range(fields - 15))
    rest = max(octets - len(header), LINE_OCTETS)
    lines = rest // (LINE_OCTETS + 2) or 1
    noise = base64.b64encode(random.Random(lines).randbytes(min(lines, 4000) * LINE_OCTETS * 3 // 4)).decode()
    rows = [noise[at : at + LINE_OCTETS] for at in range(0, len(noise), LINE_OCTETS)]
    body = "\n".join(rows[number % len(rows)] for number in range(lines))
    return f"{header}\n{body}\n".replace("\n", "\r\n").encode()
