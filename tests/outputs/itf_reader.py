"""A strict reader of the Informal Trace Format, as Apalache's ADR-015 defines it."""

import re
from typing import Any

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER = re.compile(r"-?[0-9]+")


def check_trace(data: Any) -> None:
    """Check that `data` is a trace."""
    assert data.keys() <= {"#meta", "params", "vars", "states", "loop"}
    assert isinstance(data["#meta"], dict)
    assert len({*data["vars"]}) == len(data["vars"])
    assert all(_NAME.fullmatch(name) for name in data["vars"])
    assert data["states"]
    for index, state in enumerate(data["states"]):
        assert state.keys() == {"#meta", *data["vars"]}
        assert state["#meta"]["index"] == index
        for name in data["vars"]:
            check_value(state[name])
    if "loop" in data:
        assert 0 <= data["loop"] < len(data["states"])


def check_value(data: Any) -> None:
    """Check that `data` is an expression."""
    match data:
        case bool() | str():
            return
        case list():
            _check_all(data)
        case {"#bigint": str(digits), **rest}:
            assert not rest
            assert _NUMBER.fullmatch(digits)
        case {"#tup": list(items), **rest} | {"#set": list(items), **rest}:
            assert not rest
            _check_all(items)
        case {"#map": list(pairs), **rest}:
            assert not rest
            for key, item in pairs:
                _check_all([key, item])
        case {"#unserializable": str(), **rest}:
            assert not rest
        case dict():
            assert not any(name.startswith("#") for name in data)
            _check_all(data.values())
        case _:
            raise AssertionError(f"no expression: {data!r}")


def _check_all(items: Any) -> None:
    for each in items:
        check_value(each)


def python(data: Any) -> Any:
    """Return the value of an expression: what has parts is a tuple that begins with its kind."""
    match data:
        case {"#bigint": digits}:
            return int(digits)
        case {"#tup": items}:
            return ("tuple", *map(python, items))
        case {"#set": items}:
            assert len(items) == len({*map(python, items)})
            return ("set", frozenset(map(python, items)))
        case {"#map": pairs}:
            return ("map", frozenset((python(key), python(item)) for key, item in pairs))
        case {"tag": tag, "value": dict(fields)}:
            return ("variant", tag, *((name, python(each)) for name, each in fields.items()))
    return data
