"""The real hash and signature of records."""

from typing import Any

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coterie.impl.seals import LETTERS_MOST, PARENTS_MOST, Seal, hash_of, public_of, signer
from coterie.model.machine import Node
from coterie.model.signature import Signature

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WRITER = Node("writer")
SEAL, WRITE = Seal(public_of(KEY)), signer(KEY)
ROOT = WRITE(WRITER, "grüezi")
NEXT = WRITE(WRITER, "", ROOT.name, "another")


def test_what_the_writer_has_made_is_accepted() -> None:
    assert SEAL.accepts(ROOT, WRITER)
    assert SEAL.accepts(NEXT, WRITER)
    assert SEAL.why_not(NEXT, WRITER) == ""


def test_the_same_record_is_the_same_wherever_it_is_made() -> None:
    assert signer(KEY)(WRITER, "grüezi") == ROOT
    assert len(ROOT.name) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"value": "other"},
        {"parents": ("x",)},
        {"name": "0" * 64},
        {"name": NEXT.name},
        {"signature": Signature(WRITER, b"")},
        {"signature": Signature(WRITER, "words")},
        {"signature": NEXT.signature},
        {"signature": Signature(Node("writer", 1), ROOT.signature.content)},
    ],
)
def test_what_differs_in_anything_is_refused(change: dict[str, Any]) -> None:
    assert not SEAL.accepts(evolve(ROOT, **change), WRITER)


def test_what_another_key_has_signed_is_refused() -> None:
    other = signer(Ed25519PrivateKey.generate())(WRITER, "grüezi")

    assert other.name == ROOT.name
    assert SEAL.why_not(other, WRITER) == "its signature is not the one of writer0"


def test_parents_and_value_do_not_run_into_one_another() -> None:
    assert len({hash_of(("a", "b"), "c"), hash_of(("a",), "bc"), hash_of(("ab",), "c")}) == 3


@pytest.mark.parametrize(
    ("value", "parents", "why"),
    [
        ("x" * (LETTERS_MOST + 1), (), "longer"),
        ("a\0b", (), "NUL"),
        ("x", tuple(map(str, range(PARENTS_MOST + 1))), "parents"),
    ],
)
def test_what_no_replica_could_keep_is_refused_though_it_is_signed(
    value: str, parents: tuple[str, ...], why: str
) -> None:
    assert why in SEAL.why_not(WRITE(WRITER, value, *parents), WRITER)


@pytest.mark.parametrize("public", ["", "xyz", "00" * 31])
def test_what_is_no_key_is_refused(public: str) -> None:
    with pytest.raises(ValueError, match="no Ed25519 key"):
        Seal(public)
