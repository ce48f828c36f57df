"""Chapters: every check stands in one, and every property on its page."""

from collections import Counter

import pytest

from coterie.checks.catalogue import catalogue
from coterie.commands.book.chapters import chapter_named, chapter_of, chapters
from coterie.commands.book.claims import claims
from coterie.commands.book.lemmas import supports
from coterie.spec.lemmas.lemma import lemmas

NAMES = [each.name for each in chapters()]


def test_every_check_stands_in_one_chapter() -> None:
    standing = Counter(check.name for chapter in chapters() for check in chapter.checks)

    assert standing == Counter(check.name for check in catalogue())


def test_every_property_stands_once_on_the_page_of_its_check() -> None:
    pages = [
        (claim, check) for each in chapters() for claim in claims(each) for check in claim.checks
    ]
    found = Counter((check.name, claim.name) for claim, check in pages)

    assert found == Counter((check.name, p.name) for check in catalogue() for p in check.properties)


def test_a_chapter_has_the_first_two_names_of_its_checks() -> None:
    for each in chapters():
        for check in each.checks:
            assert check.name.startswith(each.name)


def test_names_that_share_a_file_are_one_chapter() -> None:
    assert {"session", "link", "oracles.two_phase"} <= set(NAMES)
    assert chapter_of("session.late").name == "session"
    assert chapter_of("oracles.two_phase_symmetric").name == "oracles.two_phase"


def test_there_is_no_chapter_of_another_name() -> None:
    assert chapter_named("gossip") is None
    with pytest.raises(KeyError):
        chapter_of("gossip.store")


@pytest.mark.parametrize("name", NAMES)
def test_a_chapter_says_what_it_is_for(name: str) -> None:
    chapter = chapter_named(name)

    assert chapter is not None
    assert chapter.title
    assert chapter.purpose
    module, words = chapter.purpose[0]
    assert words[0] in " ".join((module.__doc__ or "").split())


def test_every_property_says_what_it_claims_and_shows_that_it_can_fail() -> None:
    for chapter in chapters():
        for claim in claims(chapter):
            assert claim.statement.endswith("."), claim.name
            assert claim.kills or claim.refuted, claim.name
            assert claim.place is not None, claim.name


def test_a_witness_that_names_a_claim_is_its_witness() -> None:
    chapter = chapter_named("gossip.store")
    assert chapter is not None
    found = {claim.name: claim for claim in claims(chapter)}

    witnesses = [each.name for each in found["caught_up_knows_what_was_stored"].witnesses]

    assert witnesses == ["a_server_catches_up"]
    assert found["a_server_catches_up"].witnesses == ()


def test_a_property_of_several_protocols_says_so() -> None:
    chapter = chapter_named("smr.naive")
    assert chapter is not None
    found = {claim.name: claim for claim in claims(chapter)}

    assert found["same_order"].elsewhere == ("smr.sequenced", "synchrony.paxos")


def test_the_main_mutant_comes_first() -> None:
    chapter = chapter_named("gossip.store")
    assert chapter is not None
    found = {claim.name: claim for claim in claims(chapter)}

    assert found["complete_at_rest"].kills[0].mutant == "late_request"


def test_every_lemma_about_a_guard_is_on_the_page_of_a_protocol_that_uses_it() -> None:
    shown = {each.lemma.name for chapter in chapters() for each in supports(chapter, None)}
    guarded = {each.name for each in lemmas() if each.guards}

    unused = guarded - shown  # the scheme in general, of which the protocols are instances
    assert shown <= guarded
    assert {name.rpartition(".")[0] for name in unused} == {"diffusion.scheme"}


def test_a_lemma_is_not_on_the_page_of_a_protocol_without_its_guards() -> None:
    chapter = chapter_named("oracles.tcommit")
    assert chapter is not None

    assert supports(chapter, None) == ()
