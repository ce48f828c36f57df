"""The pages of the explorer: each is made from the path in its address, and from nothing else."""

from functools import partial
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from coterie.checks.errors import ModelError
from coterie.commands.explorer.around import around
from coterie.commands.explorer.around import drawn as graph
from coterie.commands.explorer.bounded import answered
from coterie.commands.explorer.expression import BadExpressionError
from coterie.commands.explorer.guard import Guard, policy
from coterie.commands.explorer.inside import parts
from coterie.commands.explorer.known import examples, known
from coterie.commands.explorer.path import NoPathError, Path, parsed
from coterie.commands.explorer.picture import STYLE_DIGEST, picture
from coterie.commands.explorer.search import Question, Search, Sort, State
from coterie.commands.explorer.session import Session
from coterie.commands.explorer.telling import capitalised, outcome, prose, title, wanted
from coterie.commands.explorer.walker import Walk, words
from coterie.commands.running import unforeseen

FORM_MOST = 100_000
QUICK_SECONDS = 0.3
LISTED_BEFORE, LISTED_AFTER = 100, 50
SERVED = {
    "style.css": "text/css",
    "explorer.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
SORTS: dict[str, Sort] = {"expression": "expression", "text": "text", "property": "property"}

Form = dict[str, str]


def application(session: Session, token: str) -> Guard:
    """Return the explorer of a session, as a server serves it."""
    return Guard(_Pages(session, f"/{token}").application(), token)


class _Pages:
    """Answers requests."""

    def __init__(self, session: Session, base: str) -> None:
        self._session, self._base = session, base
        self._templates = Environment(
            loader=PackageLoader("coterie.commands.explorer", "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "base": base,
            "session": session,
            "title": title,
            "outcome": outcome,
            "wanted": wanted,
        }
        self._templates.filters |= {"capitalise": capitalised, "prose": prose}

    def application(self) -> Starlette:
        """Return the routes."""
        routes = [
            Route("/", self.walk),
            Route("/neighbours", self.neighbours),
            Route("/names", self.names),
            Route("/evaluate", self.evaluate, methods=["POST"]),
            Route("/search", self.begin, methods=["POST"]),
            Route("/search/{name}", self.search),
            Route("/search/{name}/cancel", self.cancel, methods=["POST"]),
            Route("/search/{name}/again", self.again, methods=["POST"]),
            Route("/{file}", self.file),
        ]
        return Starlette(
            routes=[Mount(self._base, routes=routes)],
            exception_handlers={
                NoPathError: self._no_path,
                HTTPException: self._http,
                ModelError: self._model_error,
                Exception: self._unforeseen,
            },
        )

    def walk(self, request: Request) -> Response:
        """Show where a path leads, and what may happen next."""
        query = request.query_params
        search = self._session.searches[query["found"]] if "found" in query else None
        return self._walk(self._followed(query), search=search)

    def _walk(self, walk: Walk, status: int = 200, **more: Any) -> Response:
        session = self._session
        if walk.problem:
            return self._page("no_path.html", 404, problem=walk.problem, walk=walk)
        past = walk.past
        before = past.states[-2] if past.steps else None
        return self._page(
            "walk.html",
            status,
            walk=walk,
            listed=_listed(walk),
            steps=[words(step) for step in walk.trace.steps],
            picture=picture(session.world, past),
            standings=session.standings(walk),
            broken=session.broken(walk),
            offers=session.offers(walk),
            parts=parts(session.world, walk.here, before),
            examples=examples(session, walk.here),
            **{"said": "", "value": None, "problem": "", "search": None, **more},
        )

    def neighbours(self, request: Request) -> Response:
        """Show the states that are a step away."""
        walk = self._followed(request.query_params)
        if walk.problem:
            return self._page("no_path.html", 404, problem=walk.problem, walk=walk)
        found = around(self._session.walker, walk)
        drawing = Markup(graph(found, f"{self._base}/neighbours"))  # noqa: S704  (it escapes)
        return self._page("neighbours.html", walk=walk, around=found, picture=drawing)

    def names(self, request: Request) -> Response:
        """Show what an expression may use."""
        walk = self._followed(request.query_params)
        found = known(self._session, walk.here)
        return self._page(
            "names.html", walk=walk, known=found, examples=examples(self._session, walk.here)
        )

    async def evaluate(self, request: Request) -> Response:
        """Show the value of an expression where one stands."""
        return await answered(partial(self._evaluate, await _form(request)))

    def _evaluate(self, form: Form) -> Response:
        walk, said = self._stood(form), form.get("said", "")
        try:
            return self._walk(walk, said=said, value=self._session.value(said, walk))
        except BadExpressionError as error:
            return self._walk(walk, 400, said=said, problem=str(error))

    async def begin(self, request: Request) -> Response:
        """Begin a search."""
        return await answered(partial(self._begin, await _form(request)))

    def _begin(self, form: Form) -> Response:
        walk, said, sort = self._stood(form), form.get("said", ""), form.get("sort", "")
        if sort not in SORTS:
            raise HTTPException(400, "A search is for an expression, a text or a property.")
        after = walk.path.until(walk.path.at) if form.get("from") == "here" else None
        try:
            return self._searching(Question(SORTS[sort], said, after, (), walk.path.address))
        except BadExpressionError as error:
            return self._walk(walk, 400, said=said, problem=str(error))

    def _stood(self, form: Form) -> Walk:
        """Return the walk that a form was sent from, whose path may be followed no further."""
        return self._followed(dict(parse_qsl(form.get("path", ""))))

    def _searching(self, question: Question) -> Response:
        try:
            search = self._session.search(question)
        except KeyError:
            raise HTTPException(400, f"There is no property {question.said}.") from None
        search.wait(QUICK_SECONDS)
        return RedirectResponse(f"{self._base}/search/{search.name}", 303)

    def search(self, request: Request) -> Response:
        """Show how far a search is; go to what it has found."""
        search = self._search(request)
        state = search.state
        if state is State.FOUND and search.path is not None:
            address = f"{self._base}/?{search.path.address}&found={search.name}"
            return RedirectResponse(address, 303)
        over = state is not State.RUNNING
        return self._page("search.html", search=search, over=over, refresh=not over)

    def cancel(self, request: Request) -> Response:
        """Stop a search."""
        search = self._search(request)
        search.cancel()
        search.wait(1)
        return RedirectResponse(f"{self._base}/search/{search.name}", 303)

    def again(self, request: Request) -> Response:
        """Look for another state than those that were found."""
        search = self._search(request)
        return self._searching(search.again())

    def _search(self, request: Request) -> Search:
        search = self._session.searches[request.path_params["name"]]
        if search is None:
            raise HTTPException(404, "This search is forgotten: only the last ones are kept.")
        return search

    def file(self, request: Request) -> Response:
        """Return a file that the pages are made with."""
        name = request.path_params["file"]
        if name not in SERVED:
            raise HTTPException(404, "There is no such page.")
        content = (files("coterie.commands.explorer") / "pages" / name).read_bytes()
        return Response(content, media_type=SERVED[name])

    def _followed(self, query: Any) -> Walk:
        return self._session.walker.follow(parsed(query))

    def _page(self, template: str, status: int = 200, **what: Any) -> Response:
        text = self._templates.get_template(template).render(**{"refresh": False, **what})
        policies = {"Content-Security-Policy": policy((STYLE_DIGEST,))}
        return HTMLResponse(text.encode(errors="backslashreplace"), status, policies)

    def _no_path(self, _: Request, error: Exception) -> Response:
        walk = self._session.walker.follow(Path())
        return self._page("no_path.html", 404, problem=str(error), walk=walk)

    def _problem(self, heading: str, words: str, status: int) -> Response:
        return self._page("problem.html", status, heading=heading, words=words)

    def _http(self, _: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return self._problem("No such page", error.detail, error.status_code)

    def _model_error(self, _: Request, error: Exception) -> Response:
        return self._problem("The model is at fault", str(error), 500)

    def _unforeseen(self, _: Request, error: Exception) -> Response:
        return self._problem("Something went wrong", unforeseen(error), 500)


def _listed(walk: Walk) -> range:
    """Return which of the steps are listed: of very many, those around where one stands."""
    at = walk.path.at
    return range(max(0, at - LISTED_BEFORE), min(len(walk.trace), at + LISTED_AFTER) + 1)


async def _form(request: Request) -> Form:
    """Return the fields of a form, the first value of each."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_MOST:
            raise HTTPException(413, "That is too long.")
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}
