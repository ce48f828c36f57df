"""Mutual TLS 1.3: both ends show a certificate of the cluster's authority, or nothing is said."""

import ssl
from typing import Any

from coterie.impl.config import node_of
from coterie.impl.keys import Credentials
from coterie.model.machine import Node


def accepting(credentials: Credentials) -> ssl.SSLContext:
    """Return how connections are accepted: from whoever has a certificate of the authority."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, credentials)
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0  # every connection shows its certificate: none resumes an older one
    return context


def dialling(credentials: Credentials) -> ssl.SSLContext:
    """Return how nodes are dialled: the certificate must have the name that was asked for."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, credentials)
    context.check_hostname = True
    context.hostname_checks_common_name = False
    return context


def certified(connection: Any) -> Node:
    """Return the node that the peer's certificate names.

    Raises: ValueError where it does not name exactly one.
    """
    names = connection.getpeercert().get("subjectAltName", ())
    if len(names) != 1 or names[0][0] != "DNS":
        raise ValueError(f"the certificate should name one node, and names {len(names)}")
    return node_of(names[0][1])


def _context(protocol: int, credentials: Credentials) -> ssl.SSLContext:
    """Return a context that trusts the cluster's authority and no other."""
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(credentials.authority)
    context.load_cert_chain(credentials.certificate, credentials.key)
    return context
