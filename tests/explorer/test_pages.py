"""The pages: what they show, whom they answer, and that nothing which they show can act."""

import builtins
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from coterie.commands.explorer.bounded import EVALUATION
from coterie.commands.explorer.pages import FORM_MOST
from coterie.commands.explorer.session import Session
from coterie.spec.property import Kind, Property
from tests.explorer import hostile
from tests.explorer.asking import (
    BASE,
    COUNTING,
    ENDLESS,
    ORIGIN,
    client_of,
    path_of,
    search,
    session_of,
)

PAGES = ["/", "/?steps=0.1", "/neighbours?steps=0", "/names?steps=0"]


@pytest.fixture(scope="module")
def session() -> Session:
    return session_of("oracles.two_phase", managers=2)


@pytest.fixture(scope="module")
def client(session: Session) -> TestClient:
    return client_of(session)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_keeps_the_browser_at_home(client: TestClient, page: str) -> None:
    answer = client.get(BASE + page)

    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "").replace(
        "http-equiv", ""
    )


@pytest.mark.parametrize(
    "address", ["/", "/wrong/", "/?token=wrong", f"{BASE}x/", f"/x{BASE}/", "//"]
)
def test_without_the_token_nobody_is_answered(client: TestClient, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 403
    assert "Take the address that `coterie explore` has printed." in answer.text
    assert "two_phase" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "evil@127.0.0.1", "127.0.0.1:80:80", "["]
)
def test_a_name_that_is_not_loopback_is_refused(client: TestClient, host: str) -> None:
    answer = client.get(f"{BASE}/", headers={"Host": host})

    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost:8123", "localhost"])
def test_loopback_may_have_any_port(client: TestClient, host: str) -> None:
    assert client.get(f"{BASE}/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", ""])
@pytest.mark.parametrize("form", ["search", "evaluate"])
def test_a_form_from_elsewhere_runs_nothing(client: TestClient, form: str, origin: str) -> None:
    ran = "__import__('builtins').__dict__.update(it_ran=True)"
    data = {"sort": "expression", "said": ran}

    answer = client.post(f"{BASE}/{form}", data=data, headers={"Origin": origin})

    assert answer.status_code == 403
    assert "does not come from a page of the explorer" in answer.text
    assert "it_ran" not in vars(builtins)


@pytest.mark.parametrize("page", ["/", "/search", "/evaluate", "/search/x/again"])
def test_no_address_makes_an_expression_run(client: TestClient, page: str) -> None:
    ran = quote("__import__('builtins').__dict__.update(it_ran=True)")

    client.get(f"{BASE}{page}?sort=expression&said={ran}&expression={ran}")

    assert "it_ran" not in vars(builtins)


def test_a_step_is_a_link_to_the_state_after_it(client: TestClient) -> None:
    start = client.get(f"{BASE}/")
    assert f'href="{BASE}/?steps=0" data-offer="0"' in start.text
    assert "manager0: Prepare()" in start.text

    after = client.get(f"{BASE}/?steps=0")

    assert "The state, after step 1" in after.text
    assert '<del><span class="hidden">was </span>Stage.WORKING</del>' in after.text
    assert 'rel="prev" href="' in after.text


def test_faults_are_marked_among_what_may_happen() -> None:
    page = client_of(session_of("synchrony.service.looks.suspected")).get(f"{BASE}/").text

    fault = page.index('<li class="fault">')
    assert "Suspect(" in page[fault : fault + 500]
    assert '<span class="tag fault">fault</span>' in page[fault : fault + 800]


def test_a_step_that_breaks_a_property_says_so_before_it_is_taken() -> None:
    client = client_of(session_of("smr.naive"))
    first = search(client, sort="property", said="same_order", path="")
    path = path_of(first.url)

    before = client.get(f"{BASE}/?{path.to(path.at - 1).address}").text
    ahead = before[before.index('class="ahead"') :]

    assert "✗ same_order" in ahead[: ahead.index("</li>")]
    assert '<li class="false" id="property-same_order">' in first.text
    assert "false here: of replica0, replica1" in first.text
    assert "known to be false" in first.text


def test_a_jump_ends_on_the_path_to_a_nearest_state(client: TestClient) -> None:
    answer = search(
        client,
        sort="expression",
        said="world[manager0] is Stage.COMMITTED",
        path="",
        **{"from": "start"},
    )

    assert answer.status_code == 200
    assert path_of(answer.url).at == 6
    assert "The nearest such state is 6 steps from the start" in answer.text
    assert "A state where world[manager0] is Stage.COMMITTED" in answer.text
    assert 'action="' + BASE + "/search/" in answer.text


