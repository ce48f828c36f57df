"""Reads the examples of a page, and does in an empty folder what a reader would do.

A block of Python with a caption is a file; the caption says what to do with it:

    election.py                           write the file
    election.py: instead of the old ones  put each class or function where its namesake stands
    election.py, in Member: instead of the old ones    the same for the methods of a class
    election.py, at the end               append it

One without a caption is a program, which is run. A block of `console` is what a terminal shows:
each line that begins with `$ ` is a command, and what follows is its output. Classes say more:
`background` is another terminal, in which the command goes on until `^C`; `until` is to be repeated
until it shows what the page shows; `by-hand` is not done here, and listed in `test_examples.py`.
"""

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Collection
from itertools import permutations
from pathlib import Path

from attrs import define, field, frozen

PATIENCE_SECONDS = 240
"""How long anything may take on a machine that has much else to do."""

_FENCE = re.compile(
    r"^(?P<fence>`{3,})(?:\{code-block\} *)?(?P<language>console|python)\n"
    r"(?P<options>(?::[a-z-]+:[^\n]*\n)*)\n?(?P<body>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
_CAPTION = re.compile(r"(?P<file>[\w/.-]+)(?:, in (?P<inside>\w+))?(?P<how>[:,] .*)?$")


@frozen
class Block:
    """An example.

    Attributes:
        language: `console` or `python`.
        body: what it shows.
        options: as `caption` and `class`.
        span: where its body stands in the page.
    """

    language: str
    body: str
    options: dict[str, str]
    span: tuple[int, int]

    def has(self, kind: str) -> bool:
        """Whether it is of that class."""
        return kind in self.options.get("class", "").split()


def blocks(text: str) -> list[Block]:
    """Return the examples of a page, in order."""
    return [
        Block(
            found["language"],
            found["body"],
            dict(re.findall(r"^:([a-z-]+): *\"?(.*?)\"?$", found["options"], re.MULTILINE)),
            found.span("body"),
        )
        for found in _FENCE.finditer(text)
    ]


def commands(body: str) -> list[tuple[str, str]]:
    """Return each command of a terminal, with the output that is shown."""
    parts = re.split(r"^(?:\$ (.*)|(\^C))\n", body, flags=re.MULTILINE)
    assert not parts[0].strip(), f"output without a command: {parts[0]!r}"
    return [(parts[at] or parts[at + 1], parts[at + 2]) for at in range(1, len(parts), 3)]


# What the page may show otherwise than a reader gets it.

_CHANGING = (
    # A row of a table of verdicts: seconds, states a second, calls of Python.
    (r"^( +(?:\w+ +)?(?:holds|VIOLATED|refuted,|undetermined) +\S+ +\S+ +\d+) .*$", r"\1"),
    (r"^( +.* (?:proved|refuted) +(?:\d+/\d+ +)?)[\d.]+$", r"\1"),
    (r"\b[\d.,]+ ?(seconds|s\b|a second)", r"N \1"),
    (r"[\d,]+ (steps taken again|messages between|lost)", r"N \1"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\bprocess \d+", "process N"),
    (r"[ \t]+", " "),
    (r" $", ""),
)
"""Times, ports, numbers of processes, how much was done in which time, and the width of columns."""


def normal(text: str) -> list[str]:
    """Return the lines of an output without what differs from one time to the next."""
    for pattern, instead in _CHANGING:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    return [line for line in text.strip().splitlines() if line.strip()]


def alike(said: str, shown: str, names: dict[str, str]) -> bool:
    """Return whether an output is what is shown, but for what may differ.

    Attributes:
        names: how the servers are called on the page; then it matters not in which order they come.
    """
    if not names:
        return normal(said) == normal(shown)
    if "journals of" not in shown:
        return False
    said = renamed(said, names)
    one, other = (" ".join(normal(text)).replace(",", "").split() for text in (said, shown))
    return sorted(one) == sorted(other)


def _rows(text: str, known: Collection[str]) -> list[str]:
    """Return what is said of each server; a process that was never seen before is a new one."""
    age = {True: "that was there", False: "that is new"}
    text = re.sub(r"process (\d+)", lambda found: f"process {age[found[1] in known]}", text)
    return sorted(re.sub(r"\bterm \d+", "term N", line) for line in normal(text))


def renamings() -> list[dict[str, str]]:
    """Return the ways to call three servers: who leads is a matter of chance."""
    names = ("server0", "server1", "server2")
    return [dict(zip(names, order, strict=True)) for order in permutations(names)]


def renamed(text: str, names: dict[str, str]) -> str:
    """Return the text with other names of servers."""
    return re.sub(r"server[012]", lambda found: names[found[0]], text)


@define
class Walk:
    """A reader who copies each example of a page.

    Attributes:
        folder: where; empty at first.
        python: the interpreter; the commands are those that are installed beside it.
        processes: the numbers of processes on the page, and those here.
        shown: the output of each command, in order.
    """

    folder: Path
    python: Path = Path(sys.executable)
    processes: dict[str, str] = field(factory=dict)
    shown: list[tuple[Block, list[tuple[str, str]]]] = field(factory=list)
    _background: "subprocess.Popen[str] | None" = None
    _said: Path | None = None

    def follow(self, text: str, *, compare: bool = True) -> None:
        """Do what the page says.

        Raises: AssertionError where something else comes out than it shows, if it is compared.
        """
        try:
            for block in blocks(text):
                if not block.has("by-hand"):
                    self._follow(block, compare=compare)
        finally:
            if self._background is not None:
                os.killpg(self._background.pid, signal.SIGTERM)
                self._background.wait(PATIENCE_SECONDS)

    def _follow(self, block: Block, *, compare: bool) -> None:
        if block.language == "python":
            self._write(block)
            return
        outputs = []
        for command, shown in commands(block.body):
            outputs.append((command, self._output(block, command, shown, compare=compare)))
        self.shown.append((block, outputs))

    # Files.

    def _write(self, block: Block) -> None:
        if "caption" not in block.options:
            code, said = self._run([str(self.python), "-c", block.body])
            assert code == 0, said
            return
        caption = _CAPTION.match(block.options["caption"])
        assert caption is not None, block.options
        path = self.folder / caption["file"]
        how = (caption["how"] or "").strip(" :,")
        if not how:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
        elif how == "at the end":
            path.write_text(path.read_text(encoding="utf-8") + block.body, encoding="utf-8")
        else:
            before = path.read_text(encoding="utf-8")
            path.write_text(replaced(before, block.body, caption["inside"]), encoding="utf-8")

    # Commands.

    def _output(self, block: Block, command: str, shown: str, *, compare: bool) -> str:
        if command == "^C":
            return self._ended(shown, compare=compare)
        if block.has("background"):
            return self._started(command, shown, compare=compare)
        until, compare = time.monotonic() + PATIENCE_SECONDS, compare or block.has("until")
        while True:
            _, said = self._run(["bash", "-c", self._here(command)])
            wrong = self._difference(block, said, shown) if compare else ""
            if not wrong:
                return said
            assert block.has("until"), f"$ {command}\n{wrong}"
            assert time.monotonic() < until, f"$ {command}\n{wrong}"
            time.sleep(0.2)

    def _difference(self, block: Block, said: str, shown: str) -> str:
        """Return how an output differs from what is shown; nothing where it does not."""
        if block.has("until"):
            own = set(self.processes.values())
            expected = _rows(shown, self.processes.keys())
            for names in renamings():
                here = renamed(said, {own: page for page, own in names.items()})
                if _rows(here, own) == expected:
                    self._bind(here, shown)
                    return ""
        elif any(alike(said, shown, names) for names in [{}, *renamings()]):
            return ""
        return f"shown on the page:\n{shown}\nbut it is:\n{said}"

    def _bind(self, here: str, shown: str) -> None:
        """Remember which processes these are."""
        pattern = r"^(server\d) .*process (\d+)$"
        own, page = (dict(re.findall(pattern, text, re.MULTILINE)) for text in (here, shown))
        self.processes |= {page[each]: own[each] for each in page}

    def _here(self, command: str) -> str:
        """Return a command with the number that a process has here."""
        if command.startswith("kill "):
            return re.sub(r"\d{2,}$", lambda found: self.processes[found[0]], command)
        return command

    def _run(self, command: list[str]) -> tuple[int, str]:
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=environment(self.python),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_SECONDS,
            check=False,
            text=True,
        )
        return ended.returncode, ended.stdout

    # The other terminal.

    def _started(self, command: str, shown: str, *, compare: bool) -> str:
        self._said = self.folder / ".terminal"
        with self._said.open("w", encoding="utf-8") as out:
            self._background = subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=environment(self.python) | {"PYTHONUNBUFFERED": "1"},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )
        first = shown.strip().splitlines()[0] if compare else ""
        self._wait_for(first)
        return self._said.read_text(encoding="utf-8")

    def _wait_for(self, line: str) -> None:
        assert self._background is not None
        assert self._said is not None
        until = time.monotonic() + PATIENCE_SECONDS
        while line not in (said := self._said.read_text(encoding="utf-8")):
            assert self._background.poll() is None, said
            assert time.monotonic() < until, said
            time.sleep(0.1)

    def _ended(self, shown: str, *, compare: bool) -> str:
        assert self._background is not None
        assert self._said is not None
        os.killpg(self._background.pid, signal.SIGINT)
        code = self._background.wait(PATIENCE_SECONDS)
        said = self._said.read_text(encoding="utf-8")
        self._background = None
        if compare:
            assert code == 0, said
            for line in shown.strip().splitlines():
                assert line in said, said
        return shown


