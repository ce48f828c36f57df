"""`python -m coterie.impl.simulation SERVICE`: run a service under faults, from seeds."""

import sys

import click

from coterie.impl.simulation import plan as planning
from coterie.impl.simulation.plan import DURABLE, MEANINGS, Kind, Plan
from coterie.impl.simulation.run import SERVICES, Run, planned, simulated

_KINDS = "\n".join(f"  {kind:<11} {meaning}" for kind, meaning in MEANINGS.items())
_EPILOG = f"\b\nKinds of faults:\n{_KINDS}"


@click.command(epilog=_EPILOG)
@click.argument("service", type=click.Choice(sorted(SERVICES)))
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of the first run.")
@click.option("--runs", type=click.IntRange(1), default=1, show_default=True, help="How many.")
@click.option(
    "--only",
    "kinds",
    type=click.Choice([str(kind) for kind in Kind]),
    multiple=True,
    help="Have every fault of this kind, and none of others; may be repeated.",
)
@click.option("--forgetful", is_flag=True, help="A disk rolled back forgets the count of starts.")
@click.option("--shrink", is_flag=True, help="Leave out the faults that a failure does not need.")
@click.option("--verbose", "-v", is_flag=True, help="Tell the plan of each run.")
def main(
    *,
    service: str,
    seed: int,
    runs: int,
    kinds: tuple[str, ...],
    forgetful: bool,
    shrink: bool,
    verbose: bool,
) -> None:
    """Run the nodes of SERVICE in virtual time, with faults from a seed.

    Without --only a run has about half of the kinds of faults, but no rollback, under which not
    every promise holds. The exit code is 1 if something was wrong.
    """
    offered = tuple(map(Kind, kinds)) or DURABLE
    failures = 0
    for number in range(seed, seed + runs):
        plan = planned(service, number, offered, all_of=bool(kinds))
        run = simulated(service, plan, keeps_count=not forgetful)
        if run.failure:
            failures += 1
            run = _shrunk(run, keeps_count=not forgetful) if shrink else run
        if verbose and not run.failure:
            click.echo(plan)
        click.echo(run)
    if runs > 1:
        click.echo(f"{runs} runs, {failures} of them not well")
    sys.exit(1 if failures else 0)


def _shrunk(run: Run, *, keeps_count: bool) -> Run:
    """Return the failure with as few faults as it needs."""

    def fails(less: Plan) -> bool:
        return bool(simulated(run.service, less, keeps_count=keeps_count).failure)

    return simulated(run.service, planning.shrunk(run.plan, fails), keeps_count=keeps_count)


if __name__ == "__main__":
    main()
