"""Measures works: every round runs all programs one after the other, and the median of the rounds counts."""

import statistics
from dataclasses import asdict, fields, replace

from load import Figures, Loader, Traffic
from process import available_mib

WARM_UP = Traffic(24)
MEASURED_ONCE = 20  # a program that is so many times slower
MOST_OF_MEMORY = 0.75  # of what is free


class Comparison:
    """One work with the programs that can do it."""

    def __init__(self, site, work, programs, rounds, traffic):
        self._site = site
        self._work = work
        self._rounds = rounds
        self._traffic = traffic
        self._programs = [one for one in programs if work.job in one.jobs and one.name not in work.without]

    def rows(self):
        """One dict for each program, the first of them the one that the others are compared with."""
        absent = {one.name: reason for one in self._programs if (reason := self._why_absent(one))}
        here = [one for one in self._programs if one.name not in absent]
        measured = {one.name: asdict(_median(runs)) for one, runs in zip(here, self._measure(here))}
        rows = []
        for one in self._programs:
            row = {"work": self._work.name, "title": self._work.title, "figure": self._work.figure, "program": one.name}
            if one.name in absent:
                row["skipped"] = absent[one.name]
            rows.append(row | measured.get(one.name, asdict(Figures())))
        return with_ratios(rows, self._work.figure)

    def _why_absent(self, program):
        """Why it is not measured; empty: it is."""
        if program.missing():
            return f"not installed: {program.missing()}"
        wanted = program.mib_of_half_mail * self._traffic.sessions if self._work.measure == "memory" else 0
        return f"left out: it would take {wanted} MiB here" if wanted > available_mib() * MOST_OF_MEMORY else ""

    def _measure(self, programs):
        """The figures of all rounds, a list for each program."""
        self._site.dns.set_delay(self._work.dns_ms)
        way = WAYS[self._work.measure](self._site, self._work, self._traffic)
        targets = []
        runs = [[] for _ in programs]
        try:
            targets += map(way.prepare, programs)
            for number in range(way.rounds(self._rounds)):
                for program, target, done in zip(programs, targets, runs):
                    if number == 0 or program.slowness < MEASURED_ONCE:
                        done.append(way.measure(target))
        finally:
            for target in targets:
                way.stop(target)
            self._site.dns.set_delay(0)
        return runs


class Run:
    """The ordinary way: messages are sent, and what they cost is read off."""

    def __init__(self, site, work, traffic):
        self.site = site
        self.work = work
        self.traffic = traffic

    def rounds(self, wanted):
        return wanted

    def prepare(self, program, transport="unix"):
        target = program(self.site, self.work.job, transport).start()
        if not self.traffic.is_new:
            self.loader(target).send(target, fewer(WARM_UP, target.slowness))
        return target

    def loader(self, target):
        return Loader(self.site, self.work.mail, target.says[self.work.job])

    def measure(self, target):
        return self.loader(target).run(target, fewer(self.traffic, target.slowness))

    def stop(self, target):
        target.stop()


class AddedByInet(Run):
    """What a message waits longer on a TCP socket than on a Unix one."""

    def prepare(self, program):
        return [super(AddedByInet, self).prepare(program, transport) for transport in ("unix", "inet")]

    def measure(self, target):
        unix, inet = [super(AddedByInet, self).measure(one) for one in target]
        return Figures(p50_ms=inet.p50_ms - unix.p50_ms)

    def stop(self, target):
        for one in target:
            one.stop()


class Memory(Run):
    """What a fresh program takes while sessions are in the middle of a message. Once: nothing in it is by chance."""

    def rounds(self, wanted):
        return 1

    def prepare(self, program):
        return program

    def measure(self, target):
        running = target(self.site, self.work.job).start()
        try:
            return Figures(rss_mib=self._held(running))
        finally:
            running.stop()

    def _held(self, running):
        if not self.traffic.sessions:
            return running.resident_mib()
        with self.loader(running).hold(running, self.traffic.sessions):
            return running.resident_mib()

    def stop(self, target):
        pass


WAYS = {"run": Run, "added_by_inet": AddedByInet, "memory": Memory}


def fewer(traffic, slowness):
    """The same traffic for a program that is so many times slower."""
    messages = max(traffic.messages // slowness, 2)
    return replace(traffic, messages=messages, sessions=min(messages, traffic.sessions))


def with_ratios(rows, figure):
    """What the first row's figure is to each row's."""
    own = rows[0][figure] if rows else None
    for row in rows:
        row["ratio"] = own / row[figure] if own and row[figure] else None
    return rows


def _median(runs):
    def of(name):
        values = [getattr(run, name) for run in runs if getattr(run, name) is not None]
        return statistics.median(values) if values else None

    return Figures(**{one.name: of(one.name) for one in fields(Figures)})
