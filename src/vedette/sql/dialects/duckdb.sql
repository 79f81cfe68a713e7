-- Macros behind the functions: Kusto's meaning where DuckDB's built-ins mean something else. DuckDB inlines them.

-- --- conversions: kql_<from>_to_<to> ---------------------------------------------------------------------------------

-- Kusto writes truth with a capital letter, and the null as nothing.
CREATE OR REPLACE MACRO kql_bool_to_string(x) AS
    CASE WHEN x THEN 'True' WHEN NOT x THEN 'False' ELSE '' END;

-- Digits with a decimal point after the first `point` of them, as Kusto writes them: with an exponent only beyond 21 places
-- before the point or 5 zeros after it.
CREATE OR REPLACE MACRO kql_pointed(digits, point) AS
    CASE
        WHEN point BETWEEN length(digits) AND 21 THEN rpad(digits, CAST(point AS INTEGER), '0') || '.0'
        WHEN point BETWEEN 1 AND 21 THEN substring(digits, 1, point) || '.' || substring(digits, point + 1)
        WHEN point BETWEEN -5 AND 0 THEN '0.' || repeat('0', -point) || digits
        WHEN length(digits) = 1 THEN digits || 'e' || (point - 1)
        ELSE substring(digits, 1, 1) || '.' || substring(digits, 2) || 'e' || (point - 1)
    END;

-- Of the numbers with as many digits that are read as the same real Kusto mostly takes the greatest and not the nearest: it
-- leaves out the rounding of Grisu2 where nine digits or more follow those before the scaled point, of which there are
-- `point` and the power of ten by which the algorithm scales.
CREATE OR REPLACE MACRO kql_last_digits(digits, point, value) AS
    CASE
        WHEN length(digits) < 16 OR length(digits) - point
            < (CAST(ceil((2 - floor(log2(value))) * 0.30102999566398114 + 347) AS BIGINT) >> 3) * 8 - 331
        THEN digits
        ELSE CAST(CAST(digits AS BIGINT) + list_max(list_filter(
            range(24),
            lambda more: TRY_CAST((CAST(digits AS BIGINT) + more) || 'e' || (point - length(digits)) AS DOUBLE) = value
        )) AS VARCHAR)
    END;

-- A real that the engine writes with an exponent or with as many digits as there are, taken apart and put together again.
CREATE OR REPLACE MACRO kql_long_real_to_string(x) AS
    list_transform(
        [regexp_extract(CAST(abs(x) AS VARCHAR), '^(\d+)\.?(\d*)(?:e([+-]\d+))?$', ['whole', 'part', 'power'])],
        lambda text: list_transform(
            [{
                'digits': trim(text.whole || text.part, '0'),
                'point': CASE WHEN text.whole = '0' THEN length(ltrim(text.part, '0')) - length(text.part) ELSE length(text.whole) END
                    + CASE WHEN text.power = '' THEN 0 ELSE CAST(text.power AS BIGINT) END
            }],
            lambda number: CASE WHEN x < 0 THEN '-' ELSE '' END
                || kql_pointed(kql_last_digits(number.digits, number.point, abs(x)), number.point)
        )[1]
    )[1];

-- DuckDB writes 'nan' for what Kusto writes 'NaN', and most others as Kusto does.
CREATE OR REPLACE MACRO kql_real_to_string(x) AS
    CASE
        WHEN x IS NULL THEN ''
        WHEN isnan(x) THEN 'NaN'
        WHEN isinf(x) THEN CAST(x AS VARCHAR)
        WHEN length(CAST(x AS VARCHAR)) > 16 OR contains(CAST(x AS VARCHAR), 'e') THEN kql_long_real_to_string(x)
        ELSE CAST(x AS VARCHAR)
    END;

-- A decimal is printed without the zeros that its scale adds.
CREATE OR REPLACE MACRO kql_decimal_to_string(x) AS
    coalesce(
        CASE
            WHEN contains(CAST(x AS VARCHAR), '.') THEN rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.')
            ELSE CAST(x AS VARCHAR)
        END,
        ''
    );

-- The tick that the engine does not keep, for it has microseconds: none, but nine after the last microsecond of a second,
-- which stands for the last instant of a day, week, month or year.
CREATE OR REPLACE MACRO kql_seventh_digit(x) AS CASE WHEN (epoch_us(x) + 1) % 1000000 = 0 THEN 9 ELSE 0 END;

-- Seven digits after the point.
CREATE OR REPLACE MACRO kql_datetime_to_string(x) AS
    coalesce(strftime(x, '%Y-%m-%dT%H:%M:%S.%f') || CAST(kql_seventh_digit(x) AS VARCHAR) || 'Z', '');

-- The text of a datetime whose seventh digit the plan knows.
CREATE OR REPLACE MACRO kql_with_digit(text, digit) AS
    CASE WHEN text = '' THEN '' ELSE substring(text, 1, 26) || digit || 'Z' END;

