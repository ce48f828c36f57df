"""The hash of the code that a check is about: what changes it, and what does not."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from attrs import evolve

from coterie.checks.cache.sources import UnknownCodeError
from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check
from coterie.checks.evidence.code import ENGINE, Codes, code_of
from coterie.commands.loading import checks_of_file

OWN = '''
"""A model of one's own."""
import coded_helper
from coterie import Check, World, always
from coterie.model.machine import Node
{more}

@always
def small(world):
    """It is small."""
    return coded_helper.value(world) < 9

def world():
    return World({{}})

CHECK = Check("own", "It counts.", world, [small])
'''
HELPER = "import coded_deep\n\ndef value(world):\n    return coded_deep.DEEP\n"
DEEP = "DEEP = 1 + 2\n"


class Folder:
    """A folder with a check, which imports a neighbour, which imports another one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("own.py", OWN.format(more=""))
        self.write("coded_helper.py", HELPER)
        self.write("coded_deep.py", DEEP)
        self.write("coded_other.py", "OTHER = 1\n")

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text)

    def check(self) -> Check:
        return checks_of_file(str(self.path / "own.py"))[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    for name in ("coded_helper", "coded_deep", "coded_other", "coded_late"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return Folder(tmp_path)


Edit = Callable[[Folder], None]
HARMLESS: dict[str, Edit] = {
    "a comment": lambda it: it.write("own.py", OWN.format(more="# A comment.")),
    "layout": lambda it: it.write("coded_deep.py", "\n\nDEEP = (\n    1\n    + 2\n)\n"),
    "a docstring of a function": lambda it: it.write(
        "coded_helper.py", HELPER.replace(":\n", ':\n    """Return it."""\n')
    ),
    "a docstring of a module": lambda it: it.write("coded_deep.py", f'"""Deep."""\n{DEEP}'),
    "a docstring of a property": lambda it: it.write(
        "own.py", OWN.format(more="").replace("It is small.", "It is quite small.")
    ),
    "a module that nobody imports": lambda it: it.write("coded_other.py", "OTHER = 2\n"),
}
HARMFUL: dict[str, Edit] = {
    "an operator": lambda it: it.write("own.py", OWN.format(more="").replace("<", "<=")),
    "a number": lambda it: it.write("own.py", OWN.format(more="").replace("9", "8")),
    "true for one": lambda it: it.write("coded_deep.py", "DEEP = True + 2\n"),
    "a text that is no docstring": lambda it: it.write("coded_deep.py", f"{DEEP}NAME = 'x'\n"),
    "a module that is imported": lambda it: it.write(
        "coded_helper.py", HELPER.replace("DEEP", "DEEP + 1")
    ),
    "a module that is imported indirectly": lambda it: it.write("coded_deep.py", "DEEP = 1 - 2\n"),
    "one more import": lambda it: it.write("own.py", OWN.format(more="import coded_other")),
}


@pytest.mark.parametrize("edit", HARMLESS.values(), ids=HARMLESS)
def test_what_says_the_same_leaves_it_alone(folder: Folder, edit: Edit) -> None:
    check = folder.check()
    before = code_of(check)

    edit(folder)

    assert code_of(check) == before


@pytest.mark.parametrize("edit", HARMFUL.values(), ids=HARMFUL)
def test_what_says_something_else_changes_it(folder: Folder, edit: Edit) -> None:
    check = folder.check()
    before = code_of(check)

    edit(folder)

    assert code_of(check) != before


def test_what_a_function_imports_when_it_runs_counts_too(folder: Folder) -> None:
    folder.write("own.py", OWN.format(more="def late():\n    import coded_late"))
    folder.write("coded_late.py", "LATE = 1\n")
    check = folder.check()
    before = code_of(check)

    folder.write("coded_late.py", "LATE = 2\n")

    assert code_of(check) != before


LATE = {
    "from a module": "from coded_rules.limit import MOST",
    "from a package": "from coded_rules import limit",
    "by its whole name": "import coded_rules.limit",
    "by way of the package": "import coded_rules.all",
}


@pytest.mark.parametrize("words", LATE.values(), ids=LATE)
@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["beside it", "on the path"])
@pytest.mark.parametrize("is_bare", [False, True], ids=["a package", "a bare folder"])
def test_a_package_that_is_imported_late_counts_too(
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    *,
    is_elsewhere: bool,
    is_bare: bool,
) -> None:
    root = folder.path / "elsewhere" if is_elsewhere else folder.path
    monkeypatch.syspath_prepend(str(root))
    rules = root / "coded_rules"
    rules.mkdir(parents=True)
    if not is_bare:
        (rules / "__init__.py").write_text("")
    (rules / "limit.py").write_text("MOST = 1\n")
    (rules / "all.py").write_text("from . import limit\n")
    folder.write("own.py", OWN.format(more=f"def late():\n    {words}\n    import json.tool"))
    check = folder.check()
    before = code_of(check)

    (rules / "limit.py").write_text("MOST = 2\n")

    assert code_of(check) != before
    assert "coded_rules" not in sys.modules
    assert not [name for name in Codes().modules(check) if name.startswith("json")]


def test_the_package_around_a_module_counts_too(folder: Folder) -> None:
    (folder.path / "coded_rules").mkdir()
    folder.write("coded_rules/__init__.py", "MOST = 1\n")
    folder.write("coded_rules/limit.py", "")
    folder.write("own.py", OWN.format(more="def late():\n    import coded_rules.limit"))
    check = folder.check()
    before = code_of(check)

    folder.write("coded_rules/__init__.py", "MOST = 2\n")

    assert code_of(check) != before


def test_dots_where_there_is_no_package_mean_nothing(folder: Folder) -> None:
    more = "try:\n    from .coded_other import OTHER\nexcept ImportError:\n    {}"
    folder.write("own.py", OWN.format(more=more.format("from coded_other import OTHER")))
    check = folder.check()
    before = code_of(check)

    folder.write("coded_other.py", "OTHER = 2\n")

    assert code_of(check) != before


def test_a_neighbour_in_a_package_is_imported_by_its_dots(tmp_path: Path) -> None:
    package = tmp_path / "coded_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "coded_deep.py").write_text(DEEP)
    (package / "own.py").write_text(
        OWN.format(more="from . import coded_deep").replace("import coded_helper\n", "")
    )
    check = checks_of_file(str(package / "own.py"))[0]
    before = code_of(check)

    (package / "coded_deep.py").write_text("DEEP = 4\n")

    assert code_of(check) != before


def test_it_is_the_same_whoever_imports_the_check(folder: Folder) -> None:
    before = code_of(folder.check())
    folder.write("coded_other.py", "from own import CHECK\n")

    (other,) = checks_of_file(str(folder.path / "coded_other.py"))

    assert set(Codes().modules(other)) >= {"own", "coded_helper", "coded_deep"}
    assert "coterie_file_coded_other" not in Codes().modules(other)
    assert before == code_of(folder.check())


def test_whoever_else_has_a_check_of_the_catalogue_is_none_of_its_code() -> None:
    one = catalogue()[0]
    before = code_of(one)
    stranger = ModuleType("coded_stranger")
    vars(stranger)["ONE"] = one

    sys.modules["coded_stranger"] = stranger
    try:
        assert code_of(one) == before
    finally:
        del sys.modules["coded_stranger"]


def test_the_public_face_stands_for_the_rooms_behind_it(folder: Folder) -> None:
    modules = Codes().modules(folder.check())

    assert {"coterie.checks.world", "coterie.checks.network", "coterie.spec.property"} <= {*modules}
    assert "coterie.spec.history.objects" not in modules


def test_of_coterie_itself_any_public_name_may_be_meant(folder: Folder) -> None:
    folder.write("own.py", OWN.format(more="import coterie"))

    assert "coterie.spec.history.objects" in Codes().modules(folder.check())


def test_neither_the_engine_nor_the_command_line_is_code_of_a_check(folder: Folder) -> None:
    folder.write("own.py", OWN.format(more="from coterie import explore, machine_of"))
    modules = Codes().modules(folder.check())

    assert not [name for name in modules if name.startswith((ENGINE, "coterie.commands"))]


def test_the_catalogue_is_about_rooms_that_do_not_know_the_engine() -> None:
    codes = Codes()
    modules = {name for check in catalogue() for name in codes.modules(check)}

    rooms = ("coterie.model.", "coterie.spec.", "coterie.checks.")
    assert {name for name in modules if not name.startswith(rooms)} == set()
    assert [name for name in modules if any(ENGINE in each for each in codes.imports(name))] == []


@pytest.mark.parametrize(
    ("name", "above", "beside"),
    [
        ("oracles.two_phase", "coterie.model.oracles.two_phase", "coterie.model.oracles.paxos"),
        ("gossip.gdp.published.waiting", "coterie.spec.gossip.gdp.replica", "coterie.spec.session"),
    ],
)
def test_a_check_is_about_its_own_protocol(name: str, above: str, beside: str) -> None:
    check = next(each for each in catalogue() if each.name == name)

    modules = Codes().modules(check)

    assert above in modules
    assert beside not in modules


def test_a_check_that_stands_nowhere_has_no_code_that_is_known() -> None:
    copy = evolve(catalogue()[0], about="A copy.")

    with pytest.raises(UnknownCodeError, match="stands in no module"):
        code_of(copy)


def test_a_file_that_is_no_python_any_more_is_named(folder: Folder) -> None:
    check = folder.check()
    folder.write("coded_deep.py", "DEEP = \n")

    with pytest.raises(UnknownCodeError, match=r"coded_deep\.py:1"):
        code_of(check)
