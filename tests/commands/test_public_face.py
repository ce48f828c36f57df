"""`import coterie`: the names that a user needs, each from its room."""

import ast
import inspect
from importlib import import_module

import pytest

import coterie


@pytest.mark.parametrize("name", coterie.__all__)
def test_a_public_name_is_the_one_of_its_room(name: str) -> None:
    room = import_module(f"coterie.{coterie._ROOM_OF[name]}")

    assert getattr(coterie, name) is getattr(room, name)


def test_type_checkers_see_the_same_names_from_the_same_rooms() -> None:
    tree = ast.parse(inspect.getsource(coterie))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in guarded.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: str(node.module) for node in imports for alias in node.names}

    assert seen == {name: f"coterie.{room}" for name, room in coterie._ROOM_OF.items()}
    assert sorted(seen) == sorted(coterie.__all__) == dir(coterie)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Wrold'"):
        getattr(coterie, "Wrold")  # noqa: B009
