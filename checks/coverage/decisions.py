"""The decisions in a file: what can go one way or the other, as its source says."""

import ast
import linecache
from collections.abc import Iterator, Sequence

from attrs import frozen

Span = tuple[int, int, int, int]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_IMPOSSIBLE = ("assert_never", "NotImplementedError")


@frozen
class Decision:
    """A statement after which the execution goes on in its body, or somewhere else.

    Attributes:
        header: the lines of the condition.
        body: the lines of the body.
        entered: what to say when the body was never entered; nothing where that is no branch.
        passed: what to say when it always was; likewise.
    """

    header: range
    body: range
    entered: str = ""
    passed: str = ""


@frozen
class Part:
    """A part of an expression that is evaluated only sometimes.

    Attributes:
        decided: what is evaluated before it.
        evaluated: the part.
        what: what to say when it never is.
    """

    decided: ast.expr
    evaluated: ast.expr
    what: str


def parsed(file: str) -> ast.Module | None:
    """Return the syntax of a file; None where there is no source."""
    source = "".join(linecache.getlines(file))
    return ast.parse(source) if source else None


def inside(span: Span, node: ast.expr) -> bool:
    """Return whether a span (line, column, last line, last column) is within an expression."""
    first = (node.lineno, node.col_offset)
    last = (node.end_lineno or 0, node.end_col_offset or 0)
    return first <= span[:2] and span[2:] <= last


def functions(tree: ast.AST) -> Iterator[FunctionNode]:
    """Yield every function of a file, those within functions as well."""
    return (node for node in ast.walk(tree) if isinstance(node, FunctionNode))


def decisions(function: FunctionNode) -> Iterator[Decision]:
    """Yield the decisions of a function, without those of functions within it."""
    yield from _of_block(function.body, None)


def _of_block(block: Sequence[ast.stmt], after: ast.stmt | None) -> Iterator[Decision]:
    """Yield the decisions of some statements; `after` is the one that is executed next."""
    followers = [*block[1:], after][: len(block)]
    for statement, following in zip(block, followers, strict=True):
        yield from _of_statement(statement, following)


def _of_statement(statement: ast.stmt, after: ast.stmt | None) -> Iterator[Decision]:
    match statement:
        case ast.If() | ast.While() if not isinstance(statement.test, ast.Constant):
            yield from _condition(statement, after)
        case ast.For() | ast.AsyncFor():
            yield from _loop(statement, after)
        case ast.Match(cases=cases):
            for place, case in enumerate(cases):
                yield from _case(case, cases[place + 1 :], after)
        case ast.Try():
            yield from _attempt(statement, after)
        case ast.With() | ast.AsyncWith():
            yield from _of_block(statement.body, after)


def _condition(statement: ast.If | ast.While, after: ast.stmt | None) -> Iterator[Decision]:
    otherwise = statement.orelse[0] if statement.orelse else after
    yield from _decision(
        statement.lineno,
        statement.test,
        statement.body,
        "was never true",
        "" if _raises(otherwise) else "was never false",
    )
    yield from _of_block(statement.body, after if isinstance(statement, ast.If) else None)
    yield from _of_block(statement.orelse, after)


def _loop(statement: ast.For | ast.AsyncFor, after: ast.stmt | None) -> Iterator[Decision]:
    otherwise = statement.orelse[0] if statement.orelse else after
    yield from _decision(
        statement.lineno,
        statement.iter,
        statement.body,
        "never had anything to go through",
        "" if _raises(otherwise) else "was always left before its end",
    )
    yield from _of_block(statement.body, None)
    yield from _of_block(statement.orelse, after)


def _case(
    case: ast.match_case, later: Sequence[ast.match_case], after: ast.stmt | None
) -> Iterator[Decision]:
    """What no case names is no branch: it has to be there, for nobody can say that they are all."""
    last = all(_raises(each.body[0]) or _is_default(each) for each in later)
    yield from _decision(
        case.pattern.lineno,
        case.guard or case.pattern,
        case.body,
        "" if _is_default(case) else "never matched",
        "" if last else "always matched, so that the cases after it were never tried",
    )
    yield from _of_block(case.body, after)


def _is_default(case: ast.match_case) -> bool:
    """Return whether a case takes anything, or any message: a step must be total on `Receive`."""
    match case:
        case ast.match_case(pattern=ast.MatchAs(pattern=None), guard=None):
            return True
        case ast.match_case(
            pattern=ast.MatchClass(
                cls=ast.Name("Receive") | ast.Attribute(attr="Receive"),
                patterns=[],
                kwd_patterns=[],
            ),
            guard=None,
        ):
            return True
    return False


def _attempt(statement: ast.Try, after: ast.stmt | None) -> Iterator[Decision]:
    """Yield what is decided within; which errors are caught is no decision of the model's."""
    for block in (statement.body, *(handler.body for handler in statement.handlers)):
        yield from _of_block(block, after)
    yield from _of_block([*statement.orelse, *statement.finalbody], after)


def _decision(
    first: int,
    condition: ast.expr | ast.pattern,
    body: Sequence[ast.stmt],
    entered: str,
    passed: str,
) -> Iterator[Decision]:
    """Yield the decision, unless its body begins on the line of its condition."""
    header = range(first, (condition.end_lineno or first) + 1)
    if body[0].lineno not in header:
        lines = range(begin(body[0]), _end(body))
        yield Decision(header, lines, "" if _raises(body[0]) else entered, passed)


def begin(statement: ast.stmt) -> int:
    """Return the first line of a statement, which is that of its first decorator."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


def _end(body: Sequence[ast.stmt]) -> int:
    return (body[-1].end_lineno or body[-1].lineno) + 1


def _raises(statement: ast.stmt | None) -> bool:
    """Return whether a statement says that it is never executed."""
    match statement:
        case ast.Raise() | ast.Assert(test=ast.Constant(value=False)):
            return True
        case ast.Expr(ast.Constant(value=value)):
            return value is Ellipsis
        case ast.Expr(ast.Call(ast.Name(name) | ast.Attribute(attr=name))):
            return name in _IMPOSSIBLE
    return False


def parts(tree: ast.AST) -> Iterator[Part]:
    """Yield the parts of all expressions that are evaluated only sometimes."""
    for node in ast.walk(tree):
        match node:
            case ast.IfExp(test, body, orelse):
                condition = ast.unparse(test)
                yield Part(test, body, f"{condition} was never true")
                yield Part(test, orelse, f"{condition} was never false")
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                yield _element(node.generators, node.elt)
            case ast.DictComp(key):
                yield _element(node.generators, key)


def _element(generators: Sequence[ast.comprehension], element: ast.expr) -> Part:
    """Return the element of a comprehension, which is made where its conditions are true."""
    conditions = [each for generator in generators for each in generator.ifs]
    made = ast.unparse(element)
    if conditions:
        return Part(conditions[0], element, f"{ast.unparse(conditions[-1])} was never true")
    return Part(generators[0].iter, element, f"{made}: there was never anything to make one of")