def test_a_permalink_shows_the_same_page_to_another_explorer(client: TestClient) -> None:
    found = search(client, sort="text", said="manager1 committed", path="")
    permalink = found.text.split('id="permalink" href="')[1].split('"')[0].replace("&amp;", "&")
    other = client_of(session_of("oracles.two_phase", managers=2))

    assert other.get(permalink).text == client.get(permalink).text
    assert "seal=" in permalink


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("steps=0.77", "Step 2 should be number 77"),
        ("steps=x", "It says steps=x, where only numbers may stand."),
        ("steps=0.1&seal=0123456789", "The address was made for another check"),
    ],
)
def test_a_permalink_that_leads_nowhere_says_how_far_it_goes(
    client: TestClient, address: str, says: str
) -> None:
    for page in ("/", "/neighbours"):
        answer = client.get(f"{BASE}{page}?{address}")

        assert answer.status_code == 404
        assert says in answer.text
        assert ("1 step could be followed" in answer.text) is ("77" in address)


def test_what_was_typed_is_still_there_after_a_mistake(client: TestClient) -> None:
    for form in ("search", "evaluate"):
        said = "world[manager9] < 3"
        data = {"sort": "expression", "said": said, "path": "steps=0"}

        answer = client.post(f"{BASE}/{form}", data=data)

        assert answer.status_code == 400
        assert "world[manager9] &lt; 3</textarea>" in answer.text
        assert "name &#39;manager9&#39; is not defined" in answer.text
        assert "The state, after step 1" in answer.text


def test_an_expression_can_be_asked_where_one_stands(client: TestClient) -> None:
    data = {"said": "world[manager0], 1 < 2", "path": "steps=0"}

    answer = client.post(f"{BASE}/evaluate", data=data)

    assert "Here it is <code>(Stage.PREPARED, True)</code>" in answer.text


THROWN = "(_ for _ in ()).throw({})"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (THROWN.format(r"ValueError('a \ud800 b')"), r"ValueError: a \ud800 b"),
        (THROWN.format("type('Mute', (Exception,), {'__str__': lambda me: 1 / 0})"), "Mute"),
        (THROWN.format("KeyboardInterrupt"), "KeyboardInterrupt"),
        (THROWN.format("GeneratorExit"), "GeneratorExit"),
        (THROWN.format("SystemExit(3)"), "SystemExit: 3"),
        (THROWN.format("BaseException('rare')"), "BaseException: rare"),
    ],
)
def test_whatever_an_expression_raises_is_told(client: TestClient, said: str, says: str) -> None:
    for form in ("evaluate", "search"):
        data = {"sort": "expression", "said": said, "path": ""}

        answer = client.post(f"{BASE}/{form}", data=data)

        if answer.status_code == 303:
            answer = search(client, **data)
            assert "could not be evaluated" in answer.text
        assert says in answer.text
        assert answer.status_code < 500


def test_a_value_with_half_a_character_is_shown(client: TestClient) -> None:
    said = r"type('Half', (), {'__repr__': lambda me: '<\ud800>'})()"

    answer = client.post(f"{BASE}/evaluate", data={"said": said, "path": ""})

    assert answer.status_code == 200
    assert r"&lt;\ud800&gt;" in answer.text


@pytest.mark.parametrize("form", ["evaluate", "search"])
def test_an_expression_without_end_is_given_up(form: str) -> None:
    session = session_of("oracles.two_phase", managers=2)
    session.patience = 0.05
    data = {"sort": "expression", "said": ENDLESS, "path": ""}

    answer = client_of(session).post(f"{BASE}/{form}", data=data)

    assert answer.status_code == 400
    assert "It took longer than 0.05 s" in answer.text
    assert "itertools" in answer.text
    while any(each.name == EVALUATION for each in threading.enumerate()):
        time.sleep(0.01)


@pytest.mark.parametrize(
    "data",
    [
        {"sort": "nothing", "said": "x"},
        {"sort": "property", "said": "no_such_property"},
        {},
        {"sort": "text", "said": "x" * FORM_MOST},
    ],
)
def test_a_form_that_asks_nothing_is_refused(client: TestClient, data: dict[str, str]) -> None:
    assert client.post(f"{BASE}/search", data=data).status_code in {400, 413}


@pytest.mark.parametrize(
    "address", ["nothing", "search/nothing", "../pages.py", "..%2fpages.py", "frame.html"]
)
def test_what_is_not_there_is_a_page_that_says_so(client: TestClient, address: str) -> None:
    answer = client.get(f"{BASE}/{address}")

    assert answer.status_code in {403, 404}
    assert "import" not in answer.text


@pytest.mark.parametrize("page", ["/", "/?steps=0", "/?steps=0.0", "/neighbours", "/names"])
def test_whatever_a_model_says_is_escaped(page: str) -> None:
    client = client_of(session_of(hostile.CHECK))

    text = client.get(BASE + page).text

    assert "&lt;script&gt;" in text
    assert text.count("<script") == 1  # the explorer's own
    assert "<img" not in text


