-- Macros behind the operators: what Kusto's operators mean where DuckDB's mean something else.

-- Equality outside a filter: null beside a value is false, null beside null is null.
CREATE OR REPLACE MACRO kql_equal(a, b) AS
    CASE WHEN a IS NULL AND b IS NULL THEN NULL ELSE coalesce(a = b, FALSE) END;

-- Inequality outside a filter: null beside a value is true, null beside null is null.
CREATE OR REPLACE MACRO kql_not_equal(a, b) AS
    CASE WHEN a IS NULL AND b IS NULL THEN NULL ELSE coalesce(a <> b, TRUE) END;

-- The remainder is never negative, whatever the signs.
CREATE OR REPLACE MACRO kql_modulo(a, b) AS
    CASE WHEN a % b < 0 THEN a % b + abs(b) ELSE a % b END;

-- A number of ticks that arithmetic gives; one that is none, or beyond 64 bits, is null.
CREATE OR REPLACE MACRO kql_ticks(x) AS TRY_CAST(x AS BIGINT);

-- Ticks as an interval; a part of a microsecond counts as the whole one before it.
CREATE OR REPLACE MACRO kql_microseconds(ticks) AS
    to_microseconds(ticks // 10 - CASE WHEN ticks % 10 < 0 THEN 1 ELSE 0 END);

-- An element of an array by a position that is only known per row; negative counts from the end.
CREATE OR REPLACE MACRO kql_item(value, position) AS
    kql_array(value)[CASE WHEN position < 0 THEN position ELSE least(position, 2147483647) + 1 END];

-- A property of a bag by a name that is only known per row.
CREATE OR REPLACE MACRO kql_property(value, name) AS
    CAST(json_extract(
        CAST(value AS JSON), CASE WHEN name = '' THEN '/' ELSE '$."' || replace(name, '"', '\"') || '"' END
    ) AS VARIANT);

-- What mv-expand makes of a value: an array's elements, a bag's properties, anything else as itself.
CREATE OR REPLACE MACRO kql_elements(value, bags_as_arrays) AS
    CASE
        WHEN value IS NULL THEN [CAST(NULL AS VARIANT)]
        WHEN starts_with(variant_typeof(value), 'ARRAY') THEN kql_array(value)
        WHEN starts_with(variant_typeof(value), 'OBJECT') THEN list_transform(
            json_keys(CAST(value AS JSON)),
            lambda name: CAST(CAST(
                CASE WHEN bags_as_arrays THEN '[' ELSE '{' END
                || CAST(to_json(name) AS VARCHAR)
                || CASE WHEN bags_as_arrays THEN ',' ELSE ':' END
                || coalesce(CAST(json_extract(CAST(value AS JSON), '$."' || replace(name, '"', '\"') || '"') AS VARCHAR), 'null')
                || CASE WHEN bags_as_arrays THEN ']' ELSE '}' END
            AS JSON) AS VARIANT)
        )
        ELSE [value]
    END;

-- As kql_elements, converted. The JSON text of an array shows whether all its elements are as they should be; then it is read
-- as a list of them at once, which is many times faster than converting each.
CREATE OR REPLACE MACRO kql_elements_as_string(value) AS
    CASE
        WHEN variant_type(value) = 'ARRAY' THEN CAST(CAST(value AS JSON) AS VARCHAR[])
        ELSE list_transform(kql_elements(value, FALSE), lambda element: kql_dynamic_to_string(element))
    END;

CREATE OR REPLACE MACRO kql_elements_as_long(value) AS
    CASE
        WHEN regexp_full_match(CAST(CAST(value AS JSON) AS VARCHAR), '\[(?:(?:-?[0-9]{1,18}|null),?)*\]')
        THEN CAST(CAST(value AS JSON) AS BIGINT[])
        ELSE list_transform(kql_elements(value, FALSE), lambda element: kql_dynamic_to_long(element))
    END;

CREATE OR REPLACE MACRO kql_elements_as_real(value) AS
    CASE
        WHEN regexp_full_match(CAST(CAST(value AS JSON) AS VARCHAR), '\[(?:(?:-?[0-9][0-9.eE+-]*|null),?)*\]')
        THEN CAST(CAST(value AS JSON) AS DOUBLE[])
        ELSE list_transform(kql_elements(value, FALSE), lambda element: kql_dynamic_to_real(element))
    END;

CREATE OR REPLACE MACRO kql_elements_as_datetime(value) AS
    CASE
        WHEN regexp_full_match(
            CAST(CAST(value AS JSON) AS VARCHAR), '\[(?:(?:"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z"|null),?)*\]'
        ) THEN TRY_CAST(CAST(value AS JSON) AS TIMESTAMP[])
        ELSE list_transform(kql_elements(value, FALSE), lambda element: kql_dynamic_to_datetime(element))
    END;

-- Whether a dynamic array holds a text.
CREATE OR REPLACE MACRO kql_in_array(text, items) AS
    list_contains(TRY_CAST(items AS VARCHAR[]), text);

-- The same in any case.
CREATE OR REPLACE MACRO kql_in_array_folded(text, items) AS
    list_contains(list_transform(TRY_CAST(items AS VARCHAR[]), lambda item: lower(item)), lower(text));

-- A term test with a needle that is only known per row; a boundary counts only beside a letter or digit of the needle.
CREATE OR REPLACE MACRO kql_term(text, needle, folded, before, after) AS
    needle = '' OR (
        contains(
            CASE WHEN folded THEN lower(text) ELSE text END,
            CASE WHEN folded THEN lower(needle) ELSE needle END
        )
        AND regexp_matches(
            text,
            CASE WHEN folded THEN '(?si)' ELSE '(?s)' END
            || CASE WHEN before AND regexp_matches(needle, '^[\p{L}\p{N}]') THEN '(?:^|[^\p{L}\p{N}])' ELSE '' END
            || regexp_escape(needle)
            || CASE WHEN after AND regexp_matches(needle, '[\p{L}\p{N}]$') THEN '(?:$|[^\p{L}\p{N}])' ELSE '' END
        )
    );

-- Whether a text has any of the terms of a dynamic array; a null term matches everything.
CREATE OR REPLACE MACRO kql_has_any(text, items) AS
    len(list_filter(
        TRY_CAST(items AS VARCHAR[]),
        lambda item: item IS NULL OR kql_term(text, item, TRUE, TRUE, TRUE)
    )) > 0;

-- Whether a text has all of the terms of a dynamic array; null terms drop out.
CREATE OR REPLACE MACRO kql_has_all(text, items) AS
    len(list_filter(
        TRY_CAST(items AS VARCHAR[]),
        lambda item: item IS NOT NULL AND NOT kql_term(text, item, TRUE, TRUE, TRUE)
    )) = 0;