-- [-][d.]hh:mm:ss[.fffffff]: days and ticks only where there are any.
CREATE OR REPLACE MACRO kql_timespan_to_string(x) AS
    coalesce(
        CASE WHEN x < 0 THEN '-' ELSE '' END
        || CASE WHEN abs(x) >= 864000000000 THEN CAST(abs(x) // 864000000000 AS VARCHAR) || '.' ELSE '' END
        || printf(
            '%02d:%02d:%02d',
            abs(x) // 36000000000 % 24,
            abs(x) // 600000000 % 60,
            abs(x) // 10000000 % 60
        )
        || CASE WHEN abs(x) % 10000000 <> 0 THEN printf('.%07d', abs(x) % 10000000) ELSE '' END,
        ''
    );

-- A text stays as it is, an array or bag is its JSON, the null is ''. Asking for a variant's type reads all of it, its
-- text alone is read from where the column keeps that property; so the type is only asked where the text may be JSON.
CREATE OR REPLACE MACRO kql_dynamic_to_string(x) AS
    CASE
        WHEN CAST(x AS VARCHAR) ^@ '{' OR CAST(x AS VARCHAR) ^@ '[' THEN
            CASE
                WHEN variant_type(x) IN ('ARRAY', 'OBJECT') THEN CAST(CAST(x AS JSON) AS VARCHAR)
                ELSE CAST(x AS VARCHAR)
            END
        ELSE coalesce(CAST(x AS VARCHAR), '')
    END;

-- The low 32 bits, as Kusto keeps them when a long becomes an int.
CREATE OR REPLACE MACRO kql_long_to_int(x) AS
    CAST(CASE WHEN (x & 4294967295) > 2147483647 THEN (x & 4294967295) - 4294967296 ELSE x & 4294967295 END AS INTEGER);

-- The low 64 bits of an integer of any size.
CREATE OR REPLACE MACRO kql_wrap_long(x) AS
    CAST(xor(CAST(x AS HUGEINT) & 18446744073709551615, 9223372036854775808) - 9223372036854775808 AS BIGINT);

-- Digits with a sign or 0x with hex digits; DuckDB's own cast would take '1e3', '5.7' and '1_000' too.
CREATE OR REPLACE MACRO kql_string_to_long(x) AS
    CASE
        WHEN regexp_full_match(x, '\s*[+-]?[0-9]+\s*') THEN TRY_CAST(x AS BIGINT)
        WHEN regexp_full_match(x, '\s*0[xX][0-9a-fA-F]{1,16}\s*') THEN kql_wrap_long(CAST(TRY_CAST(lower(trim(x)) AS UBIGINT) AS HUGEINT))
    END;

-- As kql_string_to_long, in 32 bits; a number that does not fit is null, but hex may set the sign bit.
CREATE OR REPLACE MACRO kql_string_to_int(x) AS
    CASE
        WHEN regexp_full_match(x, '\s*[+-]?[0-9]+\s*') THEN TRY_CAST(x AS INTEGER)
        WHEN regexp_full_match(x, '\s*0[xX][0-9a-fA-F]{1,8}\s*') THEN kql_long_to_int(TRY_CAST(lower(trim(x)) AS BIGINT))
    END;

-- DuckDB's cast would take '1_000' and hex too.
CREATE OR REPLACE MACRO kql_string_to_real(x) AS
    CASE WHEN NOT regexp_matches(x, '[_xX]') THEN TRY_CAST(x AS DOUBLE) END;

-- As kql_string_to_real.
CREATE OR REPLACE MACRO kql_string_to_decimal(x) AS
    CASE WHEN NOT regexp_matches(x, '[_xX]') THEN TRY_CAST(x AS DECIMAL(38, 17)) END;

-- true and false in any case, or an integer that is zero or not; DuckDB would take 'yes' and 't' too.
CREATE OR REPLACE MACRO kql_string_to_bool(x) AS
    CASE lower(x) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE ELSE kql_string_to_long(x) <> 0 END;

-- Null for what lies outside Kusto's calendar, which DuckDB's is wider than.
CREATE OR REPLACE MACRO kql_in_calendar(x) AS
    CASE WHEN x BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN x END;

-- ISO 8601 with any offset, and the forms of RFC 822, RFC 850 and the American calendar.
CREATE OR REPLACE MACRO kql_string_to_datetime(x) AS
    CASE
        WHEN regexp_matches(x, '^\s*\d{4}-\d') THEN coalesce(
            kql_in_calendar(timezone('UTC', TRY_CAST(trim(x) AS TIMESTAMPTZ))),
            try_strptime(trim(x), '%Y-%m')
        )
        WHEN x <> '' THEN kql_in_calendar(coalesce(try_strptime(trim(x), [
            '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y', '%m/%d/%Y %H:%M:%S.%f', '%m/%d/%Y %H:%M',
            '%m/%d/%Y %I:%M %p', '%m/%d/%Y %I:%M:%S.%f %p', '%m/%d/%YT%H:%M:%S', '%m/%d/%YT%H:%M:%SZ',
            '%m/%d/%y %H:%M:%S', '%m-%d-%Y %H:%M:%S', '%m-%d-%Y', '%Y/%m/%d %H:%M:%S', '%Y/%m/%d',
            '%a, %d %b %y %H:%M:%S GMT', '%a, %d %b %Y %H:%M:%S GMT', '%a, %d %b %y %H:%M:%S', '%a, %d %b %Y %H:%M:%S',
            '%a, %d %b %y %H:%M GMT', '%a, %d %b %y %H:%M', '%d %b %y %H:%M:%S',
            '%d %b %Y %H:%M:%S', '%d %b %y %H:%M:%S GMT', '%d %b %Y %H:%M:%S GMT', '%d %b %y', '%d %b %Y',
            '%A, %d-%b-%y %H:%M:%S GMT', '%A, %d-%b-%y %H:%M:%S', '%A, %d-%b-%y %H:%M', '%d-%b-%y %H:%M:%S',
            '%d-%b-%y %H:%M:%S GMT', '%b %d %Y %H:%M:%S', '%b %d %Y', '%b %d, %Y', '%b %d, %Y %I:%M:%S %p', '%Y'
        ]), timezone('UTC', try_strptime(trim(x), '%a, %d %b %Y %H:%M:%S %z'))))
    END;

-- One of the two forms of a timespan's text, taken apart by the pattern in kql_string_to_timespan.
CREATE OR REPLACE MACRO kql_timespan_of_parts(p) AS
    CASE WHEN p.sign = '-' THEN -1 ELSE 1 END * CASE
        WHEN p.minutes <> '' THEN CASE
            WHEN TRY_CAST(p.hours AS BIGINT) < 24 AND TRY_CAST(p.minutes AS BIGINT) < 60 AND TRY_CAST('0' || p.seconds AS BIGINT) < 60
            THEN TRY_CAST('0' || p.days AS BIGINT) * 864000000000
                + TRY_CAST(p.hours AS BIGINT) * 36000000000
                + TRY_CAST(p.minutes AS BIGINT) * 600000000
                + TRY_CAST('0' || p.seconds AS BIGINT) * 10000000
                + TRY_CAST(rpad(p.ticks, 7, '0') AS BIGINT)
        END
        WHEN p.number <> '' THEN CAST(TRY_CAST(p.number AS DOUBLE) * CASE p.unit
            WHEN 'tick' THEN 1 WHEN 'ticks' THEN 1
            WHEN 'microsecond' THEN 10 WHEN 'microseconds' THEN 10 WHEN 'us' THEN 10
            WHEN 'ms' THEN 10000 WHEN 'milli' THEN 10000 WHEN 'millis' THEN 10000
            WHEN 'millisecond' THEN 10000 WHEN 'milliseconds' THEN 10000
            WHEN 's' THEN 10000000 WHEN 'sec' THEN 10000000 WHEN 'second' THEN 10000000 WHEN 'seconds' THEN 10000000
            WHEN 'm' THEN 600000000 WHEN 'min' THEN 600000000 WHEN 'minute' THEN 600000000 WHEN 'minutes' THEN 600000000
            WHEN 'h' THEN 36000000000 WHEN 'hr' THEN 36000000000 WHEN 'hour' THEN 36000000000 WHEN 'hours' THEN 36000000000
            WHEN 'd' THEN 864000000000 WHEN 'day' THEN 864000000000 WHEN 'days' THEN 864000000000
            WHEN '' THEN 864000000000
        END AS BIGINT)
    END;

-- [-][d.]hh:mm[:ss[.fffffff]], or a number with a unit, or a number of days.
CREATE OR REPLACE MACRO kql_string_to_timespan(x) AS
    CASE WHEN x <> '' THEN kql_timespan_of_parts(regexp_extract(
        x,
        '^\s*(-?)(?:(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?|(\d{1,8}(?:\.\d{1,9})?)\s*([a-z]*))\s*$',
        ['sign', 'days', 'hours', 'minutes', 'seconds', 'ticks', 'number', 'unit']
    )) END;

-- A guid may be written with dashes, without, or with them elsewhere.
CREATE OR REPLACE MACRO kql_string_to_guid(x) AS TRY_CAST(x AS UUID);

-- Cut toward zero where DuckDB rounds; too large is the largest, and what is no number is null.
CREATE OR REPLACE MACRO kql_real_to_long(x) AS
    CASE
        WHEN NOT isfinite(x) THEN NULL
        WHEN x >= 9223372036854775807 THEN 9223372036854775807
        WHEN x <= -9223372036854775808 THEN CAST('-9223372036854775808' AS BIGINT)
        ELSE CAST(trunc(x) AS BIGINT)
    END;

-- As kql_real_to_long, in 32 bits.
CREATE OR REPLACE MACRO kql_real_to_int(x) AS
    CASE
        WHEN NOT isfinite(x) THEN NULL
        WHEN x >= 2147483647 THEN 2147483647
        WHEN x <= -2147483648 THEN CAST(-2147483648 AS INTEGER)
        ELSE CAST(trunc(x) AS INTEGER)
    END;

-- Ticks of 100 ns since the year 1.
CREATE OR REPLACE MACRO kql_datetime_to_long(x) AS epoch_us(x) * 10 + 621355968000000000 + kql_seventh_digit(x);

-- The other way; what is not in the calendar is null.
CREATE OR REPLACE MACRO kql_long_to_datetime(x) AS
    CASE WHEN x BETWEEN 0 AND 3155378975999999999 THEN make_timestamp(x // 10 - 62135596800000000) END;

-- As kql_dynamic_to_long, for what does not look like one.
CREATE OR REPLACE MACRO kql_odd_dynamic_to_long(x) AS
    CASE variant_type(x)
        WHEN 'VARCHAR' THEN kql_string_to_long(CAST(x AS VARCHAR))
        WHEN 'DOUBLE' THEN kql_real_to_long(TRY_CAST(x AS DOUBLE))
        WHEN 'DECIMAL' THEN kql_real_to_long(TRY_CAST(x AS DOUBLE))
        WHEN 'ARRAY' THEN NULL
        WHEN 'OBJECT' THEN NULL
        ELSE TRY_CAST(x AS BIGINT)
    END;

-- A dynamic number or text as an integer; arrays and bags are null.
CREATE OR REPLACE MACRO kql_dynamic_to_long(x) AS
    CASE
        WHEN CAST(x AS VARCHAR) IS NULL THEN NULL
        WHEN CAST(TRY_CAST(CAST(x AS VARCHAR) AS BIGINT) AS VARCHAR) = CAST(x AS VARCHAR) THEN
            TRY_CAST(CAST(x AS VARCHAR) AS BIGINT)
        ELSE kql_odd_dynamic_to_long(x)
    END;

-- As kql_dynamic_to_int, for what does not look like one.
CREATE OR REPLACE MACRO kql_odd_dynamic_to_int(x) AS
    CASE variant_type(x)
        WHEN 'VARCHAR' THEN kql_string_to_int(CAST(x AS VARCHAR))
        ELSE kql_long_to_int(kql_dynamic_to_long(x))
    END;

-- As kql_dynamic_to_long; a number keeps its low 32 bits, a text must fit.
CREATE OR REPLACE MACRO kql_dynamic_to_int(x) AS
    CASE
        WHEN CAST(x AS VARCHAR) IS NULL THEN NULL
        WHEN CAST(TRY_CAST(CAST(x AS VARCHAR) AS INTEGER) AS VARCHAR) = CAST(x AS VARCHAR) THEN
            TRY_CAST(CAST(x AS VARCHAR) AS INTEGER)
        ELSE kql_odd_dynamic_to_int(x)
    END;

-- As kql_dynamic_to_real, for what does not look like one.
CREATE OR REPLACE MACRO kql_odd_dynamic_to_real(x) AS
    CASE variant_type(x)
        WHEN 'VARCHAR' THEN kql_string_to_real(CAST(x AS VARCHAR))
        WHEN 'ARRAY' THEN NULL
        WHEN 'OBJECT' THEN NULL
        ELSE TRY_CAST(x AS DOUBLE)
    END;

-- A dynamic number or text as a real.
CREATE OR REPLACE MACRO kql_dynamic_to_real(x) AS
    CASE
        WHEN CAST(x AS VARCHAR) IS NULL THEN NULL
        WHEN regexp_full_match(CAST(x AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN CAST(CAST(x AS VARCHAR) AS DOUBLE)
        ELSE kql_odd_dynamic_to_real(x)
    END;

-- A dynamic number or text as a decimal.
CREATE OR REPLACE MACRO kql_dynamic_to_decimal(x) AS
    CASE variant_type(x)
        WHEN 'VARCHAR' THEN kql_string_to_decimal(CAST(x AS VARCHAR))
        WHEN 'ARRAY' THEN NULL
        WHEN 'OBJECT' THEN NULL
        ELSE TRY_CAST(TRY_CAST(x AS DOUBLE) AS DECIMAL(38, 17))
    END;

-- As kql_dynamic_to_bool, for what does not look like one.
CREATE OR REPLACE MACRO kql_odd_dynamic_to_bool(x) AS
    CASE variant_type(x)
        WHEN 'BOOL_TRUE' THEN TRUE
        WHEN 'BOOL_FALSE' THEN FALSE
        WHEN 'VARCHAR' THEN kql_string_to_bool(CAST(x AS VARCHAR))
        WHEN 'ARRAY' THEN NULL
        WHEN 'OBJECT' THEN NULL
        ELSE TRY_CAST(x AS DOUBLE) <> 0
    END;

-- A dynamic bool, number or text as a bool.
CREATE OR REPLACE MACRO kql_dynamic_to_bool(x) AS
    CASE
        WHEN CAST(x AS VARCHAR) IS NULL THEN NULL
        WHEN CAST(x AS VARCHAR) = 'true' THEN TRUE
        WHEN CAST(x AS VARCHAR) = 'false' THEN FALSE
        ELSE kql_odd_dynamic_to_bool(x)
    END;

-- As kql_dynamic_to_datetime, for what does not look like one.
CREATE OR REPLACE MACRO kql_odd_dynamic_to_datetime(x) AS
    CASE variant_type(x)
        WHEN 'VARCHAR' THEN kql_string_to_datetime(CAST(x AS VARCHAR))
        WHEN 'ARRAY' THEN NULL
        WHEN 'OBJECT' THEN NULL
        ELSE kql_long_to_datetime(TRY_CAST(x AS BIGINT))
    END;

-- A dynamic text is read as a datetime, a number is ticks.
CREATE OR REPLACE MACRO kql_dynamic_to_datetime(x) AS
    CASE
        WHEN CAST(x AS VARCHAR) IS NULL THEN NULL
        WHEN CAST(x AS VARCHAR) LIKE '____-__-__%' THEN kql_string_to_datetime(CAST(x AS VARCHAR))
        ELSE kql_odd_dynamic_to_datetime(x)
    END;

-- A dynamic text is read as a timespan, a number is ticks.
CREATE OR REPLACE MACRO kql_dynamic_to_timespan(x) AS
    CASE variant_type(x)
        WHEN 'VARCHAR' THEN kql_string_to_timespan(CAST(x AS VARCHAR))
        WHEN 'ARRAY' THEN NULL
        WHEN 'OBJECT' THEN NULL
        ELSE TRY_CAST(x AS BIGINT)
    END;

-- As kql_dynamic_to_guid, for what does not look like one.
CREATE OR REPLACE MACRO kql_odd_dynamic_to_guid(x) AS
    CASE WHEN variant_type(x) = 'VARCHAR' THEN TRY_CAST(CAST(x AS VARCHAR) AS UUID) END;

-- Only a dynamic text can be a guid.
CREATE OR REPLACE MACRO kql_dynamic_to_guid(x) AS
    CASE
        WHEN CAST(x AS VARCHAR) IS NULL THEN NULL
        WHEN CAST(x AS VARCHAR) LIKE '________-____-____-____-____________' THEN TRY_CAST(CAST(x AS VARCHAR) AS UUID)
        ELSE kql_odd_dynamic_to_guid(x)
    END;

-- JSON has no infinity; Kusto writes it as a text.
CREATE OR REPLACE MACRO kql_real_to_dynamic(x) AS
    CASE WHEN isfinite(x) THEN CAST(CAST(x AS DOUBLE) AS VARIANT) ELSE CAST(nullif(kql_real_to_string(x), '') AS VARIANT) END;

-- Inside a dynamic these are texts; the null stays null.
CREATE OR REPLACE MACRO kql_decimal_to_dynamic(x) AS CAST(nullif(kql_decimal_to_string(x), '') AS VARIANT);
CREATE OR REPLACE MACRO kql_datetime_to_dynamic(x) AS CAST(nullif(kql_datetime_to_string(x), '') AS VARIANT);
CREATE OR REPLACE MACRO kql_timespan_to_dynamic(x) AS CAST(nullif(kql_timespan_to_string(x), '') AS VARIANT);
CREATE OR REPLACE MACRO kql_guid_to_dynamic(x) AS CAST(CAST(x AS VARCHAR) AS VARIANT);

-- --- dynamic values --------------------------------------------------------------------------------------------------

-- Whether a text has numbers in it that JSON has not, which the engine would read: NaN and the infinities.
CREATE OR REPLACE MACRO kql_has_no_number(x) AS
    (length(x) < 12 AND regexp_full_match(x, '\s*-?(?i:nan|inf|infinity)\s*'))
    OR ((contains(x, 'NaN') OR contains(x, 'Infinity'))
        AND regexp_matches(regexp_replace(x, '"(?:[^"\\]|\\.)*"', '', 'g'), 'NaN|Infinity'));

-- JSON text as a value; what is not JSON is the text itself, nothing is null.
CREATE OR REPLACE MACRO kql_parse_json(x) AS
    CASE
        WHEN kql_has_no_number(x) THEN CAST(x AS VARIANT)
        WHEN TRY_CAST(x AS JSON) IS NOT NULL THEN CAST(TRY_CAST(x AS JSON) AS VARIANT)
        WHEN x <> '' THEN CAST(x AS VARIANT)
    END;

-- Kusto's names for what a dynamic holds.
CREATE OR REPLACE MACRO kql_type_of(x) AS
    CASE variant_type(x)
        WHEN 'OBJECT' THEN 'dictionary'
        WHEN 'ARRAY' THEN 'array'
        WHEN 'VARCHAR' THEN 'string'
        WHEN 'DOUBLE' THEN 'double'
        WHEN 'FLOAT' THEN 'double'
        WHEN 'DECIMAL' THEN 'double'
        WHEN 'UINT64' THEN CASE WHEN TRY_CAST(x AS BIGINT) IS NULL THEN 'double' ELSE 'long' END
        WHEN 'BOOL_TRUE' THEN 'bool'
        WHEN 'BOOL_FALSE' THEN 'bool'
        ELSE CASE WHEN x IS NULL THEN 'null' ELSE 'long' END
    END;

-- The elements of an array; null for what is no array. By way of JSON it is thirty times as fast as a cast to VARIANT[].
CREATE OR REPLACE MACRO kql_array(x) AS
    CASE WHEN variant_type(x) = 'ARRAY' THEN
        list_transform(CAST(x AS JSON[]), lambda element: CAST(element AS VARIANT))
    END;

-- The properties of a bag; null for what is no bag.
CREATE OR REPLACE MACRO kql_bag(x) AS
    CASE WHEN variant_type(x) = 'OBJECT' THEN TRY_CAST(CAST(x AS JSON) AS MAP(VARCHAR, JSON)) END;

-- A map of properties as a bag.
CREATE OR REPLACE MACRO kql_bag_of(properties) AS CAST(CAST(properties AS JSON) AS VARIANT);

-- A text that is equal for equal values, whatever integer or real they are stored as.
CREATE OR REPLACE MACRO kql_key(x) AS
    CASE
        WHEN variant_type(x) IN ('DOUBLE', 'FLOAT', 'DECIMAL') AND TRY_CAST(x AS DOUBLE) = trunc(TRY_CAST(x AS DOUBLE))
            AND abs(TRY_CAST(x AS DOUBLE)) < 9007199254740992
        THEN CAST(CAST(TRY_CAST(x AS DOUBLE) AS BIGINT) AS VARCHAR)
        ELSE coalesce(CAST(CAST(x AS JSON) AS VARCHAR), 'null')
    END;

-- The keys of a list's elements.
CREATE OR REPLACE MACRO kql_keys(elements) AS list_transform(elements, lambda keyed: kql_key(keyed));

-- The elements with the first appearance of each key, in order; DuckDB's list_distinct forgets the order. Sorting keeps it n log n.
CREATE OR REPLACE MACRO kql_distinct_by(elements, keys) AS
    list_transform(
        [list_sort(list_transform(keys, lambda keyed, place: {'k': keyed, 'i': place}))],
        lambda bound: list_transform(
            list_sort(list_transform(
                list_filter(bound, lambda item, place: place = 1 OR item.k IS DISTINCT FROM bound[place - 1].k),
                lambda item: item.i
            )),
            lambda place: elements[place]
        )
    )[1];

-- A list of dynamics once more without repetitions.
CREATE OR REPLACE MACRO kql_distinct(elements) AS kql_distinct_by(elements, kql_keys(elements));

-- The elements of one list that are (or are not) in another.
CREATE OR REPLACE MACRO kql_elements_in(elements, others, wanted) AS
    list_transform(
        [{'e': elements, 'k': kql_keys(elements), 'o': kql_keys(others)}],
        lambda bound: list_filter(bound.e, lambda kept, place: list_contains(bound.o, bound.k[place]) = wanted)
    )[1];

-- Where the nth element equal to a value is, looking at `count` places from `first` (negative: from the end); -1 if nowhere.
CREATE OR REPLACE MACRO kql_array_index_of(elements, value, first, count, nth) AS
    CASE WHEN elements IS NOT NULL THEN coalesce(list_filter(
        list_transform(kql_keys(elements), lambda keyed, place: CASE WHEN keyed = kql_key(value) THEN place - 1 END),
        lambda found: found IS NOT NULL
            AND found >= CASE WHEN first < 0 THEN greatest(len(elements) + first, 0) ELSE first END
            AND (count < 0 OR found < CASE WHEN first < 0 THEN greatest(len(elements) + first, 0) ELSE first END + count)
    )[nth], -1) END;

-- The part of a list from one position to another, both included; negative ones count from the end.
CREATE OR REPLACE MACRO kql_array_slice(elements, first, last) AS
    list_slice(
        elements,
        CASE WHEN first < 0 THEN greatest(len(elements) + first, 0) ELSE least(first, len(elements)) END + 1,
        CASE WHEN last < 0 THEN len(elements) + last ELSE least(last, len(elements)) END + 1
    );

-- A list turned so that the element at `count` comes first.
CREATE OR REPLACE MACRO kql_array_rotate(elements, count) AS
    CASE WHEN len(elements) = 0 THEN elements ELSE list_concat(
        list_slice(elements, (count % len(elements) + len(elements)) % len(elements) + 1, len(elements)),
        list_slice(elements, 1, (count % len(elements) + len(elements)) % len(elements))
    ) END;

-- A list moved left (or right, for a negative count) in its place, filled up with a value.
CREATE OR REPLACE MACRO kql_array_shift(elements, count, filler) AS
    list_transform(
        elements,
        lambda shifted, place: CASE WHEN count BETWEEN 1 - place AND len(elements) - place THEN elements[place + count] ELSE filler END
    );

-- Numbers before texts before the rest, each in their own order, nulls where they are wanted.
CREATE OR REPLACE MACRO kql_array_sort(elements, direction, nulls_last) AS
    CASE WHEN elements IS NOT NULL THEN list_concat(
        CASE WHEN nulls_last THEN [] ELSE list_filter(elements, lambda sorted: sorted IS NULL) END,
        list_transform(
            list_sort(
                list_transform(list_filter(elements, lambda sorted: sorted IS NOT NULL), lambda sorted: {
                    'kind': CASE
                        WHEN variant_type(sorted) IN ('ARRAY', 'OBJECT') THEN 3
                        WHEN variant_type(sorted) = 'VARCHAR' THEN 2
                        ELSE 1
                    END,
                    'number': CASE
                        WHEN variant_type(sorted) NOT IN ('ARRAY', 'OBJECT', 'VARCHAR') THEN TRY_CAST(sorted AS DOUBLE)
                    END,
                    'text': CASE WHEN variant_type(sorted) = 'VARCHAR' THEN CAST(sorted AS VARCHAR) ELSE '' END,
                    'value': sorted
                }),
                direction
            ),
            lambda sorted: sorted.value
        ),
        CASE WHEN nulls_last THEN list_filter(elements, lambda sorted: sorted IS NULL) ELSE [] END
    ) END;

-- The places of a list's elements in the order in which kql_array_sort puts them; equal ones keep theirs.
CREATE OR REPLACE MACRO kql_array_order(elements, direction, nulls_last) AS
    list_concat(
        CASE WHEN nulls_last THEN [] ELSE list_filter(range(1, len(elements) + 1), lambda place: elements[place] IS NULL) END,
        list_transform(
            list_sort(
                list_transform(
                    list_filter(range(1, len(elements) + 1), lambda place: elements[place] IS NOT NULL),
                    lambda place: {
                        'kind': CASE
                            WHEN variant_type(elements[place]) IN ('ARRAY', 'OBJECT') THEN 3
                            WHEN variant_type(elements[place]) = 'VARCHAR' THEN 2
                            ELSE 1
                        END,
                        'number': CASE
                            WHEN variant_type(elements[place]) NOT IN ('ARRAY', 'OBJECT', 'VARCHAR')
                            THEN TRY_CAST(elements[place] AS DOUBLE)
                        END,
                        'text': CASE
                            WHEN variant_type(elements[place]) = 'VARCHAR' THEN CAST(elements[place] AS VARCHAR) ELSE ''
                        END,
                        'turn': CASE WHEN direction = 'DESC' THEN -place ELSE place END
                    }
                ),
                direction
            ),
            lambda sorted: abs(sorted.turn)
        ),
        CASE WHEN nulls_last THEN list_filter(range(1, len(elements) + 1), lambda place: elements[place] IS NULL) ELSE [] END
    );

-- The elements of a list in an order that is made for as many; of another length there is none.
CREATE OR REPLACE MACRO kql_array_placed(elements, places) AS
    CASE WHEN len(elements) = len(places) THEN list_transform(places, lambda place: elements[place]) END;

-- From one number to another in steps, at most as many as Kusto gives.
CREATE OR REPLACE MACRO kql_series(a, b, step) AS
    CASE
        WHEN step > 0 THEN generate_series(
            a, TRY_CAST(least(CAST(b AS HUGEINT), CAST(a AS HUGEINT) + CAST(step AS HUGEINT) * 1048575) AS BIGINT), step
        )
        WHEN step < 0 THEN generate_series(
            a, TRY_CAST(greatest(CAST(b AS HUGEINT), CAST(a AS HUGEINT) + CAST(step AS HUGEINT) * 1048575) AS BIGINT), step
        )
    END;

-- The same for reals, counted so that the errors of addition do not add up.
CREATE OR REPLACE MACRO kql_series_real(a, b, step) AS
    CASE WHEN step <> 0 AND isfinite((b - a) / step) AND abs((b - a) / step) < 1e15 THEN list_transform(
        range(least(greatest(CAST(floor((b - a) / step + 1e-9) AS BIGINT) + 1, 0), 1048576)),
        lambda place: a + step * place
    ) END;

-- Bags of which the first to have a property counts; what is no bag is left out.
CREATE OR REPLACE MACRO kql_bag_or_empty(x) AS coalesce(kql_bag(x), CAST(MAP {} AS MAP(VARCHAR, JSON)));

-- A value as JSON; the null too.
CREATE OR REPLACE MACRO kql_json(x) AS coalesce(CAST(x AS JSON), CAST('null' AS JSON));

-- --- texts -----------------------------------------------------------------------------------------------------------

-- The start counts from 0, or from the end where it is negative; a start before the text gives nothing.
CREATE OR REPLACE MACRO kql_substring(x, first, count) AS
    CASE
        WHEN count <= 0 OR length(x) + first < 0 THEN ''
        WHEN first >= 0 THEN substring(x, least(first, 2147483647) + 1, least(count, 2147483647))
        ELSE substring(x, length(x) + first + 1, least(count, 2147483647))
    END;

-- The places (from 0) at which a text stands in another, overlapping ones too.
CREATE OR REPLACE MACRO kql_places(x, needle) AS
    list_filter(range(length(x)), lambda place: substring(x, place + 1, length(needle)) = needle);

-- Where the nth occurrence begins, looking at `count` places from `first`; -1 if nowhere, null for an empty needle.
CREATE OR REPLACE MACRO kql_indexof(x, needle, first, count, nth) AS
    CASE WHEN needle <> '' THEN coalesce(list_filter(
        kql_places(x, needle),
        lambda found: found >= CASE WHEN first < 0 THEN greatest(length(x) + first, 0) ELSE first END
            AND (count < 0 OR found < CASE WHEN first < 0 THEN greatest(length(x) + first, 0) ELSE first END + count)
    )[nth], -1) END;

-- How often a text stands in another, overlapping.
CREATE OR REPLACE MACRO kql_countof(x, needle) AS
    CASE WHEN needle = '' THEN 0 ELSE len(kql_places(x, needle)) END;

-- The texts of a list with a delimiter that is only known per row; array_to_string takes a constant one only.
CREATE OR REPLACE MACRO kql_joined(texts, delimiter) AS
    coalesce(list_reduce(
        list_transform(texts, lambda item, place: {
            'text': CASE WHEN place = 1 THEN item ELSE delimiter || item END
        }),
        lambda done, step: {'text': done.text || step.text},
        {'text': ''}
    ).text, '');

-- Several replacements at once: what one has written, the next does not see, so marks stand in until the end. A rewrite that is
-- no text leaves its lookup as it was.
CREATE OR REPLACE MACRO kql_replace_strings(x, lookups, rewrites) AS
    list_reduce(
        list_transform(rewrites, lambda rewrite, place: {
            'find': chr(CAST(57343 + place AS INTEGER)),
            'put': CASE
                WHEN variant_type(rewrite) = 'VARCHAR' THEN CAST(rewrite AS VARCHAR)
                ELSE kql_dynamic_to_string(lookups[place])
            END
        }),
        lambda done, step: {'find': '', 'put': replace(done.put, step.find, step.put)},
        list_reduce(
            list_transform(lookups, lambda lookup, place: {
                'find': kql_dynamic_to_string(lookup), 'put': chr(CAST(57343 + place AS INTEGER))
            }),
            lambda done, step: {'find': '', 'put': CASE
                WHEN step.find = '' THEN done.put ELSE replace(done.put, step.find, step.put)
            END},
            {'find': '', 'put': x}
        )
    ).put;

-- In the next three the argument is first put into a list, because TRY does not take a subquery inside it.
-- Text whose UTF-8 is in base64; what is not valid is ''.
CREATE OR REPLACE MACRO kql_base64_decode(x) AS
    coalesce(list_transform(
        [rpad(x, CAST((length(x) + 3) // 4 * 4 AS INTEGER), '=')],
        lambda padded: TRY(decode(from_base64(padded)))
    )[1], '');

-- Bytes that are in base64; what is not valid is null.
CREATE OR REPLACE MACRO kql_from_base64(x) AS list_transform([x], lambda encoded: TRY(from_base64(encoded)))[1];

-- Percent notation undone; what is not valid stays as it is.
CREATE OR REPLACE MACRO kql_url_decode(x) AS
    list_transform([x], lambda encoded: coalesce(TRY(url_decode(encoded)), encoded))[1];

-- The bytes of a blob as numbers.
CREATE OR REPLACE MACRO kql_bytes(x) AS
    list_transform(range(octet_length(x)), lambda place: TRY_CAST('0x' || substring(hex(x), place * 2 + 1, 2) AS BIGINT));

-- The remainder of 64 bits taken without a sign; by no positive number there is none.
CREATE OR REPLACE MACRO kql_unsigned_modulo(x, modulo) AS
    CASE WHEN modulo > 0 THEN
        CAST((CAST(x AS HUGEINT) + CASE WHEN x < 0 THEN 18446744073709551616 ELSE 0 END) % modulo AS BIGINT)
    END;

-- The sixteen bytes of a guid in hex, its first three parts with the least byte first, as .NET keeps them; and the way back.
CREATE OR REPLACE MACRO kql_guid_order(x) AS
    x[7:8] || x[5:6] || x[3:4] || x[1:2] || x[11:12] || x[9:10] || x[15:16] || x[13:14] || x[17:32];
CREATE OR REPLACE MACRO kql_guid_bytes(x) AS kql_guid_order(replace(CAST(x AS VARCHAR), '-', ''));
CREATE OR REPLACE MACRO kql_bytes_to_guid(x) AS
    CASE WHEN octet_length(x) = 16 THEN TRY_CAST(kql_guid_order(hex(x)) AS UUID) END;

-- A number without the `.0` of a whole one.
CREATE OR REPLACE MACRO kql_short_number(x) AS
    CASE WHEN x IS NOT NULL THEN regexp_replace(kql_real_to_string(x), '\.0$', '') END;

-- A size in bytes, in the unit that is asked for or, for '', the largest that it fills; '' for an unknown unit and for null.
CREATE OR REPLACE MACRO kql_format_bytes(size, digits, unit) AS
    coalesce(list_transform(
        [CASE
            WHEN unit <> '' THEN list_position(['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'], unit) - 1
            ELSE len(list_filter([1, 2, 3, 4, 5, 6], lambda power: abs(size) >= pow(1024, power)))
        END],
        lambda power: kql_short_number(round(size / pow(1024, power), CAST(greatest(digits, 0) AS INTEGER)))
            || ' ' || ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'][power + 1]
    )[1], '');

-- Bag of name and value from `a=1&b=2`; where a name repeats, the last one counts.
CREATE OR REPLACE MACRO kql_query_parameters(x) AS
    list_reduce(
        list_transform(
            list_filter(string_split(x, '&'), lambda part: part <> ''),
            lambda part: MAP {split_part(part, '=', 1): CASE
                WHEN contains(part, '=') THEN substring(part, strpos(part, '=') + 1) ELSE ''
            END}
        ),
        lambda bag, part: map_concat(bag, part),
        CAST(MAP {} AS MAP(VARCHAR, VARCHAR))
    );

-- --- time ------------------------------------------------------------------------------------------------------------

-- The day's number in the week, from Sunday, as a timespan.
CREATE OR REPLACE MACRO kql_dayofweek(x) AS dayofweek(x) * 864000000000;

-- Weeks begin on Sunday, which 2000-01-02 was.
CREATE OR REPLACE MACRO kql_startofweek(x) AS time_bucket(INTERVAL 7 DAYS, x, TIMESTAMP '2000-01-02');

-- Bins are counted from the year 1, so those of weeks begin on Monday; no positive step, no bin.
CREATE OR REPLACE MACRO kql_bin_datetime(x, step) AS
    CASE WHEN step >= 10 THEN time_bucket(to_microseconds(step // 10), x, TIMESTAMP '0001-01-01') END;

-- The greatest multiple that is not greater.
CREATE OR REPLACE MACRO kql_bin_long(x, step) AS
    CASE WHEN step > 0 THEN x - x % step - CASE WHEN x % step < 0 THEN step ELSE 0 END END;

-- As kql_bin_long.
CREATE OR REPLACE MACRO kql_bin_real(x, step) AS
    CASE WHEN step > 0 THEN floor(x / step) * step END;

-- Seconds may have a fraction; DuckDB would round it up into the next minute.
CREATE OR REPLACE MACRO kql_make_datetime(y, m, d, h, n, s) AS
    list_transform(
        [{'y': y, 'm': m, 'd': d, 'h': h, 'n': n, 's': s}],
        lambda part: CASE WHEN part.y BETWEEN 1 AND 9999 THEN TRY(
            make_timestamp(part.y, part.m, part.d, part.h, part.n, CAST(trunc(part.s) AS DOUBLE))
            + to_microseconds(CAST(trunc((part.s - trunc(part.s)) * 1000000) AS BIGINT))
        ) END
    )[1];

-- What a zone's clocks show at an instant; a zone that there is not gives null.
CREATE OR REPLACE MACRO kql_utc_to_local(x, zone) AS
    list_transform([{'at': x, 'zone': zone}], lambda part: TRY(timezone(part.zone, timezone('UTC', part.at))))[1];

-- The way back. An hour that the clocks skip is taken by the clock that they are put to, where DuckDB takes the one before.
CREATE OR REPLACE MACRO kql_local_to_utc(x, zone) AS
    list_transform([{'at': x, 'zone': zone}], lambda part: TRY(
        timezone('UTC', timezone(part.zone, part.at))
            - greatest(timezone(part.zone, timezone(part.zone, part.at)) - part.at, INTERVAL 0 SECONDS)
    ))[1];

-- Hours, minutes and seconds must be in their range.
CREATE OR REPLACE MACRO kql_make_timespan(d, h, m, s) AS
    CASE WHEN d >= 0 AND h BETWEEN 0 AND 23 AND m BETWEEN 0 AND 59 AND s >= 0 AND s < 60
        THEN d * 864000000000 + h * 36000000000 + m * 600000000 + CAST(round(s * 10000000) AS BIGINT)
    END;

-- --- networks --------------------------------------------------------------------------------------------------------

-- The prefix length that an IPv4 text carries, 32 if none; null for what is no address.
CREATE OR REPLACE MACRO kql_ipv4_prefix(x) AS
    CASE
        WHEN NOT regexp_full_match(x, '\s*(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:/(?:3[0-2]|[12]?\d))?\s*') THEN NULL
        WHEN contains(x, '/') THEN TRY_CAST(trim(split_part(x, '/', 2)) AS BIGINT)
        ELSE 32
    END;

-- Four numbers as 32 bits.
CREATE OR REPLACE MACRO kql_ipv4_number(parts) AS
    CAST(TRY_CAST(parts[1] AS UTINYINT) AS BIGINT) * 16777216 + TRY_CAST(parts[2] AS UTINYINT) * 65536
    + TRY_CAST(parts[3] AS UTINYINT) * 256 + TRY_CAST(parts[4] AS UTINYINT);

-- The 32 bits of an address, whatever its prefix; null for what is no address. The text is split once, in a lambda.
CREATE OR REPLACE MACRO kql_ipv4_bits(x) AS
    CASE WHEN kql_ipv4_prefix(x) IS NOT NULL THEN
        list_transform([string_split(split_part(x, '/', 1), '.')], lambda parts: kql_ipv4_number(parts))[1]
    END;

-- The bits above a prefix, the rest zero.
CREATE OR REPLACE MACRO kql_ipv4_masked(bits, prefix) AS
    CASE WHEN prefix BETWEEN 0 AND 32 AND bits BETWEEN 0 AND 4294967295 THEN (bits >> CAST(32 - prefix AS INTEGER)) << CAST(32 - prefix AS INTEGER) END;

-- The network that a text such as 10.0.0.1/8 names.
CREATE OR REPLACE MACRO kql_parse_ipv4(x) AS
    CASE WHEN contains(x, '/') THEN kql_ipv4_masked(kql_ipv4_bits(x), kql_ipv4_prefix(x)) ELSE kql_ipv4_bits(x) END;

-- -1, 0 or 1: two addresses compared in as many bits as the shortest of three prefixes says.
CREATE OR REPLACE MACRO kql_ipv4_compare(a, b, prefix) AS
    CASE WHEN prefix BETWEEN 0 AND 32 THEN CAST(sign(
        kql_ipv4_masked(kql_ipv4_bits(a), least(kql_ipv4_prefix(a), kql_ipv4_prefix(b), prefix))
        - kql_ipv4_masked(kql_ipv4_bits(b), least(kql_ipv4_prefix(a), kql_ipv4_prefix(b), prefix))
    ) AS BIGINT) END;

-- Whether an address is in a network.
CREATE OR REPLACE MACRO kql_ipv4_is_in_range(x, network) AS
    kql_ipv4_masked(kql_ipv4_bits(x), least(kql_ipv4_prefix(x), kql_ipv4_prefix(network)))
    = kql_ipv4_masked(kql_ipv4_bits(network), least(kql_ipv4_prefix(x), kql_ipv4_prefix(network)));

-- Whether an address is in any network of a list of texts.
CREATE OR REPLACE MACRO kql_ipv4_is_in_any(x, networks) AS
    CASE WHEN kql_ipv4_prefix(x) IS NOT NULL
        THEN len(list_filter(networks, lambda network: kql_ipv4_is_in_range(x, network))) > 0
    END;

-- Whether an address is one of the private networks of RFC 1918, which its text shows.
CREATE OR REPLACE MACRO kql_ipv4_is_private(x) AS
    CASE WHEN kql_ipv4_prefix(x) IS NOT NULL THEN
        starts_with(ltrim(x), '10.')
        OR starts_with(ltrim(x), '192.168.')
        OR regexp_matches(x, '^\s*172\.(?:1[6-9]|2\d|3[01])\.')
    END;

-- 32 bits as four numbers.
CREATE OR REPLACE MACRO kql_ipv4_text(bits) AS
    coalesce(printf('%d.%d.%d.%d', bits // 16777216, bits // 65536 % 256, bits // 256 % 256, bits % 256), '');

-- --- aggregates ------------------------------------------------------------------------------------------------------

-- The first `count` elements of a gathered list; no list is an empty one.
CREATE OR REPLACE MACRO kql_gathered(elements, count) AS
    CAST(coalesce(elements[:count], []) AS VARIANT);

-- A small set keeps the order of first appearance, as Kusto's does; a large one is gathered by the engine's hash.
-- The elements are an aggregate, which must not stand inside of lambdas: where it has one itself, DuckDB fails.
CREATE OR REPLACE MACRO kql_set(rows, elements, distinct_elements) AS
    CASE WHEN rows <= 1000 THEN list_transform([elements], lambda whole: kql_distinct_by(whole, whole))[1]
    ELSE distinct_elements END;

-- The same of one list.
CREATE OR REPLACE MACRO kql_set_of(elements) AS
    list_transform([elements], lambda whole:
        CASE WHEN len(whole) <= 1000 THEN kql_distinct_by(whole, whole) ELSE list_distinct(whole) END
    )[1];

-- The elements of arrays and the values that are no arrays, in one list.
CREATE OR REPLACE MACRO kql_flattened(elements) AS
    flatten(list_transform(elements, lambda nested: coalesce(kql_array(nested), [nested])));

-- Bags, given as JSON texts, put together. Where a property repeats the first one counts, so the order is turned round: of two
-- properties with one name in a JSON text the last is read.
CREATE OR REPLACE MACRO kql_merged(bags) AS
    CAST(CAST(
        '{' || array_to_string(list_filter(
            list_transform(list_reverse(coalesce(bags, [])), lambda bag: substring(bag, 2, length(bag) - 2)),
            lambda body: body <> ''
        ), ',') || '}'
    AS JSON) AS VARIANT);
