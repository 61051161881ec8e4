#!/usr/bin/python3
"""/metrics and /healthz of a running daemon: counters are what was sent, and what the files that name metrics name exists."""

import http.client
import json
import re
import socket
from pathlib import Path

from harness.dns_server import DnsServer
from harness.load import load_settings
from harness.mail import compose
from harness.milter_site import SENDER, MilterSite
from harness.milter_wire import play
from harness.site import RECEIVER, STRANGERS_ADDRESS
from harness.suite import Suite, expect, expect_equal
from harness.system import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
NAMED_IN = ["dist/grafana/signet.json", "dist/prometheus/signet.rules.yml", "docs/monitoring.md"]
OUR_OWN = f"dora@{RECEIVER}".encode()
SAMPLE = re.compile(r"^(\w+(?:\{[^}]*\})?) (\S+)$", re.M)

suite = Suite()


class MetricsSite(MilterSite):
    def configurations(self):
        self.dns = DnsServer(self.zone)
        self.port = free_port()
        shared = {"dns": {"servers": [self.dns.address]}, **load_settings(self)}
        self.path = f"{self.folder}/metrics.sock"
        dead = {"servers": [f"127.0.0.1:{free_port()}"], "timeout": "100ms", "tries": 1}
        return {
            "victim": {**shared, "metrics": {"listen": f"127.0.0.1:{self.port}"}},
            "by path": {**shared, "dns": dead, "metrics": {"listen": f"unix:{self.path}", "socket-mode": "0640"}},
        }

    def ask(self, path, method="GET"):
        """The status and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def ask_by_path(self, path):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(self.path)
            client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            with client.makefile("rb") as answer:
                head, _, body = answer.read().decode().partition("\r\n\r\n")
        return int(head.split()[1]), body

    def samples(self):
        status, text = self.ask("/metrics")
        expect_equal(status, 200, text)
        return {name: float(value) for name, value in SAMPLE.findall(text)}

    def send(self, message, sender=SENDER, client=STRANGERS_ADDRESS):
        return play(self.signetd["victim"].socket, message, sender, client)

    def grown(self, action):
        """What has another value after `action`: by how much."""
        before = self.samples()
        action()
        wait_until(lambda: self.samples()["signet_sessions"] == before["signet_sessions"], "the sessions to end")
        after = self.samples()
        return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}


def some_messages(world):
    for message in [world.good] * 3 + [world.forged] * 2:
        world.send(message)
    world.send(compose(OUR_OWN.decode()), OUR_OWN, "127.0.0.1")


@suite.case("counters are what was sent, and go on across a reload")
def counted(world):
    for reloads in range(2):
        grown = world.grown(lambda: some_messages(world))
        wanted = {
            'signet_messages_total{action="accept",reason="dmarc-pass"}': 3,
            'signet_messages_total{action="reject",reason="dmarc-reject"}': 2,
            'signet_messages_total{action="accept",reason="sign-network"}': 1,
            'signet_results_total{mechanism="dkim",result="pass"}': 3,
            'signet_results_total{mechanism="dkim",result="none"}': 2,
            'signet_results_total{mechanism="dmarc",result="pass"}': 3,
            'signet_results_total{mechanism="dmarc",result="fail"}': 2,
            "signet_message_seconds_count": 6,
            "signet_message_dns_wait_seconds_count": 6,
            "signet_sessions_total": 6,
        }
        expect_equal({name: grown.get(name) for name in wanted}, wanted, f"what has grown after {reloads} reloads")
        signed = sum(value for name, value in grown.items() if name.startswith(f'signet_signatures_total{{domain="{RECEIVER}"'))
        expect(signed >= 1, f"signatures: {grown}")
        expect('reason="other"' not in "".join(grown), grown)
        world.signetd["victim"].hang_up()
        wait_until(lambda: world.samples()['signet_reloads_total{outcome="ok"}'] == reloads + 1, "a reload to be counted")


@suite.case("questions to the DNS are those that it was asked, each with an answer and a place in the histogram")
def dns_counted(world):
    samples = world.samples()
    asked = samples["signet_dns_questions_total"]
    expect(asked > 0, samples)
    answers = sum(value for name, value in samples.items() if name.startswith("signet_dns_answers_total"))
    expect_equal((answers, samples["signet_dns_latency_seconds_count"]), (asked, asked), "answers and latencies")
    expect(samples['signet_dns_cache_lookups_total{outcome="hit"}'] > 0, samples)


@suite.case("healthz is well, and says so until a reload fails; the next good one mends it")
def health(world):
    well = {"status": "ok", "dns": "ok", "keys": "ok", "draining": False}
    status, body = world.ask("/healthz")
    expect_equal((status, json.loads(body)), (200, well), "health")
    file = world.signetd["victim"].file
    good = file.read_text()
    file.write_text("mode = 1\n" + good)
    world.signetd["victim"].hang_up()
    wait_until(lambda: world.samples()["signet_last_reload_ok"] == 0, "the reload to fail")
    status, body = world.ask("/healthz")
    expect_equal((status, json.loads(body)), (503, {**well, "status": "failing", "keys": "failing"}), "health")
    file.write_text(good)
    world.signetd["victim"].hang_up()
    wait_until(lambda: world.ask("/healthz")[0] == 200, "health to come back")


@suite.case("what the DNS shows of each key that signs is a metric")
def key_states(world):
    def states():
        found = (re.match(r'signet_key_state{domain="(.*)",selector="(.*)",state="(.*)"}', name) for name in world.samples())
        return {match.groups() for match in found if match}

    wanted = {(RECEIVER, key.selector, "not-published") for key in world.keys}
    wait_until(lambda: states() == wanted, f"the watch to have looked: {states()}")


@suite.case("by a unix socket; with a dead DNS healthz fails")
def by_path(world):
    expect(Path(world.path).stat().st_mode & 0o777 == 0o640, "mode of the socket")
    status, body = world.ask_by_path("/healthz")
    expect_equal((status, json.loads(body)["dns"]), (503, "failing"), body)
    status, body = world.ask_by_path("/metrics")
    expect(status == 200 and 'signet_dns_answers_total{status="' in body, body)


@suite.case("other paths and methods are refused; HEAD has no body")
def refused(world):
    expect_equal(world.ask("/")[0], 404, "status of another path")
    expect_equal(world.ask("/metrics", "POST")[0], 405, "status of another method")
    expect_equal(world.ask("/metrics", "HEAD"), (200, ""), "HEAD")


@suite.table([(f"{name} names metrics that exist", name) for name in NAMED_IN])
def named(world, name):
    text = (ROOT / name).read_text()
    if name.endswith(".json"):
        text = " ".join(target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"])
    named_there = set(re.findall(r"\bsignet_\w+", text))
    _, page = world.ask("/metrics")
    families = set(re.findall(r"^# TYPE (\w+) ", page, re.M))
    samples = set(re.findall(r"^(\w+)", page, re.M))
    expect(named_there and named_there <= families | samples, f"not in /metrics: {named_there - families - samples}")
    if name.startswith("docs/"):
        kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", page, re.M))
        documented = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.M))
        expect_equal(documented, kinds, "the table of the page")


@suite.table([(f"{name} asks for answers of the DNS by words that they have", name) for name in NAMED_IN[:2]])
def answers_named(world, name):
    text = (ROOT / name).read_text().replace('\\"', '"')
    asked_for = {word for words in re.findall(r'\bstatus=~?"([^"]+)"', text) for word in words.split("|")}
    there = {match for sample in world.samples() for match in re.findall(r'^signet_dns_answers_total{status="([^"]+)"', sample)}
    expect_equal(len(there), 6, there)
    expect(asked_for <= there, f"not in /metrics: {asked_for - there}")


@suite.case("the alert about the DNS counts every failure, and nothing else")
def failures_named(_):
    (words,) = re.findall(r'status=~"([^"]+)"', (ROOT / "dist/prometheus/signet.rules.yml").read_text())
    expect_equal(set(words.split("|")), {"timeout", "server_failure", "malformed"}, "failures")


@suite.case("it ends cleanly")
def clean_end(world):
    world.check_clean_end()


if __name__ == "__main__":
    suite.main(MetricsSite)
