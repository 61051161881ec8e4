"""The implementations at one table, all with one face: sign(message, header_form, body_form, key) gives a field with
its CRLF, verify(message) gives "pass" or what was wrong. Ours is one of them."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

from harness.system import program
from peers import libopendkim
from peers.libopendkim import Refused

HERE = Path(__file__).resolve().parent


# Debian 12's Mail::DKIM knows no Ed25519.
RSA_ONLY = {"Mail::DKIM"}


class ProcessDesk:
    """A program that takes many messages; dkim_desk.cpp has the protocol."""

    def __init__(self, *command):
        self._process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def sign(self, message, header_form, body_form, key):
        return self._ask(f"sign {header_form}/{body_form} {key.selector}", message)

    def verify(self, message):
        return self._ask("verify", message).decode("ascii", "backslashreplace")

    def close(self):
        self._process.communicate()
        if self._process.returncode != 0:
            raise AssertionError(f"{self._process.args[0]}: status {self._process.returncode}")

    def _ask(self, what, octets):
        self._process.stdin.write(f"{what} {len(octets)}\n".encode() + octets)
        self._process.stdin.flush()
        size = self._process.stdout.readline()
        if not size:
            raise AssertionError(f"{self._process.args}: ended with status {self._process.wait()} on {what}")
        return self._process.stdout.read(int(size))


class Dkimpy:
    """python3-dkim."""

    def __init__(self, domain, zone):
        from harness import mail  # pylint: disable=import-outside-toplevel  # it needs what may not be installed

        self._mail = mail
        self._domain = domain
        self._zone = zone

    def sign(self, message, header_form, body_form, key):
        fields = libopendkim.fields_of(message.partition(b"\r\n\r\n")[0])
        names = [field.partition(b":")[0].strip().lower() for field in fields]
        covered = [name for name in names if name not in self._mail.dkim.DKIM.SHOULD_NOT]
        forms = (header_form.encode(), body_form.encode())
        try:
            signed = self._mail.sign(message, self._domain, key, [*covered, b"from"], canonicalize=forms)
        except self._mail.dkim.DKIMException as error:
            raise Refused(str(error)) from error
        return signed[: len(signed) - len(message)]

    def verify(self, message):
        try:
            return "pass" if self._mail.dkim.DKIM(message).verify(idx=0, dnsfunc=self._zone.txt) else "fail"
        except self._mail.dkim.DKIMException as error:
            return f"fail: {error}"

    def close(self):
        pass


class OpenDkim(libopendkim.OpenDkim):
    def close(self):
        pass


def open_ours(domain, zone_file, keys):
    return ProcessDesk(program("tests/dkim_desk"), zone_file, domain, *[f"{key.selector}={key.path}" for key in keys])


def open_peers(folder, domain, zone, keys):
    """Those that are installed, by name, and the names of those that are not."""
    records = {f"{key.selector}._domainkey.{domain}": key.record() for key in keys}
    known = folder / "known-keys"
    known.write_text("".join(f"{name} {text}\n" for name, text in records.items()))
    library = libopendkim.load()
    pairs = [f"{key.selector}={key.path}" for key in keys]
    perl_desk = HERE / "mail_dkim.pl"
    makers = {
        "python3-dkim": importlib.util.find_spec("dkim") and (lambda: Dkimpy(domain, zone)),
        "Mail::DKIM": has_perl_module("Mail::DKIM") and (lambda: ProcessDesk("perl", perl_desk, known, domain, *pairs)),
        "OpenDKIM": library and (lambda: OpenDkim(library, domain, records)),
    }
    missing = [name for name, make in makers.items() if not make]
    return {name: make() for name, make in makers.items() if make}, missing


def has_perl_module(name):
    if shutil.which("perl") is None:
        return False
    return subprocess.run(["perl", f"-M{name}", "-e1"], stderr=subprocess.DEVNULL, check=False).returncode == 0
