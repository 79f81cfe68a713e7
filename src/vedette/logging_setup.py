"""How the server's own log is written: lines for people on a terminal, JSON elsewhere; to standard error."""

import logging
import sys
from typing import Any, Final

import structlog

LEVELS: Final = ("debug", "info", "warning", "error")
FORMATS: Final = ("auto", "text", "json")


def set_up_logging(level: str = "info", format: str = "auto") -> None:
    """Configure structlog once for the process. `level` is the lowest of LEVELS that is written; `format` is one of
    FORMATS, where auto is text on a terminal and JSON elsewhere."""
    text = format == "text" or (format == "auto" and sys.stderr.isatty())
    # The plain form shows no values of variables, among which are keys and tokens.
    plain = structlog.dev.plain_traceback
    renderers: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
        if text
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
