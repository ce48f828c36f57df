"""Certificates of what `coterie check` has found, in one file."""

import gzip
import io
import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from coterie.checks.cache.sources import UnknownCodeError, fingerprint, sources
from coterie.checks.canonical import canonical
from coterie.checks.certificate.encoding import EncodingError
from coterie.checks.certificate.format import Subject
from coterie.checks.certificate.run import NoRunError
from coterie.checks.certificate.write import write
from coterie.checks.result import Exploration, Verdict
from coterie.checks.world import Values
from coterie.commands.answering import Report
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence import putting
from coterie.commands.outputs.json import own_version


class Certificates:
    """The file that certificates go to: it is put in place when the last one is written.

    Attributes:
        problems: why there is no certificate of some check.
        written: how many there are.
    """

    def __init__(
        self, file: str, names: tuple[str, ...], size: str, settings: Mapping[str, str]
    ) -> None:
        """Take what was asked for, so that somebody else can ask for the same.

        Raises: UsageMistake where the file cannot be written.
        """
        if file == "-":
            raise UsageMistake("--certificate - is no file", "Give a file: --certificate FILE.gz")
        self._file = putting.target("--certificate", file)
        self.problems: list[str] = []
        self.written = 0
        self._files = tuple(name for name in names if name.endswith(".py"))
        self._size, self._settings = size, settings
        self._out: BinaryIO | None = None
        self._name = Path()

    def add(self, report: Report, states: Sequence[Values]) -> None:
        """Write the certificate of what was found, or say why there is none.

        Attributes:
            states: every reachable state, where the exploration is complete.
        """
        found = report.exploration
        if found is None or all(each.verdict is Verdict.UNDETERMINED for each in found.findings):
            self._lack(report, "nothing is decided")
            return
        try:
            self._write(report, found, states if found.complete else None)
        except (EncodingError, NoRunError, UnknownCodeError, TypeError) as problem:
            self._lack(report, str(problem))
        except KeyboardInterrupt:
            self._lack(report, "interrupted")

    def _write(self, report: Report, found: Exploration, states: Sequence[Values] | None) -> None:
        if states is not None and found.reductions:
            self._lack(report, f"the search was smaller by {', '.join(found.reductions)}")
            return
        with self._member() as out:
            write(out, self._subject(report), found, states)
        self.written += 1

    def _subject(self, report: Report) -> Subject:
        return Subject(
            check=report.job.name,
            files=self._files,
            size=self._size,
            settings=self._settings,
            parameters=canonical(dict(report.job.parameters)),
            coterie=own_version(),
            sources=fingerprint(sources()),
        )

    @contextmanager
    def _member(self) -> Iterator[TextIO]:
        """Write one more certificate; after an error or an interrupt there is no trace of it."""
        out = self._out = self._out or self._opened()
        begin = out.tell()
        try:
            with (
                gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as packed,
                io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as text,
            ):
                yield text
        except BaseException:
            out.seek(begin)
            out.truncate()
            raise

    def _opened(self) -> BinaryIO:
        out, self._name = putting.begun(self._file)
        self._discard = weakref.finalize(self, self._name.unlink, missing_ok=True)
        return out

    def close(self) -> None:
        """Put the file in place, if anything was written.

        Raises: UsageMistake where that fails.
        """
        if self._out is None:
            return
        try:
            self._out.flush()
            os.fsync(self._out.fileno())
            self._out.close()
            if self.written:
                putting.finish(self._name, self._file)
        except OSError as error:
            raise UsageMistake(f"--certificate {self._file}: {error.strerror}", "") from error
        finally:
            self._discard()

    def _lack(self, report: Report, problem: str) -> None:
        self.problems.append(f"there is no certificate of {report.job.name}: {problem}")