def test_whatever_is_typed_is_escaped() -> None:
    client = client_of(session_of(hostile.CHECK))
    said = f"{hostile.QUOTED!r} + {hostile.ATTACK!r}"
    answers = [
        client.post(f"{BASE}/evaluate", data={"said": said, "path": "steps=0"}),
        client.post(f"{BASE}/evaluate", data={"said": hostile.ATTACK, "path": "steps=0"}),
        search(client, sort="text", said=hostile.ATTACK, path=""),
        search(client, sort="text", said=f"{hostile.ATTACK} nothing", path=""),
        search(client, sort="property", said="silent", path=""),
        client.get(f"{BASE}/?steps={hostile.QUOTED}"),
        client.get(f"{BASE}/?seal={hostile.QUOTED}&found={hostile.ATTACK}"),
        client.get(f"{BASE}/search/{quote(hostile.ATTACK, safe='')}"),
        client.post(f"{BASE}/search", data={"sort": "property", "said": hostile.ATTACK}),
    ]

    for answer in answers:
        assert answer.text.count("<script") == 1
        assert "<img" not in answer.text


def test_a_world_with_many_starts_lets_one_choose() -> None:
    client = client_of(session_of("gossip.gdp.published.algorithm", records=2))

    page = client.get(f"{BASE}/?start=3")

    assert page.status_code == 200
    assert "starts. Begin with number" in page.text
    assert client.get(f"{BASE}/?start=999999").status_code == 404


def test_a_property_that_raises_is_shown_with_its_error() -> None:
    def wrong(world: Any) -> bool:
        return bool(world.left("nothing at all"))

    session = session_of("oracles.two_phase", managers=2)
    session.claims = (Property("wrong", Kind.ALWAYS, wrong), *session.claims)
    page = client_of(session).get(f"{BASE}/")

    assert page.status_code == 200
    assert "which this world has not" in page.text


def test_the_origin_is_the_host_that_was_called(client: TestClient) -> None:
    data = {"said": "1", "path": ""}
    headers = {"Host": "localhost:8000", "Origin": "http://localhost:8000"}

    assert client.post(f"{BASE}/evaluate", data=data, headers=headers).status_code == 200
    assert headers["Origin"] != ORIGIN
    headers["Origin"] = ORIGIN
    assert client.post(f"{BASE}/evaluate", data=data, headers=headers).status_code == 403


@pytest.fixture
def counting(tmp_path: Path) -> TestClient:
    """The pages of a world that has no end."""
    file = tmp_path / "counting.py"
    file.write_text(COUNTING.replace("OTHER = ", "OTHERS = lambda: "))
    return client_of(session_of(str(file)))


def test_a_search_without_end_can_be_cancelled(counting: TestClient) -> None:
    data = {"sort": "text", "said": "nothing of this kind", "path": "steps=0"}
    status = counting.post(f"{BASE}/search", data=data).headers["location"]
    under_way = counting.get(status)
    assert "The search is under way" in under_way.text
    assert f'action="{status}/cancel"' in under_way.text
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in under_way.text
    assert counting.get(f"{status}/cancel").status_code == 405

    counting.post(f"{status}/cancel")
    while "data-refresh" in (page := counting.get(status)).text:
        assert page.status_code == 200

    assert "It has stopped before the end: it was cancelled." in page.text
    assert "of the others nothing is known" in page.text
    assert f'href="{BASE}/?steps=0&amp;seal=' in page.text


def test_a_new_search_takes_the_place_of_the_one_before(counting: TestClient) -> None:
    data = {"sort": "text", "said": "nothing of this kind", "path": ""}
    first = counting.post(f"{BASE}/search", data=data).headers["location"]

    found = search(counting, sort="text", said="counter0: 3", path="")

    assert path_of(found.url).at == 3
    while "data-refresh" in (page := counting.get(first)).text:
        assert page.status_code == 200
    assert "it was cancelled" in page.text


def test_of_a_long_path_the_steps_around_are_listed(counting: TestClient) -> None:
    page = counting.get(f"{BASE}/?steps={'.'.join('0' * 300)}&at=200")

    assert page.status_code == 200
    assert "Of 300 steps, those from 100 to 250 are listed." in page.text
    assert page.text.count('data-step="') == 151
    assert "The state, after step 200" in page.text


def test_steps_that_change_nothing_stand_apart(client: TestClient) -> None:
    page = client.get(f"{BASE}/?steps=0.2").text

    offered = page[page.index('id="offers"') : page.index('<details class="idle">')]
    idle = page[page.index('<details class="idle">') :]
    assert "1 step changes nothing" in idle
    assert "manager0 → coordinator0: Prepared()" in idle
    assert "manager0 → coordinator0: Prepared()" not in offered
