"""Our daemon as a child process: its configuration written, its log lines read."""

import atexit
import json
import signal
import subprocess
import threading

from harness.system import TIED, free_port, program, wait_until


class Signetd:
    """`settings` is the configuration as nested dicts; `milter.socket` is a free inet: port unless given."""

    def __init__(self, folder, name, settings=None):
        self.name = name
        self.file = folder / f"{name}.toml"
        settings = dict(settings or {})
        settings["milter"] = {"socket": f"inet:{free_port()}@127.0.0.1", **settings.get("milter", {})}
        self.socket = settings["milter"]["socket"]
        self.file.write_text(to_toml(settings))
        self.lines = []
        self.under = []  # a command that starts it with less than it would have: prlimit …, setpriv …
        self.passed = []  # descriptors that it gets as well
        self._process = None
        self._reader = None

    @property
    def for_postfix(self):
        """The socket as smtpd_milters wants it: Postfix has port and host the other way round."""
        kind, _, rest = self.socket.partition(":")
        if kind in ("unix", "local"):
            return f"unix:{rest}"
        port, _, host = rest.partition("@")
        return f"inet:{host}:{port}"

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        atexit.register(self.kill)
        self._process = subprocess.Popen(
            [*TIED, *self.under, program("signetd"), "--config", str(self.file)],
            stdin=subprocess.DEVNULL,
            pass_fds=self.passed,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self.lines = []
        self._reader = threading.Thread(target=self._read, args=(self._process, self.lines), daemon=True)
        self._reader.start()
        wait_until(self._is_ready, f"signetd {self.name} to be ready")
        return self

    def terminate(self):
        self._process.send_signal(signal.SIGTERM)

    def hang_up(self):
        self._process.send_signal(signal.SIGHUP)

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def wait(self, timeout=40):
        """The exit status, once it has ended and its last line is read."""
        status = self._process.wait(timeout)
        self._reader.join(timeout)
        return status

    def kill(self):
        """SIGKILL: no chance to say anything to the mail server. Safe to repeat."""
        if self.is_running():
            self._process.kill()
            self._process.wait()

    def records(self):
        """One dict for each message judged or signed so far."""
        return [parsed for parsed in map(parse_log_line, list(self.lines)) if parsed]

    def wait_for_record(self, **wanted):
        """The newest record with these values (`policy_domain="x"`; dots of keys are written as `__`)."""
        keys = {key.replace("__", "."): value for key, value in wanted.items()}

        def find():
            matches = [record for record in self.records() if all(record.get(key) == value for key, value in keys.items())]
            return matches[-1] if matches else None

        return wait_until(find, f"a log line with {keys}", timeout=10)

    def _is_ready(self):
        if not self.is_running():
            raise AssertionError(f"signetd {self.name} ended at once: {' | '.join(self.lines)}")
        return any(" ready" in line for line in self.lines)

    @staticmethod
    def _read(process, lines):
        for line in process.stderr:
            lines.append(line.rstrip("\n"))


def parse_log_line(line):
    """The key=value pairs of a message's log line; None for other lines."""
    words = dict(word.partition("=")[::2] for word in line.split(" ") if "=" in word)
    return words if "action" in words and "qid" in words else None


def to_toml(settings, table=""):
    """Nested dicts as TOML, plain values first; `rule` is the one array of tables. JSON strings are TOML strings."""
    lines = [f"{key} = {_inline(value)}" for key, value in settings.items() if not _is_table(key, value)]
    for key, value in settings.items():
        path = f"{table}.{key}".lstrip(".")
        if key == "rule":
            lines += [f"[[{path}]]\n{to_toml(rule, path)}" for rule in value]
        elif _is_table(key, value):
            lines.append(f"[{path}]\n{to_toml(value, path)}")
    return "\n".join(lines) + "\n"


def _is_table(key, value):
    return isinstance(value, dict) or key == "rule"


def _inline(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
