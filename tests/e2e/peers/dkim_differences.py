"""Where an implementation is known to differ from us, and why. RFC 6376 is on our side in all of it: what stands here
was looked up, and is asserted exactly, so that a peer that is mended, or one of us who breaks something, is seen."""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Row:
    """One line of the table: a message of this shape signed in this way."""

    shape: object
    header_form: str
    body_form: str
    key: object

    def __str__(self):
        return f"{self.shape.name}, {self.header_form}/{self.body_form}, {self.key.algorithm}"


@dataclass(frozen=True)
class Difference:
    """Of several that apply to a row the first says what comes of it."""

    peer: str
    applies: Callable[[Row], bool]
    reason: str
    refuses_to_sign: bool = False

    def outcome(self, side):
        return "refused" if side == "sign" and self.refuses_to_sign else "fail"


def is_unterminated(row):
    return not row.shape.is_terminated


def ends_in_white_space(row):
    return row.shape.last_line.endswith((b" ", b"\t"))


def is_relaxed(row):
    return row.body_form == "relaxed"


DIFFERENCES = [
    Difference(
        "python3-dkim",
        lambda row: row.shape.has_blank_before_colon,
        "takes a field with white space before its colon for no field and the message for none; RFC 5322 §4.5 has such"
        " fields, and RFC 6376 §3.4.2 removes that white space",
        refuses_to_sign=True,
    ),
    Difference(
        "python3-dkim",
        lambda row: row.shape.has_bare_lf,
        "makes CRLF of a bare LF before it hashes; RFC 6376 §3.4 and §5.3 leave conversion to what stands before signing, and"
        " a line ends with CRLF only (RFC 5322 §2.3)",
    ),
    Difference(
        "python3-dkim",
        lambda row: is_relaxed(row) and is_unterminated(row) and ends_in_white_space(row),
        "keeps white space at the end of a body without a final CRLF; RFC 6376 §3.4.4 ignores it on every line, and then"
        " the line, if nothing else is on it",
    ),
    Difference(
        "Mail::DKIM",
        lambda row: not is_relaxed(row) and is_unterminated(row),
        "adds no CRLF to a body that lacks it; RFC 6376 §3.4.3 does",
    ),
    Difference(
        "OpenDKIM",
        lambda row: is_relaxed(row) and is_unterminated(row) and not ends_in_white_space(row),
        "refuses a body without a final CRLF; RFC 6376 §3.4.4 adds one",
        refuses_to_sign=True,
    ),
    Difference(
        "OpenDKIM",
        lambda row: is_relaxed(row) and ends_in_white_space(row) and row.shape.last_line.strip(b" \t") != b"",
        "does not drop white space at the end of a line that lacks its CRLF; RFC 6376 §3.4.4 ignores it on every line",
    ),
    Difference(
        "OpenDKIM",
        lambda row: is_relaxed(row) and row.shape.has_bare_cr,
        "drops a bare CR from the relaxed body; to RFC 6376 §3.4.4 it is an octet like others, as only CRLF ends a line",
    ),
    Difference(
        "OpenDKIM",
        lambda row: not is_relaxed(row) and (row.shape.has_bare_lf or row.shape.body.endswith(b"\r")),
        "does not keep a bare LF, or a CR at the very end, as it is under simple; RFC 6376 §3.4.3 changes nothing but CRLFs"
        " at the end of the body",
    ),
    Difference(
        "OpenDKIM",
        lambda row: row.header_form == "relaxed" and row.shape.has_field_with(b"\r", b"\0", b"\x0b"),
        "takes a bare CR or a vertical tab in a field for white space, and a NUL for its end; WSP is space and tab"
        " (RFC 6376 §2.8)",
    ),
]


def find(peer, row):
    """The difference that applies, or None."""
    return next((one for one in DIFFERENCES if one.peer == peer and one.applies(row)), None)
