"""A world of more than a million states: the search goes through them, and the pages stay quick."""

import re
import time
from urllib.parse import urlsplit

import httpx2 as httpx

from coterie.commands.explorer.walker import Walker
from coterie.commands.selecting import selections
from coterie.model.oracles.two_phase import Stage
from tests.explorer.asking import explorer, path_of


def test_the_pages_answer_while_a_search_goes_through_a_million_states() -> None:
    said = "all(world[each] is Stage.COMMITTED for each in world.nodes('manager'))"
    with explorer("oracles.two_phase", "--set", "managers=8") as running:
        parts = urlsplit(running.address)
        server = f"{parts.scheme}://{parts.netloc}"
        with httpx.Client(base_url=server, headers={"Origin": server}, timeout=600) as client:
            begun = client.post(f"{parts.path}search", data={"sort": "expression", "said": said})
            seen: list[int] = []
            while True:
                status = client.get(begun.headers["location"])
                if status.status_code == 303:
                    break
                assert "The search is under way" in status.text
                found = re.search("([0-9,]+) states seen", status.text)
                seen.append(int(found.group(1).replace(",", "")) if found else 0)
                page = client.get(f"{parts.path}?steps=0.{len(seen) % 9}")
                assert page.status_code == 200
                time.sleep(0.2)
            shown = client.get(status.headers["location"])

    assert len(set(seen)) >= 3  # it was seen to go on, between pages that were answered
    states = re.search("([0-9,]+) states were seen", shown.text)
    assert states is not None
    assert int(states.group(1).replace(",", "")) > 1_000_000
    (selection,) = selections(("oracles.two_phase",))
    walk = Walker(selection.check.world(managers=8), "").follow(
        path_of(status.headers["location"].replace("&seal=", "&was="))
    )
    assert walk.problem == ""
    assert len(walk.trace) == 25
    assert all(value.state is Stage.COMMITTED for value in walk.here[:8])
