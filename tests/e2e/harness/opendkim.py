"""OpenDKIM's opinion: its filter in test mode (opendkim -t), which reads a message from a file and asks no DNS."""

import re
import subprocess
import tempfile
from pathlib import Path

from harness.mail import with_crlf


def verify(message, zone):
    """A list of (domain, algorithm, result), topmost signature first; compare harness.mail.verify."""
    keys = [(name, text) for (name, kind), texts in zone.records.items() if kind == "TXT" for text in texts]
    known = "".join(f"{name} {text}\n" for name, text in keys if "._domainkey." in name)
    shown = _run("-vvv", "Mode v\nTestPublicKeys {folder}/known\nAuthservID opendkim\n", message, known)
    pattern = r"dkim=(\w+)[^;]*? header\.d=([^ ;]+)[^;]*? header\.a=([^ ;]+)"
    return [(domain, algorithm, result == "pass") for result, domain, algorithm in re.findall(pattern, shown)]


def sign(message, domain, key, canonicalization="relaxed/relaxed", more=""):
    """The message with a signature by OpenDKIM on top; `more` are further lines of its configuration.

    Not for Ed25519 with a simple header: OpenDKIM 2.11 folds the field otherwise than it hashed it.
    """
    settings = (
        f"Mode s\nDomain {domain}\nSelector {key.selector}\nKeyFile {key.path}\nRequireSafeKeys no\n"
        f"SignatureAlgorithm {key.algorithm}-sha256\nCanonicalization {canonicalization}\nOversignHeaders From\n{more}"
    )
    shown = _run("-v", settings, message)
    signature = shown[shown.index("DKIM-Signature:") :].rstrip("\n")
    return with_crlf(signature.encode()) + b"\r\n" + message


def signatures(message, settings):
    """The tags of each signature that OpenDKIM adds by these settings, in order; none when it passes the message over."""
    try:
        shown = _run("-vvv", f"Mode s\n{settings}", message)
    except subprocess.CalledProcessError as error:
        if "mlfi_eoh() returned SMFIS_ACCEPT" in error.stderr:
            return []
        raise
    return [tags(value) for value in re.findall(r"hname='DKIM-Signature' hvalue='([^']*)'", shown)]


def tags(signature):
    """The tags of a DKIM-Signature value, white space inside values as it is."""
    pairs = (part.split("=", 1) for part in signature.split(";") if "=" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def with_final_line_end(message):
    """OpenDKIM's test mode reads lines; to DKIM the final line end changes nothing (RFC 6376 §3.4.3)."""
    return message if message.endswith(b"\n") else message + b"\r\n"


def _run(verbosity, settings, message, known=""):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "conf").write_text(settings.replace("{folder}", name))
        (folder / "known").write_text(known)
        (folder / "message").write_bytes(with_final_line_end(message).replace(b"\r\n", b"\n"))
        command = ["/usr/sbin/opendkim", "-x", f"{name}/conf", verbosity, "-t", f"{name}/message"]
        return subprocess.run(command, check=True, capture_output=True, text=True, errors="replace").stdout
