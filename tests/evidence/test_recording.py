"""`coterie check --evidence`: what is recorded stands until its code changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from coterie.checks.evidence.entry import laid_out, shortened
from coterie.commands.answering import Job
from coterie.commands.evidence.recording import Recording
from coterie.commands.outputs import json as results
from coterie.commands.selecting import selections
from tests.commands.conftest import Command

Mutated = Callable[..., str]


class Kept:
    """A file of evidence about checks of one's own."""

    def __init__(self, coterie: Command, path: Path) -> None:
        self._coterie, self.path, self.file = coterie, path, path / "evidence.json"

    def check(self, *arguments: str) -> Result:
        """Check a file of checks, or what else is named."""
        return self._coterie("check", *arguments, "--evidence", str(self.file))

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        """What is recorded, by check."""
        return {each["check"]: each for each in json.loads(self.file.read_text())["checks"]}

    def change(self, check: str, **fields: Any) -> None:
        """Write something else into the file."""
        checks = {**self.checks, check: {**self.checks[check], **fields}}
        self.file.write_text(json.dumps({"checks": [*checks.values()]}))


@pytest.fixture
def kept(coterie: Command, tmp_path: Path) -> Kept:
    return Kept(coterie, tmp_path)


def test_an_entry_says_what_was_found_and_of_what(kept: Kept, mutated: Mutated) -> None:
    assert kept.check(mutated("KILLED")).exit_code == 0

    entry = kept.checks["mutated.killed"]
    assert (entry["size"], entry["parameters"]) == ("small", "{'limit': 2}")
    assert len(entry["code"]) == 64
    assert entry["coterie"] == results.own_version()
    assert (entry["states"], entry["transitions"], entry["depth"]) == (3, 2, 2)
    assert (entry["complete"], entry["stopped"], entry["limits"]) == (True, "", {})
    assert entry["mutants"] is None
    below_three, two = entry["properties"]
    assert (below_three["verdict"], below_three["run"]) == ("holds", None)
    assert (two["steps"], two["run"]) == (2, {"start": 0, "steps": [0, 0], "loop": None})


def test_what_is_recorded_of_the_same_code_is_not_explored_again(
    kept: Kept, mutated: Mutated
) -> None:
    kept.check(mutated("KILLED"))
    before = kept.file.read_text()
    result = kept.check(mutated("KILLED"))

    assert "mutated.killed  limit=2  (cached)" in result.stdout
    assert "2 properties: 2 hold" in result.stdout
    assert kept.file.read_text() == before


def test_the_rest_is_added_to_what_is_there(kept: Kept, mutated: Mutated) -> None:
    kept.check(mutated("KILLED"))
    result = kept.check(mutated("OTHER", "KILLED"))

    assert "mutated.killed  limit=2  (cached)" in result.stdout
    assert "mutated.other  limit=2\n" in result.stdout
    assert [*kept.checks] == ["mutated.killed", "mutated.other"]


def test_where_mutants_are_wanted_an_entry_without_them_is_made_anew(
    kept: Kept, mutated: Mutated
) -> None:
    kept.check(mutated("KILLED"))
    first = kept.check(mutated("KILLED"), "--mutants")
    second = kept.check(mutated("KILLED"), "--mutants")
    without = kept.check(mutated("KILLED"))

    assert "(cached)" not in first.stdout
    assert "(cached)" in second.stdout
    assert "mutant runs_on  killed by below_three in 3 steps" in second.stdout
    assert "(cached)" in without.stdout
    assert [each["mutant"] for each in kept.checks["mutated.killed"]["mutants"]] == [
        "runs_on",
        "stands",
    ]


def test_a_mutant_that_survived_is_recorded_and_fails_again(kept: Kept, mutated: Mutated) -> None:
    first = kept.check(mutated("SURVIVING"), "--mutants")
    second = kept.check(mutated("SURVIVING"), "--mutants")

    assert first.exit_code == second.exit_code == 1
    assert "(cached)" in second.stdout
    assert "NOT KILLED by two" in second.stdout


OWN = """
import coterie as c
from tests.commands import counters

@c.reachable
def two(world):
    "It can show {number}."
    return world[counters.COUNTER].ticks == {number}

CHECK = c.Check("own", "It counts.", counters.world, [two], {{"limit": 4}}, {{"limit": 5}})
"""


def test_other_code_is_explored_anew_and_other_words_are_not(kept: Kept) -> None:
    file = kept.path / "own.py"
    file.write_text(OWN.format(number=2))
    kept.check(str(file))
    file.write_text(OWN.format(number=2).replace("It can", "It surely can"))
    assert "(cached)" in kept.check(str(file)).stdout

    file.write_text(OWN.format(number=3))
    result = kept.check(str(file))

    assert "(cached)" not in result.stdout
    assert kept.checks["own"]["properties"][0]["steps"] == 3


