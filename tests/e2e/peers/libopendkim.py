"""OpenDKIM's library, the one its filter uses, called directly: its filter's own test mode knows no bare CR or LF."""

import ctypes
import ctypes.util

OK = 0
CANONICALIZATIONS = {"simple": 0, "relaxed": 1}
ALGORITHMS = {"rsa": 1, "ed25519": 2}
FOUND, NOT_FOUND = 0, 3  # what a key lookup answers
OVERSIGNED, SET_OPTION = 5, 1
WHOLE_BODY = -1
# For Ed25519 the library folds b= otherwise in the field than in what it hashed, which only a relaxed header forgives:
# its filter's signatures with a simple one verify nowhere, nor with itself. Without folds they are right.
UNFOLDED = 0
SIGNATURE_OCTETS = 16384

KeyLookup = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
POINTERS = ("dkim_init", "dkim_sign", "dkim_verify", "dkim_sig_getselector", "dkim_sig_getdomain")
TEXTS = ("dkim_geterror", "dkim_getresultstr", "dkim_sig_geterrorstr")


def load():
    """The library with its functions typed; None where it is not installed."""
    name = ctypes.util.find_library("opendkim")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    for function in POINTERS:
        getattr(library, function).restype = ctypes.c_void_p
    for function in TEXTS:
        getattr(library, function).restype = ctypes.c_char_p
    return library


class Refused(Exception):
    """An implementation would not sign, or verify, a message at all."""


class OpenDkim:
    """Signs and verifies; `keys` by name of their record, as the DNS would have them."""

    def __init__(self, library, domain, records):
        self._library = library
        self._domain = domain.encode()
        self._records = {name: text.encode() for name, text in records.items()}
        self._session = ctypes.c_void_p(library.dkim_init(None, None))
        self._lookup = KeyLookup(self._find_key)  # the library keeps no reference to it
        library.dkim_set_key_lookup(self._session, self._lookup)
        oversigned = (ctypes.c_char_p * 2)(b"From", None)
        pointer_octets = ctypes.c_size_t(ctypes.sizeof(ctypes.c_void_p))
        library.dkim_options(self._session, SET_OPTION, OVERSIGNED, oversigned, pointer_octets)

    def sign(self, message, header_form, body_form, key):
        """A DKIM-Signature field with its CRLF, over every field there is and one From more."""
        status = ctypes.c_int()
        secret = ctypes.create_string_buffer(key.path.read_bytes())
        handle = self._library.dkim_sign(
            self._session,
            b"test",
            None,
            secret,
            key.selector.encode(),
            self._domain,
            CANONICALIZATIONS[header_form],
            CANONICALIZATIONS[body_form],
            ALGORITHMS[key.algorithm],
            ctypes.c_ssize_t(WHOLE_BODY),
            ctypes.byref(status),
        )
        if not handle:
            raise Refused(f"dkim_sign: {self._text_of(status.value)}")
        handle = ctypes.c_void_p(handle)
        if key.algorithm == "ed25519" and header_form == "simple":
            self._library.dkim_set_margin(handle, UNFOLDED)
        try:
            self._feed(handle, message)
            value = ctypes.create_string_buffer(SIGNATURE_OCTETS)
            self._check(handle, self._library.dkim_getsighdr(handle, value, SIGNATURE_OCTETS, len("DKIM-Signature: ")))
            return b"DKIM-Signature: " + value.value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"
        finally:
            self._library.dkim_free(handle)

    def verify(self, message):
        """ "pass", or what went wrong with the topmost signature."""
        status = ctypes.c_int()
        handle = ctypes.c_void_p(self._library.dkim_verify(self._session, b"test", None, ctypes.byref(status)))
        try:
            self._feed(handle, message)
        except Refused as error:
            return f"fail: {error}"
        else:
            return "pass"
        finally:
            self._library.dkim_free(handle)

    def _feed(self, handle, message):
        header, _, body = message.partition(b"\r\n\r\n")
        for field in fields_of(header):
            self._check(handle, self._library.dkim_header(handle, field, ctypes.c_size_t(len(field))))
        self._check(handle, self._library.dkim_eoh(handle))
        self._check(handle, self._library.dkim_body(handle, body, ctypes.c_size_t(len(body))))
        self._check(handle, self._library.dkim_eom(handle, None))

    def _check(self, handle, status):
        if status != OK:
            said = self._library.dkim_geterror(handle) or b""
            raise Refused(said.decode() or self._text_of(status))

    def _text_of(self, status):
        return (self._library.dkim_getresultstr(status) or b"?").decode()

    def _find_key(self, _, signature, buffer, size):
        selector = ctypes.string_at(self._library.dkim_sig_getselector(ctypes.c_void_p(signature))).decode()
        domain = ctypes.string_at(self._library.dkim_sig_getdomain(ctypes.c_void_p(signature))).decode()
        record = self._records.get(f"{selector}._domainkey.{domain}")
        if record is None or len(record) >= size:
            return NOT_FOUND
        ctypes.memmove(buffer, record + b"\0", len(record) + 1)
        return FOUND


def fields_of(header):
    """The fields of a header, folds kept, without their last CRLF."""
    fields = []
    for line in header.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += b"\r\n" + line
        else:
            fields.append(line)
    return fields
