"""The lines of docs/postfix.md, so that what the guide says is what the tests run."""

import re
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "postfix.md"
GUIDES_SOCKET = "inet:127.0.0.1:8891"


def main_settings(socket):
    """Its main.cf, with this socket in place of its own."""
    block = re.search(r"^## main.cf\n+```\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL).group(1)
    settings = dict(re.findall(r"^(\w+) = (.*)$", block, re.MULTILINE))
    assert settings["smtpd_milters"] == GUIDES_SOCKET, settings
    return {**settings, "smtpd_milters": socket}


def listeners():
    """The options of the listeners of its master.cf, in their order: one for submission without login, and one for mail that
    a content filter hands back."""
    blocks = re.findall(r"^```\n# master.cf\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return [dict(re.findall(r"^ +-o (\w+)=(.*)$", block, re.MULTILINE)) for block in blocks]