def test_code_that_changes_while_it_is_explored_is_not_what_was_explored(kept: Kept) -> None:
    file = kept.path / "own.py"
    after = OWN.format(number=3)
    meanwhile = f"""
from pathlib import Path

def world(limit):
    Path(__file__).write_text({after!r})
    return counters.world(limit)
"""
    before = OWN.format(number=2).replace("counters.world,", "world,")
    file.write_text(before.replace("\nCHECK", f"{meanwhile}\nCHECK"))
    kept.check(str(file))
    assert file.read_text() == after

    result = kept.check(str(file))

    assert "(cached)" not in result.stdout
    assert kept.checks["own"]["properties"][0]["steps"] == 3


@pytest.mark.parametrize(
    "fields",
    [{"coterie": "0.0.1"}, {"code": ""}, {"parameters": "{'limit': 3}"}],
    ids=["of another version", "of code that is not known", "of other parameters"],
)
def test_an_entry_of_something_else_is_made_anew(
    kept: Kept, mutated: Mutated, fields: dict[str, str]
) -> None:
    kept.check(mutated("KILLED"))
    before = kept.checks
    kept.change("mutated.killed", **fields)
    result = kept.check(mutated("KILLED"))

    assert "(cached)" not in result.stdout
    assert _timeless(kept.checks) == _timeless(before)


def _timeless(checks: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**check, "seconds": 0} for check in checks.values()]


def test_a_run_that_does_not_show_what_it_should_is_looked_for_anew(
    kept: Kept, mutated: Mutated
) -> None:
    kept.check(mutated("KILLED"))
    below_three, two = kept.checks["mutated.killed"]["properties"]
    run = {"start": 0, "steps": [0], "loop": None}
    kept.change("mutated.killed", properties=[below_three, {**two, "run": run}])
    result = kept.check(mutated("KILLED"))

    assert result.exit_code == 0
    assert "the run of two no longer shows that it is holds" in " ".join(result.stderr.split())
    assert kept.checks["mutated.killed"]["properties"][1]["run"]["steps"] == [0, 0]


def test_what_a_bound_left_open_stands_until_the_bound_is_raised(
    kept: Kept, only: Callable[..., str]
) -> None:
    kept.check(only("ENDLESS"), "--max-states", "2")
    assert kept.checks["counters.endless"]["limits"] == {"states": {"most": 2, "hit": True}}

    lower = kept.check(only("ENDLESS"), "--max-states", "1")
    same = kept.check(only("ENDLESS"), "--max-states", "2")
    higher = kept.check(only("ENDLESS"), "--max-states", "5")

    assert "(cached)" in lower.stdout
    assert "(cached)" in same.stdout
    assert same.exit_code == 3
    assert "(cached)" not in higher.stdout
    assert higher.exit_code == 1  # the violation is within that bound


def test_both_sizes_stand_side_by_side(kept: Kept) -> None:
    file = kept.path / "own.py"
    file.write_text(OWN.format(number=2))
    kept.check(str(file), "--size", "full")
    kept.check(str(file))

    entries = json.loads(kept.file.read_text())["checks"]
    assert [(each["size"], each["parameters"]) for each in entries] == [
        ("full", "{'limit': 5}"),
        ("small", "{'limit': 4}"),
    ]


def test_an_interrupted_check_is_not_recorded_and_the_others_are(
    kept: Kept, mutated: Mutated
) -> None:
    result = kept.check(mutated("OTHER", "INTERRUPTED"), "--mutants")

    assert result.exit_code == 3
    assert [*kept.checks] == ["mutated.other"]


def test_an_interrupt_while_the_recorded_is_read_ends_the_command_as_any_other(kept: Kept) -> None:
    file, flag, results = (kept.path / name for name in ("own.py", "flag", "results.json"))
    text = OWN.format(number=2).replace("counters.world,", "world,")
    pressed = f"""
import signal
from pathlib import Path

def world(limit):
    if Path({str(flag)!r}).exists():
        signal.raise_signal(signal.SIGINT)
    return counters.world(limit)
"""
    file.write_text(text.replace("\nCHECK", f"{pressed}\nCHECK"))
    kept.check(str(file))
    flag.touch()

    result = kept.check(str(file), "--json", str(results))

    assert result.exit_code == 3
    assert "not explored to the end: interrupted" in result.stdout
    assert json.loads(results.read_text())["whole"] is False
    assert [*kept.checks] == ["own"]


