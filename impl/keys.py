"""A private authority, and a key with a certificate for each node: who is who in a cluster.

The name of a node, as `server0`, stands in its certificate as the only alternative name of its
subject, of the kind that DNS names are: TLS libraries hold such a name against the name that a
dialler asked for by themselves, during the handshake. The cluster's authority signs nobody else, so
whoever shows a certificate of its is the node that the certificate names.

A folder of keys holds `authority.crt` and `authority.key`, and for each node `NAME.crt` and
`NAME.key`. A node needs `authority.crt` and its own two files, and no other; the authority's key
belongs where no node runs. There is no list of revoked keys: when one is lost, make a new folder.
"""

import os
import secrets
import stat
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from coterie.impl.certificates import LONGEST_NAME, Pair, of_authority, of_node
from coterie.impl.config import node_of
from coterie.model.machine import Node

AUTHORITY = "authority"


class KeysError(Exception):
    """Keys cannot be made or used; the text says why, and what to do."""


@frozen
class Credentials:
    """What a node proves its name with, and knows its peers by.

    Attributes:
        authority: the file of the certificate that signs all others.
        certificate: the file of the node's own certificate.
        key: the file of the node's own key, which nobody else may read.
    """

    authority: Path
    certificate: Path
    key: Path


def node_named(name: str) -> Node:
    """Return the node of that name: its role in small letters, then its number, as server0.

    Raises: KeysError where the text is no such name, or too long for a certificate.
    """
    try:
        node = node_of(name)
    except ValueError as problem:
        raise KeysError(str(problem)) from problem
    if len(name) > LONGEST_NAME:
        raise KeysError(f"{name!r} is longer than {LONGEST_NAME} letters")
    return node


def credentials(folder: Path, node: Node) -> Credentials:
    """Return where in a folder of keys those of `node` are."""
    return Credentials(folder / f"{AUTHORITY}.crt", folder / f"{node}.crt", folder / f"{node}.key")


def make(folder: Path, nodes: list[Node]) -> list[Node]:
    """Make keys for the nodes that have none, and an authority where there is none.

    Effect: what was there stays as it is. The folder and its files can be read by their owner
        alone, from the moment that they exist. Each file appears whole; when this is interrupted,
        calling it again does the rest.
    Returns: the nodes for which a key or certificate was made.
    Raises: KeysError where something in the way is not what it should be.
    """
    try:
        _make_folder(folder)
        authority = _authority(folder)
        return [node for node in dict.fromkeys(nodes) if _made(folder, node, authority)]
    except OSError as problem:
        raise KeysError(f"keys cannot be kept in {folder}: {problem.strerror}") from problem


def signing_key(folder: Path, name: str) -> Ed25519PrivateKey:
    """Return the key NAME.key of a folder of keys, with which data is signed; made where none is.

    Raises: KeysError where something in the way is not what it should be.
    """
    try:
        _make_folder(folder)
        return _kept_key(folder / f"{name}.key")
    except OSError as problem:
        raise KeysError(f"keys cannot be kept in {folder}: {problem.strerror}") from problem


def verify(given: Credentials, node: Node) -> None:
    """Make sure that the credentials are those of `node`, and that nobody else can read its key.

    Raises: KeysError where they are not.
    """
    try:
        authority = _certificate(given.authority)
        _verify_pair(Pair(_key(given.key), _certificate(given.certificate)), node, given, authority)
    except OSError as problem:
        raise KeysError(
            f"{problem.filename} cannot be read: {problem.strerror}; `coterie keys` makes keys"
        ) from problem


def _make_folder(folder: Path) -> None:
    """Make the folder private, or make sure that it is."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise KeysError(f"{folder} is no folder; name another one") from None
        _verify_private(folder, "chmod 700")


def _verify_private(path: Path, remedy: str) -> None:
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise KeysError(f"{path} belongs to another user; name a folder of your own")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeysError(f"{path} is open to other users; close it: {remedy} {path}")


def _authority(folder: Path) -> Pair:
    """Return the folder's authority, made now where there is none."""
    certificate, key = folder / f"{AUTHORITY}.crt", folder / f"{AUTHORITY}.key"
    if certificate.exists() and not key.exists():
        raise KeysError(
            f"{key} is not here, and without it no node can be named; bring it back, or make"
            " another authority in an empty folder"
        )
    kept = _kept_key(key)
    if not certificate.exists():
        _write(certificate, of_authority(kept).public_bytes(Encoding.PEM))
    found = Pair(kept, _certificate(certificate))
    _verify_authority(found.certificate, certificate)
    if found.certificate.public_key() != kept.public_key():
        raise KeysError(f"{certificate} and {key} do not belong together")
    return found


def _made(folder: Path, node: Node, authority: Pair) -> bool:
    """Make what `node` lacks; return whether anything was made."""
    files = credentials(folder, node)
    if files.certificate.exists():
        if not files.key.exists():
            raise KeysError(
                f"{files.certificate} is here without its key; remove it, or name another folder"
            )
        pair = Pair(_key(files.key), _certificate(files.certificate))
        _verify_pair(pair, node, files, authority.certificate)
        return False
    certificate = of_node(node, _kept_key(files.key), authority)
    _write(files.certificate, certificate.public_bytes(Encoding.PEM))
    return True


def _kept_key(path: Path) -> Ed25519PrivateKey:
    """Return the key in that file, made now where there is none."""
    if not path.exists():
        secret = Ed25519PrivateKey.generate()
        form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        _write(path, secret.private_bytes(*form))
    return _key(path)


def _write(path: Path, content: bytes) -> None:
    """Put a new file there, whole and durable, which only its owner could ever read."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(
            draft, path
        )  # unlike renaming, this never replaces what somebody else has put there
    except FileExistsError:
        raise KeysError(f"{path} was made by somebody else just now; call this again") from None
    finally:
        draft.unlink(missing_ok=True)


def _key(path: Path) -> Ed25519PrivateKey:
    _verify_private(path, "chmod 600")
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as problem:
        raise KeysError(f"{path} holds no key that can be read: {problem}") from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise KeysError(f"{path} holds a key of another kind; coterie's are Ed25519")
    return key


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as problem:
        raise KeysError(f"{path} holds no certificate that can be read: {problem}") from problem


def _verify_authority(certificate: x509.Certificate, path: Path) -> None:
    _verify_time(certificate, path)
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        basic = x509.BasicConstraints(ca=False, path_length=None)
    if not basic.ca:
        raise KeysError(f"{path} is the certificate of no authority; name another folder")


def _verify_pair(pair: Pair, node: Node, files: Credentials, authority: x509.Certificate) -> None:
    """Make sure that a node's key and certificate belong together, to it and to the authority."""
    _verify_time(pair.certificate, files.certificate)
    if pair.certificate.public_key() != pair.key.public_key():
        raise KeysError(f"{files.certificate} and {files.key} do not belong together")
    if _names(pair.certificate) != [str(node)]:
        raise KeysError(f"{files.certificate} is not the certificate of {node}")
    try:
        pair.certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature) as problem:
        raise KeysError(
            f"{files.certificate} is of another authority than {files.authority}"
        ) from problem


def _verify_time(certificate: x509.Certificate, path: Path) -> None:
    if certificate.not_valid_after_utc < datetime.now(UTC):
        when = certificate.not_valid_after_utc.date()
        raise KeysError(f"{path} was good until {when}; remove it and call `coterie keys` again")


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [str(each.value) for each in found.value]
