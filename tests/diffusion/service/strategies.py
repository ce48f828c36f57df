"""Random skeletons, world views and system names."""

from hypothesis import strategies as st

from coterie.model.diffusion.service.objects import Sname
from coterie.model.diffusion.service.skeleton import Skeleton
from coterie.model.diffusion.service.world_view import WorldView, view_of


def skeletons(b_max: int = 3) -> st.SearchStrategy[Skeleton]:
    return st.builds(Skeleton, st.integers(0, b_max), st.integers(1, 4))


def changes(replicas: int = 12) -> st.SearchStrategy[dict[int, int]]:
    return st.dictionaries(st.integers(1, replicas), st.integers(0, 4))


def views() -> st.SearchStrategy[WorldView]:
    return changes().map(view_of)


@st.composite
def grown_views(draw: st.DrawFn, replicas: int = 120) -> WorldView:
    """Most of that many replicas are there, and a few have left."""
    last = draw(st.integers(1, replicas))
    holes = draw(st.sets(st.integers(1, last), max_size=last // 4))
    return view_of({number: 2 if number in holes else 1 for number in range(1, last + 1)})


def snames(view: st.SearchStrategy[WorldView]) -> st.SearchStrategy[Sname]:
    return st.builds(
        Sname,
        b=st.integers(0, 2),
        level=st.integers(1, 60),
        origin=st.integers(0, 12),
        uname=st.text(min_size=1),
        view=view,
    )
