"""`coterie mutate`: small changes to a model, each of which a property should notice."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
from attrs import define, evolve, field

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check
from coterie.checks.errors import ModelError
from coterie.commands import completing
from coterie.commands.echo import echo, status, width
from coterie.commands.errors import UsageMistake
from coterie.commands.graph import ModelFault
from coterie.commands.outputs.files import STANDARD, check_file, write
from coterie.commands.page import line, wrapped
from coterie.commands.selecting import Selection, selections

_EPILOG = """\b
Examples:
  coterie mutate link                     what runs in the checks below `link`
  coterie mutate link --function hand_up  only what has that in its name
  coterie mutate my_protocol.py           your own protocol
  coterie mutate link --list              what would be changed
  coterie mutate --matrix                 the kill matrix, as committed

\b
What becomes of a mutant:
  killed        some property has another verdict, the model goes wrong by
                itself, or the records of a step no longer say what becomes of
                the memory
  equivalent    its reachable graph is the original's: within the bounds they
                are one
  not covered   the statement that it changes never runs
  survived      it does something else, and no property notices: one is
                missing, or the specification has a reason in SURVIVORS
  not compared, timed out   there was no time to know; see --max-seconds

\b
Exit codes:
  0  no mutant survives without a reason
  1  some mutant does
  2  the command was misused, or a check does not hold as it is
  3  some fate is not known for want of time, or Ctrl-C came first
