-- Macros behind make-series and the series functions.

-- How many whole steps fit into a distance, rounded down; no positive step, no answer.
CREATE OR REPLACE MACRO kql_steps(distance, step) AS
    CASE WHEN step > 0 THEN CASE WHEN distance >= 0 THEN distance // step ELSE (distance + 1) // step - 1 END END;

-- The places from one to before another, as many as Kusto puts into an array.
CREATE OR REPLACE MACRO kql_series_places(first, stop) AS
    range(first, least(greatest(stop, first), first + 1048576));

-- Values with their places in order, as an array from place `first` to before `stop` with a filler where there is none.
CREATE OR REPLACE MACRO kql_series_laid(items, places, first, stop, filler) AS
    CASE WHEN len(items) > 0 THEN list_concat(
        list_resize(items[:0], greatest(places[1] - first, 0), filler),
        flatten(list_transform(items, lambda item, turn: list_concat(
            [item],
            list_resize(items[:0], greatest(least(coalesce(places[turn + 1], stop), first + 1048576) - places[turn] - 1, 0), filler)
        )))
    ) ELSE list_transform(kql_series_places(first, stop), lambda place: filler) END;

-- Reals as a dynamic: JSON has no infinity, and Kusto writes it as a text.
CREATE OR REPLACE MACRO kql_reals(items) AS
    CASE
        WHEN len(list_filter(items, lambda item: NOT isfinite(item))) > 0 THEN
            CAST(list_transform(items, lambda item: kql_real_to_dynamic(item)) AS VARIANT)
        ELSE CAST(items AS VARIANT)
    END;
