"""Shapes of messages: what the fields and the body of one may look like to a canonicalization. RFC 6376 §3.4."""

import re
from dataclasses import dataclass

AUTHOR = b"From: Ann <ann@strict.example>"
PLAIN_FIELDS = [b"To: someone@receiver.example", b"Subject: Hello", b"Date: Thu, 01 Oct 2026 12:00:00 +0000"]
PLAIN_BODY = b"Hello!\r\n"


@dataclass(frozen=True)
class Shape:
    """A message but for its From field. Line ends are CRLF; other CRs and LFs are meant."""

    name: str
    fields: tuple
    body: bytes

    @property
    def octets(self):
        return b"\r\n".join([AUTHOR, *self.fields]) + b"\r\n\r\n" + self.body

    @property
    def is_terminated(self):
        """Whether the body is empty or ends as SMTP would have it end."""
        return not self.body or self.body.endswith(b"\r\n")

    @property
    def last_line(self):
        """What follows the last CRLF of the body."""
        return self.body.rpartition(b"\r\n")[2]

    @property
    def has_bare_lf(self):
        return b"\n" in self.body.replace(b"\r\n", b"")

    @property
    def has_bare_cr(self):
        """In the body, but for CRs that stand right before a CRLF."""
        return re.search(rb"\r(?![\r\n])", self.body) is not None

    @property
    def has_blank_before_colon(self):
        return any(field.partition(b":")[0].endswith((b" ", b"\t")) for field in self.fields)

    def has_field_with(self, *octets):
        return any(one in field.replace(b"\r\n", b"") for field in self.fields for one in octets)


def with_body(name, body):
    return Shape(name, tuple(PLAIN_FIELDS), body)


def with_fields(name, *fields):
    return Shape(name, (*PLAIN_FIELDS, *fields), PLAIN_BODY)


SHAPES = [
    with_body("plain", PLAIN_BODY),
    with_body("empty body", b""),
    with_body("one blank line", b"\r\n"),
    with_body("only blank lines", b"\r\n\r\n\r\n"),
    with_body("only white space", b" "),
    with_body("only white space and blank lines", b" \t\r\n\t \r\n\r\n"),
    with_body("no final newline", b"one\r\ntwo"),
    with_body("no final newline after white space", b"one\r\ntwo \t"),
    with_body("no final newline after blank lines", b"one\r\n\r\n\r\n "),
    with_body("blank lines first and last", b"\r\n\r\none\r\n\r\n\r\ntwo\r\n\r\n\r\n"),
    with_body("trailing blanks", b"one \r\ntwo\t\r\nthree \t \r\n"),
    with_body("lines of white space alone", b"one\r\n \t\r\ntwo\r\n  \r\n\r\n"),
    with_body("tabs and runs of blanks", b"\tone\t\ttwo   three \t four\r\n  five\r\n"),
    with_body("8-bit body", "Grüße\r\n".encode() + b"\xfc\xff\x80 \xa0\r\n\xa0\r\n"),
    with_body("dot lines", b".\r\n..\r\n.one\r\n. \r\n"),
    with_body("a line of 998 octets", b"x" * 998 + b"\r\n"),
    with_body("lines longer than 998 octets", b"y" * 999 + b"\r\n" + b"z " * 40000 + b"\r\n"),
    with_body("many lines", b"a line of text \r\n" * 20000),
    with_body("bare CR in the body", b"one\rtwo\r\n"),
    with_body("bare CR after white space", b"one \r two\r\n"),
    with_body("bare CR at the end", b"one\r\ntwo\r"),
    with_body("CR before CRLF", b"one\r\r\ntwo\r\r\r\n"),
    with_body("bare LF in the body", b"one\ntwo\r\n"),
    with_body("bare LF after white space", b"one \n\ttwo\r\n"),
    with_body("bare LFs at the end", b"one\r\ntwo\n\n"),
    with_body("LF CR", b"one\n\rtwo\r\n"),
    with_body("NUL in the body", b"one\0two\r\n\0\r\n"),
    with_body("vertical tab and form feed", b"one \x0b two \x0c\r\n\x0b\r\n\x0c\r\n"),
    with_fields("folded fields", b"References: <1@x>\r\n <2@x>\r\n\t<3@x>", b"X-Keywords:\r\n one,\r\n  two"),
    with_fields("folds with trailing blanks", b"X-Folded: one \r\n two\t\r\n\tthree \t "),
    with_fields("a fold of white space alone", b"X-Folded: one\r\n \r\n two"),
    with_fields("tabs and runs of blanks in fields", b"X-Tabs:\tone\t\ttwo   three \t four\t"),
    with_fields("no blank after the colon", b"X-Tight:value", b"X-Wide:    value"),
    with_fields("blank before the colon", b"X-Before : value"),
    with_fields("names in mixed case", b"x-LOWER: a", b"X-UPPER: B", b"x-mixed-Case: c"),
    with_fields("repeated fields", b"X-Many: one", b"X-Other: between", b"X-Many: two", b"x-many: three"),
    with_fields("fields with no value", b"X-Empty:", b"X-Blank: ", b"X-Tab:\t", b"Subject:"),
    with_fields("8-bit fields", "X-Umlaut: Grüße".encode(), b"X-Latin: \xfc\xff\xa0"),
    with_fields("long fields", b"X-Long: " + b"v" * 998, b"X-Longer: " + b"w " * 2000),
    with_fields("a long fold", b"List-Unsubscribe: <https://x.test/" + b"u" * 990 + b">,\r\n <mailto:" + b"m" * 500 + b"@x.test>"),
    with_fields("a value with colons", b"X-Colons: a:b: c :d", b"X-Semicolons: ;; b=c; h=d"),
    with_fields("bare CR in a field", b"X-Return: one\rtwo"),
    with_fields("NUL in a field", b"X-Nul: one\0two"),
    with_fields("vertical tab in a field", b"X-Odd: one \x0b two"),
    with_fields("another signature below", b"DKIM-Signature: v=1; a=rsa-sha256; d=other.example; s=x; h=from; bh=eA==; b=eA=="),
]
