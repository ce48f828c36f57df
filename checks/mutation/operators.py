"""The small changes: each replaces one node of a function's syntax tree.

A change is named by what it does to the source, as `len(queue) > 0 → len(queue) >= 0`, not by a
line number, so that a reason written down for it stays true when lines move.
"""

import ast
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

from attrs import evolve, frozen

SHORT = 72
EFFECTS = frozenset({"Send", "Return", "Deliver", "Record", "Halt"})
UPDATES = frozenset({"set", "delete", "update", "union"})
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
ORDERINGS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
SYMMETRIC = (ast.Add, ast.Mult, ast.BitOr, ast.BitAnd)
ONE_SIDED = (ast.Sub, ast.FloorDiv, ast.Mod)
UNTOUCHED = (ast.Assert, ast.Raise, ast.Delete, ast.Import, ast.ImportFrom)


class Operator(Enum):
    """The kinds of small changes."""

    COMPARISON = "comparison"
    OFF_BY_ONE = "off by one"
    DROPPED_EFFECT = "dropped effect"
    DROPPED_UPDATE = "dropped update"
    DROPPED_GUARD = "dropped guard"
    SWAPPED_OPERANDS = "swapped operands"


@frozen(eq=False)
class Change:
    """One small change to a function.

    Attributes:
        operator: its kind.
        text: what it does to the source; unique in the function.
        target: the node that it replaces.
        replacement: the node in its place.
        line: where the target stands in the file, counted from 1.
        span: the first and the last line of the statement (or of its head) that the target is in;
            a call that runs none of these lines does not run the target.
    """

    operator: Operator
    text: str
    target: ast.AST
    replacement: ast.AST
    line: int
    span: tuple[int, int]


Found = tuple[Operator, ast.AST, ast.AST, str]


def changes(function: ast.FunctionDef) -> list[Change]:
    """Return every small change to the body of `function`, in the order of its source."""
    found: list[Change] = []
    for statement in function.body:
        for target, head, above in _nodes(statement):
            for operator, old, new, text in _of(target, above):
                span = (head.lineno, _head_end(head))
                line = getattr(old, "lineno", head.lineno)
                found.append(Change(operator, _short(text), old, _placed(new, old), line, span))
    return _numbered(found)


def _numbered(found: Iterable[Change]) -> list[Change]:
    """Return the changes with texts that are unique: the second of the same gets `#2`."""
    seen: dict[str, int] = {}
    numbered = []
    for change in found:
        count = seen[change.text] = seen.get(change.text, 0) + 1
        text = change.text if count == 1 else f"{change.text} #{count}"
        numbered.append(evolve(change, text=text))
    return numbered


Nodes = Iterator[tuple[ast.AST, Any, tuple[ast.AST, ...]]]


def _nodes(statement: ast.stmt) -> Nodes:
    """Yield each node below a statement, with the innermost head that it is in, and its parents."""
    stack: list[tuple[ast.AST, Any, tuple[ast.AST, ...]]] = [(statement, statement, ())]
    while stack:
        node, head, above = stack.pop()
        if isinstance(node, UNTOUCHED):
            continue
        if isinstance(node, ast.stmt):
            head = node
        elif isinstance(node, ast.match_case):
            head = node.pattern if node.guard is None else _Guarded(node)
        yield node, head, above
        children = list(_children(node))
        stack += [(child, head, (*above, node)) for child in reversed(children)]


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below `node` that run; annotations, patterns and docstrings do not."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from node.body
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "pattern"}:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield each


class _Guarded:
    """The head of a `case` with a guard: from the pattern's first line to the guard's last."""

    def __init__(self, case: ast.match_case) -> None:
        assert case.guard is not None
        self.lineno = case.pattern.lineno
        self.end_lineno = case.guard.end_lineno


