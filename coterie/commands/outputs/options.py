"""The options that ask for results in formats for machines, and what becomes of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
from attrs import field, frozen

from coterie.commands.answering import Job, Report
from coterie.commands.errors import UsageMistake
from coterie.commands.outputs import github, itf, json, junit, sarif, summary
from coterie.commands.outputs.files import STANDARD, check_file, check_folder, write

_TEXTS: Mapping[str, Callable[[list[Report]], str]] = MappingProxyType(
    {
        "--json": json.text,
        "--junit": junit.text,
        "--sarif": sarif.text,
        "--summary": summary.text,
    }
)
_STANDARD = "Write the results as JSON; - is the standard output (the table then goes to stderr)."
_OPTIONS = (
    click.option("--json", metavar="FILE", help=_STANDARD),
    click.option("--junit", metavar="FILE", help="Write the results as JUnit XML."),
    click.option("--sarif", metavar="FILE", help="Write what does not hold as SARIF 2.1.0."),
    click.option(
        "--itf",
        metavar="DIR|FILE",
        help="Write each run as an ITF trace; a FILE (*.json) has room for one property's.",
    ),
    click.option(
        "--github",
        is_flag=True,
        help="Print GitHub annotations at the lines to look at, and write the job's summary.",
    ),
    click.option(
        "--summary",
        metavar="FILE",
        help="Write the results as Markdown; with --github the job's summary when not given.",
    ),
)


@frozen
class Outputs:
    """Where the results go, besides the screen.

    Attributes:
        files: for each option that names a file, the file; `-` is the standard output.
        itf: the folder for traces, or one file that ends with `.json`.
        github: whether annotations are printed.
    """

    files: Mapping[str, str] = field(factory=dict)
    itf: str | None = None
    github: bool = False

    @property
    def to_stderr(self) -> bool:
        """Whether the standard output is taken, so that the table must go elsewhere."""
        return STANDARD in self.files.values()

    @property
    def wants_code(self) -> bool:
        """Whether it is written which code the results are about."""
        return "--json" in self.files

    def check(self, jobs: Sequence[Job]) -> None:
        """Check, before the work, that everything can be written after it.

        Raises: UsageMistake where something cannot.
        """
        self._check_distinct()
        for option, file in self.files.items():
            check_file(option, file)
        if self.itf is None:
            return
        if not self._one_trace:
            check_folder("--itf", self.itf)
            return
        check_file("--itf", self.itf)
        properties = sum(len(job.selection.claims) for job in jobs)
        if properties != 1 or self.itf == STANDARD:
            raise UsageMistake(
                f"--itf {self.itf} has room for the trace of one property, not of {properties}",
                "Give a folder, or name one property: coterie check CHECK.PROPERTY.",
            )

    def _check_distinct(self) -> None:
        for option, file in self.files.items():
            others = [each for each in self.files if each != option and self.files[each] == file]
            if others:
                raise UsageMistake(f"{option} and {others[0]} both write {file}", "Give two files.")

    @property
    def _one_trace(self) -> bool:
        return self.itf is not None and self.itf.endswith(".json")

    def write(self, reports: list[Report], more: Mapping[str, Any] = json.NOTHING) -> None:
        """Write everything; what cannot be written is said after the rest is.

        Attributes:
            more: what stands in the JSON besides.
        Raises: UsageMistake where something cannot be written after all.
        """
        problems: list[UsageMistake] = []
        for option, file, text in self._documents(reports, more):
            try:
                write(option, file, text, at_the_end=summary.is_of_the_job(file))
            except UsageMistake as problem:
                problems.append(problem)
        for line in github.lines(reports) if self.github else ():
            click.echo(line, err=self.to_stderr)
        if problems:
            raise problems[0]

    def _documents(
        self, reports: list[Report], more: Mapping[str, Any]
    ) -> list[tuple[str, str, str]]:
        texts: dict[str, Callable[[list[Report]], str]] = {**_TEXTS}
        texts["--json"] = partial(json.text, more=more)
        documents = [(option, file, texts[option](reports)) for option, file in self.files.items()]
        if self.itf is None:
            return documents
        runs = list(itf.runs(reports))
        if not runs:
            click.echo(f"--itf {self.itf}: there is no run to write", err=True)
        for name, text in runs:
            path = Path(self.itf) if self._one_trace else Path(self.itf) / f"{name}.itf.json"
            documents.append(("--itf", str(path), text))
        return documents


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it is called with what they say as `outputs`."""

    @wraps(command)
    def collected(*arguments: Any, **options: Any) -> Any:
        files = {option: options.pop(option.removeprefix("--")) for option in _TEXTS}
        if options["github"] and not files["--summary"]:
            files["--summary"] = summary.of_the_job()
        outputs = Outputs(
            {option: file for option, file in files.items() if file},
            options.pop("itf"),
            options.pop("github"),
        )
        return command(*arguments, outputs=outputs, **options)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected
