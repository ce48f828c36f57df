"""How a node writes its log: one JSON object a line, on standard error or into a file."""

import logging
from pathlib import Path
from typing import TextIO

import structlog


def written_to(stream: TextIO, level: str = "info", **context: str) -> None:
    """Let every logger of this process write to `stream`, with `context` in each line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(**context)


def opened(path: Path) -> TextIO:
    """Open a log file to append to it, line by line."""
    return path.open("a", encoding="utf-8", buffering=1)
