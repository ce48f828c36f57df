"""Traces in the Informal Trace Format, which the viewers of TLA+ traces open.

The format is that of Apalache's ADR-015: a variable for each component of the world, a state for
each state of the run, and values in a JSON of their own.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

import attrs

from coterie.checks.component import Key
from coterie.checks.nodes import Running
from coterie.checks.result import Trace
from coterie.checks.world import World
from coterie.commands.answering import Report, Row
from coterie.commands.outputs.places import of_property
from coterie.commands.words import happening, place, text
from coterie.model.machine import Node

DESCRIPTION = "https://apalache-mc.org/docs/adr/015adr-trace.html"
ACTION = "action_taken"
Data = dict[str, Any]


def runs(reports: Iterable[Report]) -> Iterator[tuple[str, str]]:
    """Yield for each property that has a run its name, `check.property`, and the run as a file."""
    for report in reports:
        for row in report.rows:
            if report.exploration and row.finding and row.finding.trace is not None:
                data = as_data(report.exploration.world, row.finding.trace, _about(report, row))
                yield f"{report.job.name}.{row.claim.name}", json.dumps(data, indent=1) + "\n"


def _about(report: Report, row: Row) -> Data:
    """Return what the run shows, for its reader."""
    words = f"{report.job.name}.{row.claim.name} {row.answer.value}: {row.claim.statement}"
    place = of_property(row.claim)
    return {"description": words, "source": place.file if place else row.claim.function.__module__}


def as_data(world: World, run: Trace, about: Mapping[str, Any] = {}) -> Data:
    """Return a run as plain data.

    Shape: `vars` are the components and `action_taken`, which says in words what led to a state;
    each state's `#meta` has its index, and whether a fault led to it. A run that goes round has
    `loop`, the index of the state that it comes back to, and ends with that state.
    """
    names = variables(world)
    acts = ["start", *("; ".join(map(happening, step.happenings)) for step in run.steps)]
    faults = [False, *(step.fault for step in run.steps)]
    states = [
        {"#meta": {"index": index, "fault": fault}, ACTION: act}
        | {names[key]: value(values[slot]) for key, slot in world.slots.items()}
        for index, (values, act, fault) in enumerate(zip(run.states, acts, faults, strict=True))
    ]
    meta = {"format": "ITF", "format-description": DESCRIPTION, **about}
    end = {} if run.loop is None else {"loop": run.loop}
    return {"#meta": meta, "vars": [ACTION, *names.values()], "states": states, **end}


def variables(world: World) -> dict[Key, str]:
    """Return a name for each component: letters, digits and underscores, no name twice."""
    names: dict[Key, str] = {}
    taken = {ACTION}
    for key in world.slots:
        name = plain = _identifier(place(world, key))
        number = 2
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        names[key] = name
        taken.add(name)
    return names


def _identifier(words: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]+", "_", words.replace("→", "_to_")).strip("_")
    return name if name[:1].isalpha() else f"component_{name}".rstrip("_")


def value(of: Any) -> Any:
    """Return a value as the format writes it: of equal values, whatever their order, the same."""
    match of:
        case Running(state):
            return value(state)
        case bool():
            return of
        case None:
            return _variant("None", {})
        case Node() | Enum():
            return text(of)
        case int():
            return {"#bigint": str(of)}
        case str():
            return str(of)
        case tuple():
            return _tuple(of)
        case Mapping():
            pairs = sorted(of.items(), key=lambda pair: text(pair[0]))
            return {"#map": [[value(key), value(item)] for key, item in pairs]}
        case AbstractSet():
            return {"#set": [value(each) for each in sorted(of, key=text)]}
    return _record(of)


def _tuple(of: tuple[Any, ...]) -> Any:
    fields = getattr(of, "_fields", None)
    if fields is None:
        return {"#tup": [value(each) for each in of]}
    return _variant(type(of).__name__, dict(zip(fields, of, strict=True)))


def _record(of: Any) -> Any:
    kind = type(of)
    if attrs.has(kind):
        fields = {each.name: getattr(of, each.name) for each in attrs.fields(kind)}
        return _variant(kind.__name__, fields)
    return {"#unserializable": text(of)}


def _variant(tag: str, fields: Mapping[str, Any]) -> Data:
    """Return a record with the name of its class, for messages differ by it alone."""
    return {"tag": tag, "value": {name: value(each) for name, each in fields.items()}}
