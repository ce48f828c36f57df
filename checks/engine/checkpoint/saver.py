"""Writing what is new since the last checkpoint, and going back to there.

Rows are written as they are packed at that time; of each piece it is noted how. Values, stimuli
and causes are pickled in the order of their numbers. Answers are not kept at all: the questions
are, and they are asked again. Nor are the truths of claims about states: they are judged again.
"""

import io
import pickle
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from coterie.checks.engine.checkpoint.errors import CheckpointError
from coterie.checks.engine.checkpoint.folder import REMEDY, Folder
from coterie.checks.engine.checkpoint.point import Bounds, Point, Resumed, bounds, decoded, evidence
from coterie.checks.engine.compiled import Words
from coterie.checks.engine.graph import COLUMNS, Steps
from coterie.checks.engine.inquiry import Inquiry
from coterie.checks.engine.judging import Judge
from coterie.checks.engine.layout import layout_of, repacked
from coterie.checks.engine.space import Space
from coterie.checks.errors import ModelError

FORMAT = 1
EVERY_SECONDS = 30.0
_PIECE = 1 << 18


@frozen
class Checkpoints:
    """Where an exploration is kept on disk.

    Attributes:
        folder: a directory for this exploration alone.
        identity: what is explored, and with which code, in words: what must not have changed when
            the exploration goes on.
        every_seconds: how long it goes on at least after a checkpoint before it makes another one.
    """

    folder: Path
    identity: Mapping[str, str]
    every_seconds: float = EVERY_SECONDS


