"""A service: the machine that its nodes run, and what the runtime must know of it.

A service of one's own is named as Python names it, `module:NAME`: the module is imported from the
folder in which the command runs, or from wherever else Python finds it.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from attrs import field, frozen

from coterie.impl.codec import Codec
from coterie.impl.timers import Pace
from coterie.model.machine import Machine, Node, Timeout

SERVICES = ("store", "group", "log")


@frozen
class Service:
    """What a node of a service is made of.

    Attributes:
        name: of the service.
        options: what an operator may choose, with defaults.
        machine: the machine of a node, of its name, all servers, and the options.
        values: every class that its messages, timeouts, changes and deliveries are made of.
        keeper: how the machine's memory is kept as rows.
        paces: when its timeouts happen, by their class, of the options.
        client_paces: when the timeouts of its clients' machines happen.
        hastened: the timeouts that happen at once when a connection with their peer stands.
        patience: seconds without a connection after which a node is suspected, of the options.
        facts: what a state tells an operator, as names and short values.
        prepare: makes what a new cluster needs in its folder of keys, and returns options for it.
    """

    name: str
    options: type[msgspec.Struct]
    machine: Callable[[Node, tuple[Node, ...], Any], Machine[Any, Any]]
    values: frozenset[type]
    keeper: Callable[[Machine[Any, Any], Codec], Any]
    paces: Callable[[Any], Mapping[type[Timeout], Pace]]
    client_paces: Mapping[type[Timeout], Pace]
    hastened: tuple[type[Timeout], ...] = ()
    patience: Callable[[Any], float] = field(default=lambda _: 1.0)
    facts: Callable[[Any], Mapping[str, Any]] = field(default=lambda _: {})
    prepare: Callable[[Path], Mapping[str, Any]] = field(default=lambda _: {})

    def chosen(self, options: Mapping[str, Any]) -> Any:
        """Return the options, those not given at their defaults.

        Raises: ValueError where there is no such option, or a value is not one for it.
        """
        return msgspec.convert(dict(options), self.options)


def service_of(name: str) -> Service:
    """Return the service of that name.

    Raises: ValueError where there is none.
    """
    if ":" in name:
        return _own(*name.split(":", 1))
    if name not in SERVICES:
        raise ValueError(f"there is no service {name!r}; there are {', '.join(SERVICES)}")
    service: Service = import_module(f"coterie.impl.services.{name}").SERVICE
    return service


def _own(module: str, attribute: str) -> Service:
    """Return the service that a module of the user's defines."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        service = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as problem:
        raise ValueError(f"there is no service {module}:{attribute}: {problem}") from problem
    if not isinstance(service, Service):
        raise ValueError(f"{module}:{attribute} is no Service, but {service!r}")  # noqa: TRY004
    return service
