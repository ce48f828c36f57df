"""The small changes to a function."""

import ast
from textwrap import dedent, indent

import pytest

from coterie.checks.mutation.operators import Change, Operator, Replace, changes


def found(body: str) -> list[Change]:
    tree = ast.parse(f"def f(self, state, event):\n{indent(dedent(body).strip(), '    ')}\n")
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    return changes(function)


def texts(body: str, operator: Operator) -> list[str]:
    return [change.text for change in found(body) if change.operator is operator]


@pytest.mark.parametrize(
    ("body", "operator", "expected"),
    [
        ("return a == b", Operator.COMPARISON, ["a == b → a != b"]),
        ("return a < b", Operator.COMPARISON, ["a < b → a <= b"]),
        ("return a not in b", Operator.COMPARISON, ["a not in b → a in b"]),
        ("return min(a)", Operator.COMPARISON, ["min(a) → max(a)"]),
        ("return all(a)", Operator.COMPARISON, ["all(a) → any(a)"]),
        (
            "return a < b <= c",
            Operator.COMPARISON,
            ["a < b <= c → a <= b <= c", "a < b <= c → a < b < c"],
        ),
        ("return a < b", Operator.SWAPPED_OPERANDS, ["a < b → b < a"]),
        ("return a - b", Operator.SWAPPED_OPERANDS, ["a - b → b - a"]),
        ("return a == b", Operator.SWAPPED_OPERANDS, []),
        ("return queue[1:]", Operator.OFF_BY_ONE, ["1 → 2 in queue[1:]"]),
        ("return f(True, -1)", Operator.OFF_BY_ONE, ["1 → 2 in f(True, -1)"]),
        ("return a + b", Operator.DROPPED_UPDATE, ["a + b → a", "a + b → b"]),
        ("return a - b", Operator.DROPPED_UPDATE, ["a - b → a"]),
        ("return m.set(k, v)", Operator.DROPPED_UPDATE, ["m.set(k, v) → m"]),
        (
            "return evolve(state, a=b, c=d)",
            Operator.DROPPED_UPDATE,
            ["evolve(state) without a=b", "evolve(state) without c=d"],
        ),
        (
            "return Outcome(state, (Send(a, b), *more))",
            Operator.DROPPED_EFFECT,
            ["without Send(a, b)", "without *more"],
        ),
        (
            "return Outcome(state, sends)",
            Operator.DROPPED_EFFECT,
            ["Outcome(state, sends) without its effects"],
        ),
        (
            "return c.Outcome(state, [c.Send(a, b)])",
            Operator.DROPPED_EFFECT,
            ["without c.Send(a, b)"],
        ),
        ("yield a", Operator.DROPPED_EFFECT, ["without yield a"]),
        ("out.append(a)", Operator.DROPPED_EFFECT, ["without out.append(a)"]),
        ("if a: return b", Operator.DROPPED_GUARD, ["if a → if True", "if a → if False"]),
        ("while a: b = c", Operator.DROPPED_GUARD, ["if a → if False"]),
        ("return a and b", Operator.DROPPED_GUARD, ["a and b → b", "a and b → a"]),
        ("return not a", Operator.DROPPED_GUARD, ["not a → a"]),
        ("return [x for x in a if x]", Operator.DROPPED_GUARD, ["for … in a without if x"]),
        (
            "match event:\n  case A() if b: return c",
            Operator.DROPPED_GUARD,
            ["case A() if b → case A()", "case A() if b → never"],
        ),
    ],
)
def test_a_function_has_these_changes(body: str, operator: Operator, expected: list[str]) -> None:
    assert texts(body, operator) == expected


@pytest.mark.parametrize(
    "body",
    ["assert a == 1", "raise A(a - 1)", "'a docstring'", "x: Tuple[1] = a", "def g(b=1): return b"],
)
def test_what_no_run_can_tell_stays_as_it_is(body: str) -> None:
    assert not found(body)


def test_two_changes_of_one_text_are_told_apart() -> None:
    assert texts("a = b + 1\nc = b + 1", Operator.OFF_BY_ONE) == [
        "1 → 2 in b + 1",
        "1 → 2 in b + 1 #2",
    ]


BODY = """
    if a and not b:
        return Outcome(evolve(state, x=state.x - 1), (Send(to, m[1:]), *more))
    for c in [d for d in e if d > 0]:
        yield c
    match event:
        case Receive(_, x) if (
            x in state
        ):
            return max(x, key=lambda y: y + 2)
"""


def test_each_change_gives_another_program_and_can_be_taken_back() -> None:
    tree = ast.parse(f"def f():\n{indent(dedent(BODY), '    ')}")
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    before, written = ast.dump(tree), set()

    for change in changes(function):
        Replace(change.target, change.replacement).visit(tree)
        compile(tree, "a test", "exec")
        written.add(ast.dump(tree))
        Replace(change.replacement, change.target).visit(tree)
        assert ast.dump(tree) == before

    assert len(written) == len(changes(function)) > 20
    assert before not in written


def test_the_span_of_a_change_is_its_statement_or_its_head() -> None:
    lines = {change.text: change.span for change in found(BODY)}

    assert lines["not b → b"] == (2, 2)
    assert lines["1 → 2 in state.x - 1"] == (3, 3)
    assert lines["x in state → x not in state"] == (7, 8)
    assert lines["2 → 3 in y + 2"] == (10, 10)
