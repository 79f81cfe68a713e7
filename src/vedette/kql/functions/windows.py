"""Functions over rows in their order: prev, next, row_number, row_cumsum, row_rank_dense, row_rank_min."""

from vedette.kql.functions.entry import WindowFunction

_LETTERS = "datatable(g:string, v:long)['a', 1, 'a', 1, 'a', 4, 'b', 2] | serialize"

_MINUTES = "range t from datetime(2024-01-01) to datetime(2024-01-01 00:03) step 1m"

_CHANGED = (
    "CASE WHEN row_number() OVER ({window}) = 1"
    " OR {value} IS DISTINCT FROM lag({value}) OVER ({window}) THEN {then} ELSE {otherwise} END"
)

RESTARTED = WindowFunction(
    "restarted",
    "restart: bool",
    "long",
    "How often `restart` was true up to this row.",
    # `count(*) FILTER (…)` would say it too, and take time that grows with the square of the rows.
    "sum(CASE WHEN {restart} THEN 1 ELSE 0 END) OVER ({window} ROWS UNBOUNDED PRECEDING)",
    (),
)
"""What tells the stretches of rows apart that a `restart` argument begins."""

CHANGED = WindowFunction(
    "changed",
    "value: any",
    "long",
    "1 where the value is not the row's before, 0 where it is.",
    _CHANGED.replace("{then}", "1").replace("{otherwise}", "0"),
    (),
)

RUN_START = WindowFunction(
    "run_start",
    "value: any",
    "long",
    "The row's number where the value is not the row's before, null where it is.",
    _CHANGED.replace("{then}", "row_number() OVER ({window})").replace("{otherwise}", "NULL"),
    (),
)

SESSION = WindowFunction(
    "row_window_session",
    "time: datetime, longest: timespan, widest: timespan, restart: bool = false",
    "datetime",
    "The first time of the row's session, which ends `longest` after that or `widest` after the row before.",
    "",  # each row's session follows from the one before it: `operators/ordering.py` has it computed in Python
    (
        (
            f"{_MINUTES} | project s = row_window_session(t, 2m, 5m)",
            [
                ["2024-01-01T00:00:00.0000000Z"],
                ["2024-01-01T00:00:00.0000000Z"],
                ["2024-01-01T00:02:00.0000000Z"],
                ["2024-01-01T00:02:00.0000000Z"],
            ],
        ),
    ),
)

ROW_NUMBER = WindowFunction(
    "row_number",
    "start!: long = 1, restart: bool = false",
    "long",
    "The row's number, counted from `start`, and from there again in rows where `restart` is true.",
    "({start} - 1 + row_number() OVER ({window}))",
    (
        (f"{_LETTERS} | project r = row_number()", [[1], [2], [3], [4]]),
        (f"{_LETTERS} | project r = row_number(0, g != prev(g))", [[0], [1], [2], [0]]),
    ),
)

FUNCTIONS: tuple[WindowFunction, ...] = (
    WindowFunction(
        "prev",
        "value: any, offset!: long = 1",
        "<value>",
        "The value in the row that is `offset` rows before this one; `default` where there is none.",
        "lag({value}, {offset}, {default}) OVER ({window})",
        (),
    ),
    WindowFunction(
        "prev",
        "value: any, offset!: long, default: any",
        "<value>",
        "The value in the row that is `offset` rows before this one; `default` where there is none.",
        "lag({value}, {offset}, {default}) OVER ({window})",
        ((f"{_LETTERS} | project p = prev(v), q = prev(v, 2, -1)", [[None, -1], [1, -1], [1, 1], [4, 1]]),),
    ),
    WindowFunction(
        "next",
        "value: any, offset!: long = 1",
        "<value>",
        "The value in the row that is `offset` rows after this one; `default` where there is none.",
        "lead({value}, {offset}, {default}) OVER ({window})",
        (),
    ),
    WindowFunction(
        "next",
        "value: any, offset!: long, default: any",
        "<value>",
        "The value in the row that is `offset` rows after this one; `default` where there is none.",
        "lead({value}, {offset}, {default}) OVER ({window})",
        ((f"{_LETTERS} | project n = next(g), m = next(v, 3, 0)", [["a", 2], ["a", 0], ["b", 0], ["", 0]]),),
    ),
    ROW_NUMBER,
    WindowFunction(
        "row_cumsum",
        "term: real, restart: bool = false",
        "real",
        "The sum of the terms up to this row, begun anew in rows where `restart` is true.",
        "coalesce(sum({term}) OVER ({window} ROWS UNBOUNDED PRECEDING), 0)",
        ((f"{_LETTERS} | project s = row_cumsum(v * 0.5)", [[0.5], [1.0], [3.0], [4.0]]),),
    ),
    WindowFunction(
        "row_cumsum",
        "term: decimal, restart: bool = false",
        "decimal",
        "The sum of the terms up to this row, begun anew in rows where `restart` is true.",
        "CAST(coalesce(sum({term}) OVER ({window} ROWS UNBOUNDED PRECEDING), 0) AS DECIMAL(38, 17))",
        (),
    ),
    WindowFunction(
        "row_cumsum",
        "term: int, restart: bool = false",
        "int",
        "The sum of the terms up to this row, begun anew in rows where `restart` is true.",
        "CAST(coalesce(sum({term}) OVER ({window} ROWS UNBOUNDED PRECEDING), 0) AS INTEGER)",
        (),
    ),
    WindowFunction(
        "row_cumsum",
        "term: long, restart: bool = false",
        "long",
        "The sum of the terms up to this row, begun anew in rows where `restart` is true.",
        "CAST(coalesce(sum({term}) OVER ({window} ROWS UNBOUNDED PRECEDING), 0) AS BIGINT)",
        (
            (f"{_LETTERS} | project s = row_cumsum(v)", [[1], [2], [6], [8]]),
            (f"{_LETTERS} | project s = row_cumsum(v, g != prev(g))", [[1], [2], [6], [2]]),
        ),
    ),
    WindowFunction(
        "row_rank_dense",
        "term: any, restart: bool = false",
        "long",
        "How often the term has changed up to this row, counted from 1, and anew in rows where `restart` is true.",
        "CAST(sum({term}) OVER ({window} ROWS UNBOUNDED PRECEDING) AS BIGINT)",
        ((f"{_LETTERS} | project r = row_rank_dense(v)", [[1], [1], [2], [3]]),),
        aliases=("row_rank",),
    ),
    WindowFunction(
        "row_rank_min",
        "term: any, restart: bool = false",
        "long",
        "The number of the row in which the present term came first, counted anew in rows where `restart` is true.",
        "max({term}) OVER ({window} ROWS UNBOUNDED PRECEDING)",
        ((f"{_LETTERS} | project r = row_rank_min(v)", [[1], [1], [3], [4]]),),
    ),
    SESSION,
)
