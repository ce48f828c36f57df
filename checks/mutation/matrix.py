"""The kill matrix: the fate of every mutant, as it is committed and compared.

Shape: a JSON object, from module to function to the digits of its source and its mutants; one
mutant a line, so that a change of a fate is a change of a line.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from coterie.checks.mutation.campaign import Site
from coterie.checks.mutation.classify import Fate, Result
from coterie.checks.mutation.source import Function

COMMITTED = Path(__file__).with_name("matrix.json")


@frozen
class Entry:
    """One function in the matrix.

    Attributes:
        module: the module it stands in.
        function: its name there.
        digest: the digits of its source when it was judged.
        results: the fate of each of its mutants, by the change.
    """

    module: str
    function: str
    digest: str
    results: Mapping[str, Result] = field(factory=dict)

    @property
    def name(self) -> str:
        """The function's name, with its module's."""
        return f"{self.module}.{self.function}"


@frozen
class Matrix:
    """The fates of the mutants of some functions.

    Attributes:
        entries: the functions by name.
    """

    entries: Mapping[str, Entry] = field(factory=dict)

    def __iter__(self) -> Any:
        """Yield the entries by module and function."""
        return iter(sorted(self.entries.values(), key=lambda it: (it.module, it.function)))

    def knows(self, function: Function) -> bool:
        """Return whether every mutant of `function`, as it is now, has a fate."""
        entry = self.entries.get(function.name)
        changes = {change.text for change in function.changes()}
        return entry is not None and (entry.digest, set(entry.results)) == (
            function.digest,
            changes,
        )

    def with_results(self, results: Iterable[tuple[Site, Result]]) -> "Matrix":
        """Return the matrix with these results; whatever was known of their functions is gone."""
        fresh: dict[str, Entry] = {}
        for site, result in results:
            function = site.function
            before = fresh.get(function.name)
            known = before.results if before else {}
            fresh[function.name] = Entry(
                function.source.name,
                function.qualname,
                function.digest,
                {**known, site.change.text: result},
            )
        return Matrix({**self.entries, **fresh})

    def written(self) -> str:
        """Return the text of the file."""
        modules: dict[str, list[str]] = {}
        for entry in self:
            modules.setdefault(entry.module, []).append(_written(entry))
        blocks = (f"{_text(name)}: {{\n{_joined(each)}\n}}" for name, each in modules.items())
        return f"{{\n{_joined(blocks)}\n}}\n"


def _joined(lines: Iterable[str]) -> str:
    return ",\n".join(lines)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _written(entry: Entry) -> str:
    mutants = _joined(f"    {_text(m)}: {_text(as_data(r))}" for m, r in entry.results.items())
    inner = f"{{\n{mutants}\n  }}" if mutants else "{}"
    return f'  {_text(entry.function)}: {{"source": {_text(entry.digest)}, "mutants": {inner}}}'


def as_data(result: Result) -> dict[str, Any]:
    """Return a fate as JSON has it, without the run that tells a survivor from the original."""
    data: dict[str, Any] = {"fate": result.fate.value}
    if result.check:
        data["check"] = result.check
    if result.killers:
        data["by"] = list(result.killers)
    if result.steps is not None:
        data["steps"] = result.steps
    return data


def read(text: str) -> Matrix:
    """Return the matrix that was written as `text`."""
    entries = [
        Entry(
            module,
            function,
            entry["source"],
            {mutant: _result(data) for mutant, data in entry["mutants"].items()},
        )
        for module, functions in json.loads(text).items()
        for function, entry in functions.items()
    ]
    return Matrix({entry.name: entry for entry in entries})


def _result(data: Mapping[str, Any]) -> Result:
    return Result(
        Fate(data["fate"]), data.get("check", ""), tuple(data.get("by", ())), data.get("steps")
    )


def committed() -> Matrix:
    """Return the matrix of the catalogue's own protocols, as it was last committed."""
    if not COMMITTED.exists():
        return Matrix()
    return read(COMMITTED.read_text(encoding="utf-8"))


def commit(matrix: Matrix) -> None:
    """Write `matrix` into the source tree, in one piece."""
    fresh = COMMITTED.with_suffix(".new")
    fresh.write_text(matrix.written(), encoding="utf-8")
    fresh.replace(COMMITTED)