"""


@click.command(epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completing.names)
@click.option("--function", metavar="F", help="Only the functions whose name contains F.")
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Explore each check for at most S seconds a mutant.",
)
@click.option("--list", "only_list", is_flag=True, help="List the mutants, and explore none.")
@click.option("--json", "json_file", metavar="FILE", help="Write the fates as JSON too.")
@click.option("--matrix", is_flag=True, help="Print the committed kill matrix.")
@click.option(
    "--update",
    is_flag=True,
    help="Commit the fates to the matrix in the source tree. Functions whose fates it knows, and"
    " whose source is unchanged, are not judged again, unless --function names them.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every mutant, not only the survivors.")
@click.pass_context
def mutate(
    context: click.Context,
    *,
    names: tuple[str, ...],
    function: str | None,
    max_seconds: float,
    only_list: bool,
    json_file: str | None,
    matrix: bool,
    update: bool,
    verbose: bool,
) -> None:
    """Change the model a little, in every way, and say which property notices.

    NAME is a check, a prefix that selects all below it, or the path of a Python file. Each function
    of the model that runs there is changed at one place at a time: a comparison, a number, an
    effect, an update or a guard is dropped or turned. The selected checks judge every such mutant
    at size small, the cheapest first, until one of them kills it. The properties themselves are
    judged with the model as it is written.
    """
    if matrix:
        context.exit(_show_committed())
    if not names and not update:
        raise UsageMistake(
            "no check is named", "Name some, as in `coterie mutate link`, or ask for --matrix."
        )
    if json_file:
        check_file("--json", json_file)
    checks = [_judging(each) for each in selections(names)]
    run = _Run(checks, max_seconds, verbose, json_file)
    try:
        with status("exploring the checks as they are"):
            run.prepare(function or "")
    except ModelError as error:
        raise ModelFault(str(error)) from error
    except KeyboardInterrupt:
        context.exit(3)
    if only_list:
        run.show_sites()
        return
    if update and not function:
        run.leave_known()
    context.exit(run.judge(update=update))


def _judging(selection: Selection) -> Check:
    """Return the check with no more properties than those that are asked for."""
    check, claims = selection.check, selection.claims
    names = {claim.name for claim in claims}
    refuted = {name: steps for name, steps in check.refuted.items() if name in names}
    return evolve(check, properties=claims, refuted=refuted)


def _show_committed() -> int:
    from coterie.checks.mutation.matrix import committed  # noqa: PLC0415  (numba takes its time)
    from coterie.checks.mutation.reasons import reasons  # noqa: PLC0415
    from coterie.commands import mutants  # noqa: PLC0415

    known, why = committed(), reasons(catalogue())
    echo(mutants.table(known, why, width()))
    found = mutants.tally(mutants.named(known), why)
    echo(wrapped(found.summary(), width()))
    return found.exit_code


@define(eq=False)
class _Run:
    """One call of the command.

    Attributes:
        checks: those that judge.
        seconds: how long each may explore a mutant.
        verbose: whether to show every mutant.
        json_file: where the fates go too.
    """

    checks: Sequence[Check]
    seconds: float
    verbose: bool
    json_file: str | None
    _fates: list[tuple[Any, Any]] = field(factory=list)
    _sites: list[Any] = field(factory=list)
    _campaign: Any = None

    def prepare(self, function: str) -> None:
        """Explore the checks as they are, and find what can be changed.

        Raises: ModelError; UsageMistake where there is no such function.
        """
        from coterie.checks.engine.prepare import prepare  # noqa: PLC0415  (numba)
        from coterie.checks.mutation.campaign import campaign  # noqa: PLC0415

        prepare()
        self._campaign = campaign(self.checks)
        chosen = [each for each in self._campaign.functions if function in each.name]
        if not chosen:
            raise UsageMistake(
                f"no function that runs in these checks has {function!r} in its name",
                "`--list -v` shows every function and what can be changed in it.",
            )
        self._sites = list(self._campaign.sites(chosen))

    def show_sites(self) -> None:
        """Print what can be changed."""
        from coterie.commands.mutants import counted  # noqa: PLC0415  (numba takes its time)

        for name, sites in self._by_function():
            echo([line(f"{name}  {counted(len(sites))}")])
            for site in sites:
                where = f"  {site.change.line:>4} {site.change.operator.value:<16} "
                echo([line(where + site.change.text)])
        echo([line(counted(len(self._sites)))])

    def _by_function(self) -> Iterator[tuple[str, list[Any]]]:
        found: dict[str, list[Any]] = {}
        for site in self._sites:
            found.setdefault(site.function.name, []).append(site)
        return iter(found.items())

    def leave_known(self) -> None:
        """Leave out the functions whose every mutant has a fate in the committed matrix."""
        from coterie.checks.mutation.matrix import committed  # noqa: PLC0415

        known = committed()
        self._sites = [site for site in self._sites if not known.knows(site.function)]

    def judge(self, *, update: bool) -> int:
        """Judge every mutant, and say what became of it; return the exit code."""
        from coterie.checks.mutation.matrix import Matrix  # noqa: PLC0415
        from coterie.checks.mutation.reasons import reason, reasons  # noqa: PLC0415
        from coterie.commands import mutants  # noqa: PLC0415

        why = reasons(self.checks)
        interrupted = False
        try:
            for name, sites in self._by_function():
                self._judge_function(name, sites, why)
                if update:
                    self._commit(sites)
        except KeyboardInterrupt:
            interrupted = True
        echo(mutants.table(Matrix().with_results(self._fates), why, width()), to_stderr=self._busy)
        named = [(site.name, result) for site, result in self._fates]
        found = mutants.tally(named, why)
        missing = len(self._sites) - len(self._fates)
        words = found.summary() + (f"; {missing} not begun" if missing else "")
        echo(wrapped(words, width()), to_stderr=self._busy)
        code = found.exit_code or (3 if interrupted else 0)
        if self.json_file:
            data = [_as_data(site, result, reason(site.name, why)) for site, result in self._fates]
            text = json.dumps({"exit_code": code, "mutants": data}, indent=2, ensure_ascii=False)
            write("--json", self.json_file, f"{text}\n")
        return code

    @property
    def _busy(self) -> bool:
        """Whether the standard output is taken by the JSON."""
        return self.json_file == STANDARD

    def _judge_function(self, name: str, sites: Sequence[Any], why: Any) -> None:
        from coterie.checks.mutation.reasons import reason  # noqa: PLC0415
        from coterie.commands import mutants  # noqa: PLC0415

        worlds = {each.check.name: each.world for each in self._campaign.baselines}
        for number, site in enumerate(sites, start=1):
            so_far = f"{len(self._fates):,} of {len(self._sites):,} mutants"
            with status(f"{so_far}; {name}: {number} of {len(sites)}"):
                result = self._campaign.judge(site, self.seconds)
            self._fates.append((site, result))
            given = reason(site.name, why)
            if self.verbose or (result.fate in mutants.OPEN and not given):
                lines = mutants.told(site, result, given, worlds.get(result.check), width())
                echo(lines, to_stderr=self._busy)
        sys.stdout.flush()

    def _commit(self, sites: Sequence[Any]) -> None:
        from coterie.checks.mutation.matrix import commit, committed  # noqa: PLC0415

        chosen = {id(site) for site in sites}
        fresh = [(site, result) for site, result in self._fates if id(site) in chosen]
        bare = [(site, evolve(result, difference=None)) for site, result in fresh]
        commit(committed().with_results(bare))


def _as_data(site: Any, result: Any, why: str) -> dict[str, Any]:
    from coterie.checks.mutation.matrix import as_data  # noqa: PLC0415

    return {
        "function": site.function.name,
        "file": site.function.source.file,
        "line": site.change.line,
        "operator": site.change.operator.value,
        "mutant": site.change.text,
        **as_data(result),
        "reason": why or None,
    }
