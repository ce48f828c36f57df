"""A chapter for machines."""

from typing import Any

from coterie.commands.book.anatomy import Role, Transition, anatomy
from coterie.commands.book.chapters import Chapter
from coterie.commands.book.claims import Claim, claims
from coterie.commands.book.classes import Description
from coterie.commands.book.lemmas import Support, supports
from coterie.commands.book.places import Place
from coterie.commands.book.verdicts import Verdicts


def as_data(chapter: Chapter, verdicts: Verdicts) -> dict[str, Any]:
    """Return all that a chapter says, as JSON data."""
    made = anatomy(chapter)
    return {
        "chapter": chapter.name,
        "title": chapter.title,
        "purpose": [{"module": m.__name__, "text": list(words)} for m, words in chapter.purpose],
        "checks": [_check(chapter, each, verdicts) for each in chapter.checks],
        "roles": [_role(each) for each in made.roles],
        "state": [_kind(each) for each in made.state],
        "vocabulary": {title: [_kind(each) for each in some] for title, some in made.vocabulary},
        "properties": [_claim(each, verdicts) for each in claims(chapter)],
        "lemmas": [_support(each) for each in supports(chapter, verdicts.proofs)],
    }


def _check(chapter: Chapter, check: Any, verdicts: Verdicts) -> dict[str, Any]:
    counts = verdicts.counts(check)
    return {
        "check": check.name,
        "about": check.about,
        "bounds": chapter.worlds[check.name].statement(),
        "sizes": [
            {
                "size": each.size,
                "parameters": each.parameters,
                "states": each.states,
                "transitions": each.transitions,
                "depth": each.depth,
                "seconds": each.seconds,
                "note": each.note or None,
            }
            for each in counts
        ],
    }


def _role(role: Role) -> dict[str, Any]:
    return {
        "role": role.name,
        "machine": _kind(role.machine),
        "within": [_kind(each) for each in role.within],
        "step": _place(role.step),
        "transitions": [_transition(each) for each in role.transitions],
        "not_met": list(role.unseen),
    }


def _transition(transition: Transition) -> dict[str, Any]:
    return {
        "event": transition.event,
        "changes": list(transition.changes),
        "effects": list(transition.effects),
        "may_do_nothing": transition.idle,
        "may_be_refused": transition.refused,
    }


def _kind(kind: Description) -> dict[str, Any]:
    return {
        "class": kind.name,
        "about": " ".join(kind.about),
        "fields": [
            {"field": each.name, "type": each.type, "meaning": each.meaning or None}
            for each in kind.fields
        ],
        "defined": _place(kind.place),
    }


def _claim(claim: Claim, verdicts: Verdicts) -> dict[str, Any]:
    return {
        "property": claim.name,
        "kind": claim.origin.kind.value,
        "statement": claim.statement,
        "formula": claim.formula or None,
        "why": claim.why or None,
        "source": claim.source or None,
        "notes": [{"heading": title or None, "text": words} for title, words in claim.notes],
        "verdicts": [
            {
                "check": each.check.name,
                "size": each.size,
                "verdict": each.words,
                "expected": claim.expected(each.check).value,
                "found": each.is_found,
            }
            for each in verdicts.judgements(claim)
        ],
        "mutants": [
            {"mutant": each.mutant, "check": each.check.name, "steps": each.steps}
            for each in claim.kills
        ],
        "witnesses": [each.name for each in claim.witnesses],
        "defined": _place(claim.place),
    }


def _support(support: Support) -> dict[str, Any]:
    return {
        "lemma": support.lemma.name,
        "statement": support.lemma.statement,
        "guards": list(support.guards),
        "verdict": support.proof.verdict if support.proof else None,
        "seconds": support.proof.seconds if support.proof else None,
        "note": None if support.proof else support.words,
        "defined": _place(support.place),
    }


def _place(place: Place | None) -> str | None:
    return None if place is None else str(place)
