"""The pytest plugin, in real runs of pytest over modules as users write them."""

import subprocess
import sys
from pathlib import Path

import pytest

import coterie.checks.engine.explore
import coterie.commands.collecting  # noqa: F401  (an inner run must not load the engine anew)
from tests.commands import counters

pytest_plugins = ["pytester"]

HERE = Path(counters.__file__).parent
LOCK = Path(__file__).parents[2] / "docs" / "examples" / "lock.py"
PLAINLY = ("-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestWarning")
ALL = "SOUND WRONG BROKEN MENDED SHORT ENDLESS JAMMED"


@pytest.fixture
def declare(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return a folder where a test module may import `counters` and `lock`."""
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.syspath_prepend(LOCK.parent)
    monkeypatch.delenv("CI", raising=False)
    return pytester


def counted(pytester: pytest.Pytester, source: str, *options: str, **outcomes: int) -> str:
    """Run pytest over one module, and return what it prints."""
    pytester.makepyfile(test_it=source)
    result = pytester.runpytest_inprocess(*PLAINLY, *options)
    result.assert_outcomes(**outcomes)
    return str(result.stdout)


def collected(pytester: pytest.Pytester, source: str) -> list[str]:
    printed = counted(pytester, source, "--collect-only", "-q")
    return [line for line in printed.splitlines() if "::" in line]


def test_each_property_is_an_item(declare: pytest.Pytester) -> None:
    assert collected(declare, "from lock import CHECK") == [
        "test_it.py::lock::exclusive",
        "test_it.py::lock::released",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "from counters import SOUND, WRONG",
        "import counters\nCHECKS = [counters.SOUND, counters.WRONG]",
        "import counters\nCHECKS = (counters.SOUND,)\nMORE = [counters.SOUND, counters.WRONG]",
        "from counters import SOUND, WRONG\nAGAIN = SOUND\ndef test_nothing(): pass",
    ],
    ids=["names", "a list", "lists that overlap", "two names"],
)
def test_a_check_is_collected_once_however_it_is_declared(
    declare: pytest.Pytester, source: str
) -> None:
    found = [name for name in collected(declare, source) if "counters" in name]

    assert found == [
        f"test_it.py::counters.{check}::{claim}"
        for check in ("sound", "wrong")
        for claim in ("below_three", "two")
    ]


@pytest.mark.parametrize(
    "source",
    [
        "import counters",
        "from counters import SOUND as _SOUND",
        "from counters import below_three, two, world",
        "from counters import world\nWORLD = world(2)",
        "EMPTY = []\nNUMBERS = [1, 2]",
    ],
    ids=["none", "a private name", "properties alone", "a world alone", "other lists"],
)
def test_what_declares_no_check_is_left_alone(declare: pytest.Pytester, source: str) -> None:
    assert collected(declare, source) == []


def test_a_world_is_checked_for_the_properties_of_its_module(declare: pytest.Pytester) -> None:
    source = "from counters import below_three, two, world\nTWO, FOUR = world(2), world(4)"

    printed = counted(declare, source, "-v", passed=3, failed=1)

    assert "test_it.py::TWO::below_three PASSED" in printed
    assert "test_it.py::FOUR::below_three FAILED" in printed


def test_a_world_is_left_to_the_check_that_stands_beside_it(declare: pytest.Pytester) -> None:
    source = "from counters import SOUND, below_three, world\nWORLD = world(4)"

    assert len(collected(declare, source)) == 2


def test_every_answer_passes_or_fails_as_the_command_says(declare: pytest.Pytester) -> None:
    source = f"from counters import {ALL.replace(' ', ', ')}\n"

    printed = counted(declare, source, "-v", "--coterie-workers=1", passed=8, failed=6)

    failed = {line.split()[0] for line in printed.splitlines() if " FAILED" in line}
    assert failed == {
        "test_it.py::counters.wrong::below_three",
        "test_it.py::counters.mended::below_three",
        "test_it.py::counters.short::two",
        "test_it.py::counters.endless::below_three",
        "test_it.py::counters.jammed::below_three",
        "test_it.py::counters.jammed::two",
    }


def test_a_failure_shows_the_run_and_no_python(declare: pytest.Pytester) -> None:
    printed = counted(declare, "from counters import WRONG", passed=1, failed=1)

    assert "below_three  VIOLATED in 3 steps\n  The counter stays below three." in printed
    assert "counter0.ticks: 2 → 3" in printed
    assert "FAILED test_it.py::counters.wrong::below_three - VIOLATED in 3 steps" in printed
    assert "Traceback" not in printed
    assert ".py:" not in printed.replace("test_it.py::", "")


def test_what_is_undetermined_fails_and_says_why(declare: pytest.Pytester) -> None:
    source = """
        from counters import world
        from coterie import always
        ENDLESS = world(-2)

        @always
        def true(_):
            return True
    """

    printed = counted(declare, source, "--coterie-max-seconds=0.5", failed=1)

    assert "undetermined: the limit of 0.5 seconds was reached" in printed


def test_a_fault_of_the_model_names_its_line(declare: pytest.Pytester) -> None:
    printed = counted(declare, "from counters import JAMMED", failed=2)

    assert "the counter has jammed" in printed
    assert "counters.py:" in printed


def test_items_are_selected_by_name(declare: pytest.Pytester) -> None:
    source = "from counters import SOUND, WRONG"

    counted(declare, source, "-k", "two", passed=2, deselected=2)
    counted(declare, source, "-k", "wrong and below_three", failed=1, deselected=3)
    counted(declare, source, "test_it.py::counters.sound", passed=2)
    counted(declare, source, "test_it.py::counters.sound::two", passed=1)


def test_only_what_is_selected_is_explored_and_only_once(declare: pytest.Pytester) -> None:
    source = """
        import counters
        from coterie import Check, reachable
        from pathlib import Path

        def world(limit):
            with Path("made").open("a") as file:
                file.write("once ")
            return counters.world(limit)

        @reachable
        def asked(_):
            raise AssertionError("this property was not selected")

        CHECK = Check("it", "", world, [*counters.BOTH, asked], {"limit": 2})
    """

    counted(declare, source, "-k", "not asked", passed=2, deselected=1)

    assert Path("made").read_text() == "once "


def test_nothing_is_explored_that_is_not_reached(declare: pytest.Pytester) -> None:
    source = "from counters import WRONG, JAMMED"

    printed = counted(declare, source, "-x", "-v", failed=1)

    assert "wrong::below_three FAILED" in printed
    assert "wrong::two" not in printed
    assert "jammed" not in printed


def test_a_violation_does_not_leave_its_neighbours_open(declare: pytest.Pytester) -> None:
    source = """
        import counters
        from coterie import Check, always

        @always
        def below_nine(world):
            return world[counters.COUNTER].ticks < 9

        CHECK = Check("it", "", counters.world, [below_nine, counters.below_three], {"limit": 8})
    """

    printed = counted(declare, source, "-v", passed=1, failed=1)

    assert "it::below_nine PASSED" in printed


def test_the_size_can_be_chosen(declare: pytest.Pytester) -> None:
    source = """
        import counters
        from coterie import Check

        BOTH = counters.BOTH
        CHECK = Check("it", "", counters.world, BOTH, {"limit": 2}, {"limit": 4})
    """

    counted(declare, source, passed=2)
    counted(declare, source, "--coterie-size=full", passed=1, failed=1)


@pytest.mark.parametrize(
    "option", ["--coterie-size=huge", "--coterie-workers=0", "--coterie-max-seconds=soon"]
)
def test_an_option_that_makes_no_sense_is_refused(declare: pytest.Pytester, option: str) -> None:
    result = declare.runpytest_inprocess(option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert option.split("=")[1] in str(result.stderr)


def test_an_interrupt_ends_the_run_at_once(declare: pytest.Pytester) -> None:
    declare.makepyfile(
        test_it="""
        import counters
        from coterie import Check

        def world(limit):
            raise KeyboardInterrupt

        CHECK = Check("it", "", world, counters.BOTH, {"limit": 2})
        """
    )

    result = declare.runpytest_subprocess("-p", "no:cacheprovider")

    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "passed" not in str(result.stdout)


def test_junit_of_pytest_has_the_run(declare: pytest.Pytester) -> None:
    counted(declare, "from counters import WRONG", "--junit-xml=it.xml", passed=1, failed=1)

    written = Path("it.xml").read_text()
    assert '<failure message="VIOLATED in 3 steps">below_three  VIOLATED in 3 steps' in written
    assert '<property name="verdict" value="VIOLATED"' in written
    assert '<property name="states" value="4"' in written


@pytest.mark.slow
def test_items_may_be_split_among_processes(declare: pytest.Pytester) -> None:
    declare.makepyfile(test_it="from counters import SOUND, WRONG, BROKEN")
    declare.makepyfile(conftest=f"import sys\nsys.path.insert(0, {str(HERE)!r})")

    result = declare.runpytest_subprocess("-p", "no:cacheprovider", "-n", "2")

    result.assert_outcomes(passed=5, failed=1)
    assert "counter0.ticks: 2 → 3" in str(result.stdout)


def test_nothing_is_imported_where_no_module_declares_a_check(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import sys
        CHECKS = []

        def test_it():
            heavy = {"numba", "numpy", "click", "attrs"}
            ours = {name for name in sys.modules if name.startswith("coterie")}
            assert ours == {"coterie", "coterie.pytest_plugin"}
            assert not heavy & sys.modules.keys()
        """
    )

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest")

    result.assert_outcomes(passed=1)


def test_the_options_are_documented() -> None:
    command = [sys.executable, "-m", "pytest", "--help", "-p", "coterie.pytest_plugin"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    for option in ("--coterie-size", "--coterie-max-seconds", "--coterie-workers"):
        assert option in printed