def test_where_every_check_is_asked_for_what_is_none_any_more_is_forgotten(
    kept: Kept, mutated: Mutated
) -> None:
    kept.check(mutated("KILLED"))
    kept.check("oracles.tcommit")
    kept.check(mutated("OTHER"), "--size", "full")
    everything = [Job(each, each.check.parameters()) for each in selections(())]

    recording = Recording(str(kept.file), mutants=False, is_whole=True)
    recording.check(everything)
    recording.write()

    assert [*kept.checks] == ["mutated.other", "oracles.tcommit"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("oracles.tcommit.consistent",), "records whole checks, not one property"),
        (("oracles.tcommit", "--set", "managers=2"), "records checks with their own parameters"),
        (("oracles.tcommit", "--coverage"), "records no coverage"),
    ],
)
def test_what_is_no_check_as_it_stands_is_refused(
    kept: Kept, arguments: tuple[str, ...], words: str
) -> None:
    result = kept.check(*arguments)

    assert result.exit_code == 2
    assert words in result.stderr
    assert not kept.file.exists()


def test_a_file_that_is_no_evidence_is_not_overwritten(kept: Kept) -> None:
    kept.file.write_text("a letter to my aunt\n")
    result = kept.check("oracles.tcommit")

    assert result.exit_code == 2
    assert "is no file of evidence" in result.stderr
    assert kept.file.read_text() == "a letter to my aunt\n"


def test_the_standard_output_is_no_file(coterie: Command) -> None:
    result = coterie("check", "oracles.tcommit", "--evidence", "-")

    assert result.exit_code == 2
    assert "--evidence - is no file" in result.stderr


def test_a_long_text_is_shortened_and_still_no_other_ones() -> None:
    one, other = "x" * 2_000 + "1", "x" * 2_000 + "2"

    assert shortened("short") == "short"
    assert len(shortened(one)) < 1_100
    assert shortened(one) != shortened(other)


def test_a_run_has_a_line_of_its_own() -> None:
    runs = [{"run": {"steps": [0, 1]}}, {"run": None}]

    assert laid_out({"limits": {"states": {"most": 2}}, "none": [], "all": runs}) == (
        '{\n  "limits": {"states": {"most": 2}},\n  "none": [],\n  "all": [\n'
        '    {"run": {"steps": [0, 1]}},\n    {"run": null}\n  ]\n}'
    )


def test_an_entry_of_other_properties_does_not_stand_for_the_check(
    kept: Kept, mutated: Mutated
) -> None:
    kept.check(mutated("KILLED"))
    before = kept.checks["mutated.killed"]["properties"]
    kept.change("mutated.killed", properties=before[:1])
    result = kept.check(mutated("KILLED"))

    assert result.exit_code == 0
    assert "(cached)" not in result.stdout
    assert kept.checks["mutated.killed"]["properties"] == before


def test_a_worse_look_at_the_same_code_takes_nothing_away(kept: Kept, mutated: Mutated) -> None:
    kept.check(mutated("KILLED"), "--mutants")
    before = _timeless(kept.checks)

    kept.check(mutated("KILLED"), "--no-symmetry")
    assert _timeless(kept.checks) == before
    kept.check(mutated("KILLED"), "--no-symmetry", "--mutants", "--max-states", "1")
    assert _timeless(kept.checks) == before


def test_a_better_look_at_the_same_code_is_recorded(kept: Kept, only: Callable[..., str]) -> None:
    kept.check(only("ENDLESS"), "--max-states", "2")
    kept.check(only("ENDLESS"), "--no-symmetry", "--max-states", "1")
    assert kept.checks["counters.endless"]["limits"]["states"]["most"] == 2

    kept.check(only("ENDLESS"), "--max-states", "5")
    assert kept.checks["counters.endless"]["limits"]["states"]["most"] == 5


def test_what_the_cache_knows_is_recorded_too(kept: Kept, mutated: Mutated) -> None:
    cache = ("--cache", str(kept.path / "cache"))
    kept.check(mutated("KILLED"), *cache)
    before = _timeless(kept.checks)
    kept.file.unlink()

    result = kept.check(mutated("KILLED"), *cache)

    assert "(cached)" in result.stdout
    assert _timeless(kept.checks) == before


def test_two_commands_with_the_same_file_keep_what_each_has_found(
    kept: Kept, coterie: Command, mutated: Mutated
) -> None:
    late = Recording(str(kept.file), mutants=False, is_whole=False)
    kept.check(mutated("KILLED"))

    late.write()

    assert [*kept.checks] == ["mutated.killed"]


def test_the_help_says_that_data_files_are_no_part_of_the_code(coterie: Command) -> None:
    words = " ".join(coterie("check", "--help").stdout.split())

    assert "Data files that the code reads are no part of it." in words