class Saver:
    """Keeps one exploration on disk."""

    def __init__(
        self,
        plan: Checkpoints,
        space: Space,
        inquiries: Sequence[Inquiry],
        judge: Judge,
        steps: Steps | None,
    ) -> None:
        self._space, self._inquiries, self._judge, self._steps = space, inquiries, judge, steps
        self._identity = {
            **plan.identity,
            "format": str(FORMAT),
            "workers": str(space.store.shards),
            "properties": ", ".join(f"{i.claim.name} ({i.claim.kind.value})" for i in inquiries),
            "components": str(len(space.world.components)),
            "symmetric": ", ".join(space.world.symmetric),
        }
        self._every_seconds = plan.every_seconds
        self._folder = Folder(plan.folder)
        self._written = time.monotonic()
        self._waiting: Point | None = None
        self._rows: list[list[list[Any]]] = [[] for _ in range(space.store.shards)]
        self._saved_rows = [0] * space.store.shards
        self._batches = self._questions = self._stimuli = self._causes = self._notes = 0
        self._values = [0] * len(space.world.components)

    def finish(self) -> None:
        """Write down the last level that was finished, and let others use the directory.

        Raises: CheckpointError where it cannot be written.
        """
        try:
            self.write()
        finally:
            self._folder.close()

    def note(self, point: Point) -> None:
        """Take note that a level is finished; write that down if it is time to.

        Raises: CheckpointError where it cannot be written.
        """
        self._waiting = point
        if time.monotonic() - self._written >= self._every_seconds:
            self.write()

    def write(self) -> None:
        """Write down the last level that was finished, unless that is done.

        Raises: CheckpointError where it cannot be written.
        """
        point, self._waiting = self._waiting, None
        if point is None or not self._space.store.intact:
            return
        try:
            self._write_answers(point)
            self._write_rows(point)
            self._write_steps(point)
            state = {**point.as_data(), "rows": self._rows, "region": self._space.store.region}
            self._folder.write(self._identity, state)
        except OSError as cause:
            raise self._folder.unwritable(cause) from cause
        self._written = time.monotonic()

    def _write_answers(self, point: Point) -> None:
        answers, extent = self._space.answers, point.extent
        known = zip(self._values, extent.values, strict=True)
        values = [
            [answers.value(slot, number) for number in range(begin, end)]
            for slot, (begin, end) in enumerate(known)
        ]
        stimuli = [answers.stimulus(number) for number in range(self._stimuli, extent.stimuli)]
        causes = answers.causes[self._causes : extent.causes]
        notes = self._judge.notes[self._notes : point.notes]
        text = _pickled((values, stimuli, causes, notes))
        self._folder.journal("values").append(np.frombuffer(text, np.uint8))
        keys = answers.questions(self._questions, extent.questions)
        self._folder.journal("questions").append(np.array([*keys], np.uint64))
        self._values, self._stimuli = list(extent.values), extent.stimuli
        self._causes, self._questions = extent.causes, extent.questions
        self._notes = point.notes

    def _write_rows(self, point: Point) -> None:
        store = self._space.store
        bits = list(self._space.answers.extent().bits)
        for shard, (_, end) in enumerate(point.frontier):
            begin = store.first[shard] + self._saved_rows[shard]
            self._folder.journal(f"rows-{shard}").append(store.rows[begin:end])
            if self._rows[shard] and self._rows[shard][-1][1] == bits:
                self._rows[shard][-1][0] += end - begin
            else:
                self._rows[shard].append([end - begin, bits])
            self._saved_rows[shard] = end - store.first[shard]

    def _write_steps(self, point: Point) -> None:
        if self._steps is not None:
            columns = self._steps.columns(self._batches, point.steps)
            for (name, _), column in zip(COLUMNS, columns, strict=True):
                self._folder.journal(name).append(column)
            self._batches = point.steps

    def load(self) -> Resumed | None:
        """Go back to the newest checkpoint; return where that is, None where there is none.

        Raises: CheckpointError where what is there is damaged, or of another exploration.
        """
        state = self._folder.load(self._identity)
        if state is None:
            return None
        try:
            self._load_answers(state)
            self._load_rows(state)
        except (pickle.PickleError, EOFError, AttributeError, ImportError, IndexError) as cause:
            raise self._unreadable(cause) from cause
        if self._steps is not None:
            kept = [self._folder.journal(name).array(kind) for name, kind in COLUMNS]
            self._steps.restore(*kept)
            self._batches = self._steps.batches
        levels: list[Bounds] = [bounds(level) for level in state["levels"]]
        for inquiry, found in zip(self._inquiries, state["evidence"], strict=True):
            inquiry.resume(evidence(found), levels)
        return Resumed(decoded(state["starts"]), levels, bounds(state["frontier"]))

    def _load_answers(self, state: Mapping[str, Any]) -> None:
        """Number all values as they were, and ask all questions again.

        Raises: CheckpointError where the answers are others than before.
        """
        answers = self._space.answers
        text = io.BytesIO(self._folder.journal("values").array(np.uint8).tobytes())
        while text.tell() < len(text.getbuffer()):
            *known, notes = pickle.load(text)  # noqa: S301 (the user's own file, of this very code)
            answers.learn(*known)
            self._judge.evaluate_again(notes)
        self._notes = len(self._judge.notes)
        keys = self._folder.journal("questions").array(np.uint64).tolist()
        answers.answer_again(state["bits"], keys)
        extent = answers.extent()
        if [*extent.values] != state["values"] or extent.code != state["code"]:
            raise ModelError(
                "the model is not deterministic: what it answered before the checkpoint is not"
                " what it answers now; does it read a file, a clock, or the environment?"
            )
        self._values, self._stimuli = list(extent.values), extent.stimuli
        self._causes, self._questions = extent.causes, extent.questions

    def _load_rows(self, state: Mapping[str, Any]) -> None:
        parts = [self._pieces(shard, state) for shard in range(self._space.store.shards)]
        pace = (state["pace"][0], state["pace"][1])
        self._space.restore(state["region"], parts, state["transitions"], pace, state["cut"])
        self._rows = state["rows"]
        ends = zip(self._space.store.first, self._space.store.end, strict=True)
        self._saved_rows = [end - first for first, end in ends]

    def _pieces(self, shard: int, state: Mapping[str, Any]) -> Iterator[Words]:
        """Yield the rows of a shard, packed as they were at the checkpoint."""
        words, at = self._folder.journal(f"rows-{shard}").array(np.uint64), 0
        after, width = layout_of(state["bits"])
        for count, bits in state["rows"][shard]:
            before, old_width = layout_of(bits)
            rows = words[at : at + count * old_width].reshape(count, old_width)
            at += rows.size
            for begin in range(0, count, _PIECE):
                yield repacked(np.asarray(rows[begin : begin + _PIECE]), before, after, width)

    def _unreadable(self, cause: Exception) -> CheckpointError:
        problem = f"the checkpoint {self._folder.path} cannot be read: {cause}"
        return CheckpointError(problem, REMEDY)


def _pickled(things: Any) -> bytes:
    try:
        return pickle.dumps(things, pickle.HIGHEST_PROTOCOL)
    except Exception as cause:  # whatever a user's class does when pickled
        raise ModelError(
            "a checkpoint cannot be made, since a value of the model cannot be pickled:"
            f" {type(cause).__name__}: {cause}"
        ) from cause