def _head_end(head: Any) -> int:
    """Return the last line of a statement that has no body, or of a compound statement's head."""
    body = getattr(head, "body", None) or getattr(head, "cases", None)
    if isinstance(body, list) and not isinstance(head, ast.match_case):
        for name in ("test", "iter", "subject", "items", "args"):
            part = getattr(head, name, None)
            if isinstance(part, ast.expr):
                return max(int(head.lineno), part.end_lineno or 0)
        return int(head.lineno)
    last: int = head.end_lineno or head.lineno
    return last


def _placed(new: ast.AST, old: ast.AST) -> ast.AST:
    if "lineno" in getattr(old, "_attributes", ()):
        ast.copy_location(new, old)
    ast.fix_missing_locations(new)
    return new


def _short(text: str) -> str:
    """Return `text` with the middle of either side left out where it is long."""
    sides = [" ".join(side.split()) for side in text.split(" → ")]
    return " → ".join(
        s if len(s) <= SHORT else f"{s[: SHORT // 2]}…{s[-SHORT // 2 :]}" for s in sides
    )


def _arrow(old: ast.AST, new: ast.AST) -> str:
    return f"{ast.unparse(old)} → {ast.unparse(new)}"


def _of(node: ast.AST, above: tuple[ast.AST, ...]) -> Iterator[Found]:
    """Yield the changes that replace `node` itself."""
    match node:
        case ast.Compare():
            yield from _comparison(node)
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            yield from _off_by_one(node, value, above)
        case ast.BinOp():
            yield from _operands(node)
        case ast.Call():
            yield from _call(node)
        case ast.Tuple() | ast.List():
            yield from _display(node)
        case ast.Expr():
            yield from _effect(node)
        case ast.If() | ast.IfExp() | ast.While():
            yield from _test(node)
        case ast.match_case(guard=ast.expr()):
            yield from _guard(node)
        case ast.comprehension():
            yield from _filter(node)
        case ast.BoolOp():
            yield from _terms(node)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield Operator.DROPPED_GUARD, node, operand, _arrow(node, operand)


def _comparison(node: ast.Compare) -> Iterator[Found]:
    for place, op in enumerate(node.ops):
        if other := COMPARISONS.get(type(op)):
            ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            new = ast.Compare(node.left, ops, node.comparators)
            yield Operator.COMPARISON, node, new, _arrow(node, new)
    if len(node.ops) == 1 and isinstance(node.ops[0], ORDERINGS):
        new = ast.Compare(node.comparators[0], node.ops, [node.left])
        yield Operator.SWAPPED_OPERANDS, node, new, _arrow(node, new)


def _off_by_one(node: ast.Constant, value: int, above: tuple[ast.AST, ...]) -> Iterator[Found]:
    new = ast.Constant(value + 1)
    around = next(
        (each for each in reversed(above) if not isinstance(each, ast.Slice | ast.UnaryOp)), node
    )
    text = f"{value} → {value + 1}"
    if isinstance(around, ast.expr | ast.keyword):
        text += f" in {ast.unparse(around)}"
    yield Operator.OFF_BY_ONE, node, new, text


def _operands(node: ast.BinOp) -> Iterator[Found]:
    if isinstance(node.op, SYMMETRIC + ONE_SIDED):
        yield Operator.DROPPED_UPDATE, node, node.left, _arrow(node, node.left)
    if isinstance(node.op, SYMMETRIC):
        yield Operator.DROPPED_UPDATE, node, node.right, _arrow(node, node.right)
    if isinstance(node.op, ONE_SIDED):
        new = ast.BinOp(node.right, node.op, node.left)
        yield Operator.SWAPPED_OPERANDS, node, new, _arrow(node, new)


