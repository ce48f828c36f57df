"""What a search has come to, in words: what was looked at, how far, and what that says."""

import re

from markupsafe import Markup, escape

from coterie.checks.result import Verdict
from coterie.commands.explorer.search import Search, State
from coterie.spec.property import Kind, Property


def title(search: Search) -> str:
    """Return what is looked for."""
    question = search.question
    match question.sort:
        case "expression":
            wanted = f"A state where {question.said.strip()}"
        case "text":
            wanted = f"A state that shows “{question.said.strip()}”"
        case _:
            kind = search.claim.kind if search.claim else None
            verb = "shows" if kind is Kind.REACHABLE else "violates"
            wanted = f"A run that {verb} {question.said}"
    return wanted + ("" if question.after is None else f", from step {question.after.at} on")


def outcome(search: Search) -> str:
    """Return what came of a search."""
    match search.state:
        case State.RUNNING:
            return "It is under way."
        case State.FAILED:
            return f"It failed: {search.problem}"
        case State.STOPPED:
            return f"It has stopped before the end: {search.problem}. {_so_far(search)}"
        case State.NOTHING:
            return f"{_nothing(search)} {_seen(search)} {_failures(search)}".strip()
    return f"{_found(search)} {_failures(search)}".strip()


def _so_far(search: Search) -> str:
    now = search.progress
    if search.question.sort == "property":
        return f"{now.states:,} states were seen, and nothing is decided."
    return (
        f"{now.states:,} states were seen; of those fewer than {now.depth:,} steps away"
        " none is what is looked for, and of the others nothing is known."
    )


def _nothing(search: Search) -> str:
    if search.question.sort != "property":
        other = "other " if search.question.known else ""
        return f"No {other}state is what is looked for."
    assert search.finding is not None
    if search.finding.verdict is Verdict.HOLDS:
        return f"It holds: nothing violates {search.question.said}."
    return "No reachable state makes it true."


def _seen(search: Search) -> str:
    where = "" if search.question.after is None else " that can be reached from there"
    now = search.progress
    states = f"all {now.states:,} states" if search.complete else f"{now.states:,} states"
    return f"The search has looked at {states}{where}, in {now.seconds:.1f} seconds."


def _failures(search: Search) -> str:
    expression = search.expression
    if expression is None or not expression.failures:
        return ""
    share = "every time"
    if expression.failures < expression.evaluations:
        share = f"{expression.failures:,} of {expression.evaluations:,} times"
    failed = f"The expression could not be evaluated {share}, which counts as not true:"
    return f"{failed} {expression.problem}"


def _found(search: Search) -> str:
    finding, now = search.finding, search.progress
    assert finding is not None
    steps = finding.distance or 0
    away = f"{steps:,} step{'' if steps == 1 else 's'}"
    seen = f"{now.states:,} states were seen, in {now.seconds:.1f} seconds."
    start = "from the start" if search.question.after is None else "further on"
    if search.question.sort != "property":
        many = finding.violations
        others = f"{many:,} states" if many > 1 else "One state"
        other = "other " if search.question.known else ""
        return f"The nearest {other}such state is {away} {start}; {others} at that distance. {seen}"
    if finding.claim.kind is Kind.REACHABLE:
        return f"A shortest run to a state that makes it true: {away}. {seen}"
    if finding.claim.kind.is_temporal:
        return f"A run without end that violates it: {away}, then for ever. {seen}"
    return f"A shortest run that violates it: {away}. {seen}"


def wanted(claim: Property) -> str:
    """Return what a search for what decides `claim` would show."""
    return "Show a witness" if claim.kind is Kind.REACHABLE else "Show a violation"


def capitalised(words: str) -> str:
    """Return `words` with a capital letter at the beginning."""
    return words[:1].upper() + words[1:]


def prose(words: str) -> Markup:
    """Return the words of a docstring, escaped, with what stands in backquotes as code."""
    marked = re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(words)))
    return Markup(marked)  # noqa: S704  (escaped above)