def environment(python: Path) -> dict[str, str]:
    """Return what a reader's terminal knows: the commands beside `python`, and 80 columns."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    return kept | {"PATH": path, "COLUMNS": "80", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


# Replacing.


def replaced(text: str, instead: str, inside: str | None) -> str:
    """Return a file in which definitions stand in the place of those of the same name.

    A definition that is new stands beside those that it stands beside in `instead`.
    """
    new = definitions(textwrap.dedent(instead))
    for name, source in new.items():
        lines, known = text.splitlines(), placed(text, inside)
        shown = textwrap.indent(source, "    ") if inside else source
        gap = [""] if inside else ["", ""]
        if name in known:
            start, end = known[name]
            lines[start:end] = [shown]
        elif before := [each for each in list(new)[: list(new).index(name)] if each in known]:
            end = known[before[-1]][1]
            lines[end:end] = [*gap, shown]
        else:
            start = min(known[each][0] for each in new if each in known)
            lines[start:start] = [shown, *gap]
        text = "\n".join([*lines, ""])
    return text


def definitions(text: str) -> dict[str, str]:
    """Return the source of each definition at the top level, by its name."""
    lines = text.splitlines()
    return {name: "\n".join(lines[start:end]) for name, (start, end) in placed(text, None).items()}


def placed(text: str, inside: str | None) -> dict[str, tuple[int, int]]:
    """Return the lines of each definition, at the top level or inside a class."""
    body = ast.parse(text).body
    if inside:
        (body,) = (each.body for each in body if getattr(each, "name", None) == inside)
    found = {}
    for each in body:
        name = getattr(each, "name", None)
        if isinstance(each, ast.Assign):
            name = ast.unparse(each.targets[0])
        if name is None:
            continue
        decorated = getattr(each, "decorator_list", [])
        start = min([each.lineno, *(one.lineno for one in decorated)]) - 1
        found[name] = (start, each.end_lineno or each.lineno)
    return found


# Pages that are written anew.


def rewritten(page: Path, folder: Path) -> str:
    """Return a page with the outputs that its commands have now."""
    text = page.read_text(encoding="utf-8")
    walk = Walk(folder)
    walk.follow(text, compare=False)
    for block, outputs in reversed(walk.shown):
        if block.has("background") or block.has("until"):
            continue
        body = "".join(f"$ {command}\n{output}" for command, output in outputs)
        start, end = block.span
        text = text[:start] + body + text[end:]
    return text


def main() -> None:
    """Write the outputs of the named pages anew: `python -m tests.docs.walking PAGE...`."""
    for name in sys.argv[1:]:
        folder = Path("/tmp") / f"walk-{os.getpid()}"
        folder.mkdir()
        try:
            page = Path(name)
            page.write_text(rewritten(page, folder), encoding="utf-8")
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
