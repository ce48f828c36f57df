"""The real hash and signature of a log's records: SHA-256, and Ed25519 by library `cryptography`.

In the model both are words that show what was hashed and signed. The machines take them as fields,
so those that are checked are those that run.

A record's name is the hash of its parents and its value, written as MessagePack; the writer signs
the name, with what it is a name of before it, so that its key can serve nothing else.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache

import msgspec
from attrs import define, field
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from coterie.model.gossip.gdp.record import Entry
from coterie.model.machine import Node
from coterie.model.signature import Signature

CONTEXT = b"coterie log record 1\0"
"""What is hashed and signed before everything else."""

PARENTS_MOST = 64
LETTERS_MOST = 65_536
REMEMBERED = 4096
"""Of so many records the last verdicts are remembered: one comes from several sides."""

_pack = msgspec.msgpack.Encoder().encode


def hash_of(parents: tuple[str, ...], value: str) -> str:
    """Return the name of a record, in hexadecimal.

    Raises: ValueError where the text cannot be written as UTF-8.
    """
    return hashlib.sha256(CONTEXT + _pack([parents, value])).hexdigest()


def public_of(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key, in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def signer(key: Ed25519PrivateKey) -> Callable[..., Entry]:
    """Return what makes and signs records: of the writer's name, a value, and parents."""

    def made(writer: Node, value: str, *parents: str) -> Entry:
        name = hash_of(parents, value)
        signature = key.sign(CONTEXT + name.encode())
        return Entry(name, parents, value, Signature(writer, signature))

    return made


def unfit(value: str, parents: tuple[str, ...]) -> str:
    """Return why no record can say this; nothing where one can."""
    if len(value) > LETTERS_MOST:
        return f"it is longer than {LETTERS_MOST} letters"
    if "\0" in value:
        return "it holds a NUL, which not every database keeps"
    return f"it has more than {PARENTS_MOST} parents" if len(parents) > PARENTS_MOST else ""


@define
class Seal:
    """What the writer's public key says of records.

    Attributes:
        public: the key, in hexadecimal.
    """

    public: str
    why_not: Callable[[Entry, Node], str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Read the key.

        Raises: ValueError where it is none.
        """
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public))
        except ValueError as error:
            raise ValueError(f"{self.public!r} is no Ed25519 key in hexadecimal") from error
        self.why_not = lru_cache(REMEMBERED)(_judge(key))

    def accepts(self, entry: Entry, writer: Node) -> bool:
        """Return whether `writer`, to whom the key belongs, has written exactly this record."""
        return not self.why_not(entry, writer)


def _judge(key: Ed25519PublicKey) -> Callable[[Entry, Node], str]:
    def why_not(entry: Entry, writer: Node) -> str:
        if reason := unfit(entry.value, entry.parents):
            return reason
        if entry.name != hash_of(entry.parents, entry.value):
            return "its name is not the hash of what it says"
        content = entry.signature.content
        if entry.signature.signer != writer or not isinstance(content, bytes):
            return f"it is not signed by {writer}"
        try:
            key.verify(content, CONTEXT + entry.name.encode())
        except InvalidSignature:
            return f"its signature is not the one of {writer}"
        return ""

    return why_not