def _call(node: ast.Call) -> Iterator[Found]:
    match node.func:
        case ast.Name("evolve"):
            for keyword in node.keywords:
                rest = [each for each in node.keywords if each is not keyword]
                new = ast.Call(node.func, node.args, rest)
                text = f"evolve({ast.unparse(node.args[0])}) without {ast.unparse(keyword)}"
                yield Operator.DROPPED_UPDATE, node, new, text
        case ast.Name("Outcome") | ast.Attribute(attr="Outcome"):
            yield from _outcome(node)
        case ast.Name(name) if name in TWINS:
            twin = ast.Call(ast.Name(TWINS[name], ast.Load()), node.args, node.keywords)
            yield Operator.COMPARISON, node, twin, _arrow(node, twin)
        case ast.Attribute(value=receiver, attr=name) if name in UPDATES and node.args:
            yield Operator.DROPPED_UPDATE, node, receiver, _arrow(node, receiver)


def _outcome(node: ast.Call) -> Iterator[Found]:
    """Yield the change that drops all effects, where they are not a display with one a line."""
    given = [*node.args[1:2], *(each.value for each in node.keywords if each.arg == "effects")]
    for effects in given:
        if not isinstance(effects, ast.Tuple | ast.List):
            text = f"{ast.unparse(node)} without its effects"
            yield Operator.DROPPED_EFFECT, effects, ast.Tuple([], ast.Load()), text
        elif not all(map(_is_effect, effects.elts)):
            for element in effects.elts:
                if not _is_effect(element):
                    yield _without(effects, element)


def _is_effect(element: ast.expr) -> bool:
    match element:
        case ast.Starred():
            return True
        case ast.Call(func=ast.Name(name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name in EFFECTS
    return False


def _display(node: ast.Tuple | ast.List) -> Iterator[Found]:
    if isinstance(node.ctx, ast.Load):
        for element in node.elts:
            if _is_effect(element):
                yield _without(node, element)


def _without(node: ast.Tuple | ast.List, element: ast.expr) -> Found:
    rest = type(node)([each for each in node.elts if each is not element], ast.Load())
    return Operator.DROPPED_EFFECT, node, rest, f"without {ast.unparse(element)}"


def _effect(node: ast.Expr) -> Iterator[Found]:
    match node.value:
        case ast.Yield() | ast.YieldFrom():
            nothing = ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
            yield Operator.DROPPED_EFFECT, node, nothing, f"without {ast.unparse(node)}"
        case ast.Call():
            yield Operator.DROPPED_EFFECT, node, ast.Pass(), f"without {ast.unparse(node)}"


def _test(node: ast.If | ast.IfExp | ast.While) -> Iterator[Found]:
    for value in (True, False):
        if value and isinstance(node, ast.While):
            continue
        text = f"if {ast.unparse(node.test)} → if {value}"
        yield Operator.DROPPED_GUARD, node.test, ast.Constant(value), text


def _guard(node: ast.match_case) -> Iterator[Found]:
    assert node.guard is not None
    head = f"case {ast.unparse(node.pattern)} if {ast.unparse(node.guard)}"
    always = ast.match_case(node.pattern, None, node.body)
    yield Operator.DROPPED_GUARD, node, always, f"{head} → case {ast.unparse(node.pattern)}"
    yield Operator.DROPPED_GUARD, node.guard, ast.Constant(value=False), f"{head} → never"


def _filter(node: ast.comprehension) -> Iterator[Found]:
    for condition in node.ifs:
        rest = [each for each in node.ifs if each is not condition]
        new = ast.comprehension(node.target, node.iter, rest, node.is_async)
        text = f"for … in {ast.unparse(node.iter)} without if {ast.unparse(condition)}"
        yield Operator.DROPPED_GUARD, node, new, text


def _terms(node: ast.BoolOp) -> Iterator[Found]:
    for term in node.values:
        rest = [each for each in node.values if each is not term]
        new = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        yield Operator.DROPPED_GUARD, node, new, _arrow(node, new)


class Replace(ast.NodeTransformer):
    """Puts `new` in the place of `old`, which is one very node of the tree."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> Any:
        """Return what stands in the place of `node`."""
        return self._new if node is self._old else self.generic_visit(node)
