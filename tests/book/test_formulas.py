"""Formulas: what is mathematics becomes MathML, and the text stays as it was typed."""

import xml.etree.ElementTree as ET

import pytest

from coterie.checks.catalogue import catalogue
from coterie.commands.book.formulas import SIGNS, mathml
from coterie.commands.page import paragraphs
from coterie.spec.lemmas.lemma import lemmas

HEADING = "In symbols: "
DOCUMENTED = [*(p for check in catalogue() for p in check.properties), *lemmas()]
FORMULAS = sorted(
    {
        paragraph.removeprefix(HEADING)
        for each in DOCUMENTED
        for paragraph in paragraphs(each.documentation)
        if paragraph.startswith(HEADING)
    }
)
ELEMENTS = {"math", "mi", "mn", "mo", "mtext"}


def parsed(formula: str) -> ET.Element:
    return ET.fromstring(f"<p>{mathml(formula)}</p>")


def typed(text: str) -> str:
    """Return text with each sign as one types it."""
    for ascii_sign, sign in SIGNS.items():
        text = text.replace(sign, ascii_sign)
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_there_are_formulas() -> None:
    assert len(FORMULAS) > 300


def test_every_formula_of_the_catalogue_is_well_formed_and_says_what_was_typed() -> None:
    for formula in FORMULAS:
        made = parsed(formula)

        assert {each.tag for each in made.iter()} <= {"p", *ELEMENTS}, formula
        assert typed("".join(made.itertext())) == typed(formula)


def test_nearly_every_formula_has_mathematics_in_it() -> None:
    without = [formula for formula in FORMULAS if "<math>" not in mathml(formula)]

    assert len(without) < len(FORMULAS) / 10


def test_names_numbers_and_signs_become_elements_of_their_kind() -> None:
    made = parsed("ticks <= 3")

    assert [
        (each.tag, each.text) for each in made.iter() if each.tag.startswith("m") and each.text
    ] == [
        ("mi", "ticks"),
        ("mo", "≤"),
        ("mn", "3"),
    ]


@pytest.mark.parametrize("word", ["for all", "implies", "is a prefix of"])
def test_words_between_are_no_mathematics(word: str) -> None:
    made = parsed(f"log(r) {word} log(s)")

    assert len(made.findall("math")) == 2
    assert made.findall("math")[0].tail == f" {word} "


def test_words_within_a_call_are_text_with_their_spaces() -> None:
    made = parsed("dates(in flight') = dates(disks)")

    assert "dates(in\N{NO-BREAK SPACE}flight')" in "".join(made.itertext())
    assert len(made.findall("math")) == 1


def test_an_article_is_no_name_and_a_listed_letter_is() -> None:
    assert "<math>" not in mathml("there is a prefix")
    assert "<mi>a</mi>" in mathml("for all acceptors a, b")


def test_what_is_special_in_html_is_escaped() -> None:
    assert "<mo>&lt;</mo>" in mathml("a < b")
    assert parsed("a < b & c").findtext("math") is not None
