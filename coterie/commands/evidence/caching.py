"""Verdicts kept from one run to the next; in doubt, nothing is taken from there."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from coterie.checks.cache.entry import NotKeptError, as_data, exploration
from coterie.checks.cache.key import Key, code_of, key
from coterie.checks.cache.sources import Source, UnknownCodeError, newest, sources
from coterie.checks.cache.store import Store
from coterie.checks.canonical import canonical
from coterie.checks.errors import ModelError
from coterie.commands.answering import Job, Report
from coterie.commands.running import Limits, world_of

HARMLESS = {"workers", "max_states", "max_seconds", "max_depth", "keeping"}
INCIDENTAL = {"seconds", "python_calls", "row_bytes", "memo"}


class Cache:
    """The kept verdicts, as one command uses them.

    Attributes:
        warnings: why entries were not used, or not kept.
        differences: where an entry said something else than the exploration did.
    """

    def __init__(self, folder: Path, options: Mapping[str, str]) -> None:
        self.warnings: list[str] = []
        self.differences: list[str] = []
        self._store = Store(folder)
        self._options = options
        self._begun = time.time()
        self._files: Sequence[Source] | None = None
        self._code: dict[str, str] = {}

    def found(self, job: Job, limits: Limits) -> Report | None:
        """Return the kept answer to `job`; None where there is none, or none to be believed."""
        wanted = self._key(job, limits)
        try:
            data = self._store.get(wanted) if wanted else None
            if data is None:
                return None
            kept = exploration(world_of(job), job.selection.claims, data)
        except (NotKeptError, ModelError) as problem:
            self._warn(f"the entry of {job.name} is not used: {problem}")
            return None
        return Report(job, kept, cached=True)

    def keep(self, report: Report, limits: Limits) -> None:
        """Keep the answers, if they are whole and no source has changed meanwhile."""
        wanted = self._key(report.job, limits)
        if wanted is None or report.exploration is None or report.stopped:
            return
        try:
            self._store.put(wanted, as_data(report.exploration), self._late())
        except (NotKeptError, UnknownCodeError) as problem:
            self._warn(f"nothing is kept of {report.job.name}: {problem}")

    def compare(self, kept: Report, report: Report, limits: Limits) -> None:
        """Hold a kept answer against the one just found; set it aside where they differ."""
        wanted = self._key(report.job, limits)
        if wanted is None or kept.exploration is None or report.stopped:
            return
        differences = _differences(kept, report)
        if differences:
            aside = self._store.set_aside(wanted)
            words = "".join(f"\n  {each}" for each in differences)
            self.differences.append(f"{report.job.name}: {aside} says otherwise:{words}")

    def _key(self, job: Job, limits: Limits) -> Key | None:
        check, claims = job.selection.check, job.selection.claims
        try:
            if self._files is None:
                self._files, self._code = _code(self._begun)
            options = {**self._options, **_telling(limits)}
            return key(check, claims, job.parameters, options, self._code)
        except (UnknownCodeError, TypeError) as problem:
            self._warn(f"it is not used: {problem}")
            return None

    def _late(self) -> list[Source]:
        """Return the files that were imported while exploring.

        Raises: NotKeptError where one has changed since this command began.
        """
        before, now = set(self._files or ()), sources()
        if before - set(now) or newest(now) >= self._begun:
            raise NotKeptError("a source file has changed meanwhile")
        return [each for each in now if each not in before]

    def _warn(self, words: str) -> None:
        if words not in self.warnings:
            self.warnings.append(words)


def _code(begun: float) -> tuple[Sequence[Source], dict[str, str]]:
    files = sources()
    if newest(files) >= begun:
        raise UnknownCodeError("a source file has changed since this command began")
    return files, code_of(files)


def _telling(limits: Limits) -> dict[str, str]:
    """Return the limits that change what is found, rather than whether something is."""
    values = {a.name: getattr(limits, a.name) for a in attrs.fields(Limits)}
    return {name: canonical(value) for name, value in values.items() if name not in HARMLESS}


def _differences(kept: Report, report: Report) -> list[str]:
    if report.exploration is None:
        return [f"exploring again ends in an error: {report.error}"]
    assert kept.exploration is not None
    was, now = as_data(kept.exploration), as_data(report.exploration)
    return [
        f"{name}: {_short(was.get(name))} there, {_short(now[name])} now"
        for name in now
        if name not in INCIDENTAL and was.get(name) != now[name]
    ]


def _short(value: Any) -> str:
    if not isinstance(value, list):
        return repr(value)
    return ", ".join(f"{each['property']} {each['verdict']} {each['run']}" for each in value)
