-- Functions that carry Kusto's meaning where ClickHouse's built-ins mean something else. ClickHouse writes them in place, and what
-- stands twice in an expression is computed once. A dynamic is compact JSON text, null is NULL; a list of dynamics is an
-- Array(String) of such texts, in which null is 'null', for arrays are never NULL. Variables of inner functions have long names,
-- because the text put in for a parameter may have variables of its own.

-- --- conversions: kql_<from>_to_<to> ---------------------------------------------------------------------------------

-- Kusto writes truth with a capital letter, and the null as nothing.
CREATE OR REPLACE FUNCTION kql_bool_to_string AS (x) -> multiIf(x, 'True', NOT x, 'False', '');

-- A whole real has a point; where an exponent begins both say alike.
CREATE OR REPLACE FUNCTION kql_real_to_string AS (x) -> ifNull(multiIf(
    isNull(x), '',
    isNaN(x), 'NaN',
    match(toString(x), '^-?[0-9]+$'), concat(toString(x), '.0'),
    toString(x)
), '');

-- The tick that the engine does not keep, for it has microseconds: none, but nine after the last microsecond of a second,
-- which stands for the last instant of a day, week, month or year.
CREATE OR REPLACE FUNCTION kql_seventh_digit AS (x) -> if((toUnixTimestamp64Micro(x) + 1) % 1000000 = 0, 9, 0);

-- Seven digits after the point.
CREATE OR REPLACE FUNCTION kql_datetime_to_string AS (x) ->
    ifNull(concat(formatDateTime(x, '%Y-%m-%dT%H:%i:%S.%f'), toString(kql_seventh_digit(x)), 'Z'), '');

-- [-][d.]hh:mm:ss[.fffffff]: days and ticks only where there are any.
CREATE OR REPLACE FUNCTION kql_timespan_to_string AS (x) -> ifNull(concat(
    if(x < 0, '-', ''),
    if(abs(x) >= 864000000000, concat(toString(intDiv(abs(x), 864000000000)), '.'), ''),
    leftPad(toString(intDiv(abs(x), 36000000000) % 24), 2, '0'), ':',
    leftPad(toString(intDiv(abs(x), 600000000) % 60), 2, '0'), ':',
    leftPad(toString(intDiv(abs(x), 10000000) % 60), 2, '0'),
    if(abs(x) % 10000000 <> 0, concat('.', leftPad(toString(abs(x) % 10000000), 7, '0')), '')
), '');

-- A text stays as it is, anything else is its JSON, the null is ''.
CREATE OR REPLACE FUNCTION kql_dynamic_to_string AS (x) ->
    ifNull(if(startsWith(x, '"'), JSONExtractString(x), x), '');

-- Digits with a sign, or 0x with hex digits.
CREATE OR REPLACE FUNCTION kql_string_to_long AS (x) -> multiIf(
    match(x, '^\\s*[+-]?[0-9]+\\s*$'), toInt64OrNull(extract(x, '([+-]?[0-9]+)')),
    match(x, '^\\s*0[xX][0-9a-fA-F]{1,16}\\s*$'),
    reinterpretAsInt64(reverse(unhex(leftPad(extract(x, '0[xX]([0-9a-fA-F]+)'), 16, '0')))),
    NULL
);

-- As kql_string_to_long, in 32 bits; a number that does not fit is null, but hex may set the sign bit.
CREATE OR REPLACE FUNCTION kql_string_to_int AS (x) -> multiIf(
    match(x, '^\\s*[+-]?[0-9]+\\s*$'), toInt32OrNull(extract(x, '([+-]?[0-9]+)')),
    match(x, '^\\s*0[xX][0-9a-fA-F]{1,8}\\s*$'),
    reinterpretAsInt32(reverse(unhex(leftPad(extract(x, '0[xX]([0-9a-fA-F]+)'), 8, '0')))),
    NULL
);

-- Spaces may stand around it.
CREATE OR REPLACE FUNCTION kql_string_to_real AS (x) -> multiIf(
    match(x, '^\\s*[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?\\s*$'),
    toFloat64OrNull(extract(x, '([^\\s]+)')),
    match(x, '(?i)^\\s*[+-]?(?:inf|infinity|nan)\\s*$'), toFloat64OrNull(lower(extract(x, '(?i)([+-]?(?:inf|nan))'))),
    NULL
);

-- As kql_string_to_real.
CREATE OR REPLACE FUNCTION kql_string_to_decimal AS (x) -> if(
    match(x, '^\\s*[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?\\s*$'),
    toDecimal128OrNull(extract(x, '([^\\s]+)'), 17),
    NULL
);

-- true and false in any case, or an integer that is zero or not.
CREATE OR REPLACE FUNCTION kql_string_to_bool AS (x) ->
    multiIf(lower(x) = 'true', true, lower(x) = 'false', false, kql_string_to_long(x) <> 0);

-- ISO 8601 with any offset, the American calendar, and the forms of RFC 822 and RFC 850.
CREATE OR REPLACE FUNCTION kql_string_to_datetime AS (x) -> multiIf(
    match(x, '^\\s*[0-9]{4}-[0-9]{1,2}\\s*$'),
    parseDateTime64BestEffortOrNull(concat(extract(x, '([0-9-]+)'), '-01'), 6, 'UTC'),
    match(x, '^\\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]*)?)?\\s*(?:Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?\\s*$'),
    parseDateTime64BestEffortOrNull(trimBoth(x), 6, 'UTC'),
    match(x, '^\\s*[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]+)?)?(?: [AaPp][Mm])?Z?)?\\s*$'),
    parseDateTime64BestEffortUSOrNull(replaceRegexpOne(trimBoth(x), '^([0-9]+)-([0-9]+)-', '\\1/\\2/'), 6, 'UTC'),
    match(x, '^\\s*(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}(?: [0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?: (?:GMT|[+-][0-9]{4}))?)?\\s*$'),
    parseDateTime64BestEffortOrNull(trimBoth(x), 6, 'UTC'),
    match(x, '^\\s*[0-9]{4}\\s*$'),
    parseDateTime64BestEffortOrNull(concat(trimBoth(x), '-01-01'), 6, 'UTC'),
    NULL
);

-- Ticks in one unit of time; none is days.
CREATE OR REPLACE FUNCTION kql_ticks_of_unit AS (unit) -> transform(
    unit,
    [
        'tick', 'ticks', 'microsecond', 'microseconds', 'us', 'ms', 'milli', 'millis', 'millisecond', 'milliseconds',
        's', 'sec', 'second', 'seconds', 'm', 'min', 'minute', 'minutes', 'h', 'hr', 'hour', 'hours', 'd', 'day', 'days', ''
    ],
    [
        1, 1, 10, 10, 10, 10000, 10000, 10000, 10000, 10000,
        10000000, 10000000, 10000000, 10000000, 600000000, 600000000, 600000000, 600000000,
        36000000000, 36000000000, 36000000000, 36000000000, 864000000000, 864000000000, 864000000000, 864000000000
    ],
    0
);

-- The parts of [-][d.]hh:mm[:ss[.fffffff]], or of a number with a unit.
CREATE OR REPLACE FUNCTION kql_timespan_of_parts AS (parts) -> multiIf(
    length(parts) = 0, NULL,
    parts[4] <> '' AND toInt64OrZero(parts[3]) < 24 AND toInt64OrZero(parts[4]) < 60 AND toInt64OrZero(parts[5]) < 60,
    (
        toInt64OrZero(parts[2]) * 864000000000 + toInt64OrZero(parts[3]) * 36000000000 + toInt64OrZero(parts[4]) * 600000000
        + toInt64OrZero(parts[5]) * 10000000 + toInt64OrZero(rightPad(parts[6], 7, '0'))
    ) * if(parts[1] = '-', -1, 1),
    parts[7] <> '' AND kql_ticks_of_unit(parts[8]) > 0,
    toInt64(toFloat64OrZero(parts[7]) * kql_ticks_of_unit(parts[8])) * if(parts[1] = '-', -1, 1),
    NULL
);

-- [-][d.]hh:mm[:ss[.fffffff]], or a number with a unit, or a number of days.
CREATE OR REPLACE FUNCTION kql_string_to_timespan AS (x) -> kql_timespan_of_parts(extractGroups(
    x,
    '^\\s*(-?)(?:(?:([0-9]{1,8})\\.)?([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\\.([0-9]{1,7}))?)?|([0-9]{1,8}(?:\\.[0-9]{1,9})?)\\s*([a-z]*))\\s*$'
));

-- With dashes, without, or with them elsewhere.
CREATE OR REPLACE FUNCTION kql_string_to_guid AS (x) ->
    toUUIDOrNull(if(length(replaceAll(x, '-', '')) = 32, replaceAll(x, '-', ''), x));

-- Cut toward zero; too large is the largest, and what is no number is null.
CREATE OR REPLACE FUNCTION kql_real_to_long AS (x) -> multiIf(
    NOT isFinite(x), NULL,
    x >= 9223372036854775807, CAST(9223372036854775807 AS Int64),
    x <= -9223372036854775808, CAST(-9223372036854775808 AS Int64),
    accurateCastOrNull(trunc(x), 'Int64')
);

-- As kql_real_to_long, in 32 bits.
CREATE OR REPLACE FUNCTION kql_real_to_int AS (x) -> multiIf(
    NOT isFinite(x), NULL,
    x >= 2147483647, CAST(2147483647 AS Int32),
    x <= -2147483648, CAST(-2147483648 AS Int32),
    accurateCastOrNull(trunc(x), 'Int32')
);

-- Ticks of 100 ns since the year 1.
CREATE OR REPLACE FUNCTION kql_datetime_to_long AS (x) ->
    toUnixTimestamp64Micro(x) * 10 + 621355968000000000 + kql_seventh_digit(x);

-- The other way; what is not in the calendar is null.
CREATE OR REPLACE FUNCTION kql_long_to_datetime AS (x) -> if(
    x BETWEEN 0 AND 3155378975999999999, fromUnixTimestamp64Micro(intDiv(x, 10) - 62135596800000000, 'UTC'), NULL
);

-- A dynamic bool, number or text as an integer; arrays and bags are null.
CREATE OR REPLACE FUNCTION kql_dynamic_to_long AS (x) -> multiIf(
    startsWith(x, '"'), kql_string_to_long(JSONExtractString(x)),
    x = 'true', 1,
    x = 'false', 0,
    match(x, '^-?[0-9]+$'), toInt64OrNull(x),
    match(x, '^[-0-9]'), kql_real_to_long(toFloat64OrNull(x)),
    NULL
);

-- As kql_dynamic_to_long; a number keeps its low 32 bits, a text must fit.
CREATE OR REPLACE FUNCTION kql_dynamic_to_int AS (x) ->
    if(startsWith(x, '"'), kql_string_to_int(JSONExtractString(x)), toInt32(kql_dynamic_to_long(x)));

-- A dynamic bool, number or text as a real.
CREATE OR REPLACE FUNCTION kql_dynamic_to_real AS (x) -> multiIf(
    startsWith(x, '"'), kql_string_to_real(JSONExtractString(x)),
    x = 'true', 1.,
    x = 'false', 0.,
    match(x, '^[-0-9]'), toFloat64OrNull(x),
    NULL
);

-- A dynamic number or text as a decimal.
CREATE OR REPLACE FUNCTION kql_dynamic_to_decimal AS (x) -> multiIf(
    startsWith(x, '"'), kql_string_to_decimal(JSONExtractString(x)),
    match(x, '^[-0-9]'), toDecimal128OrNull(x, 17),
    NULL
);

-- A dynamic bool, number or text as a bool.
CREATE OR REPLACE FUNCTION kql_dynamic_to_bool AS (x) -> multiIf(
    x = 'true', true,
    x = 'false', false,
    startsWith(x, '"'), kql_string_to_bool(JSONExtractString(x)),
    match(x, '^[-0-9]'), toFloat64OrNull(x) <> 0,
    NULL
);

-- A dynamic text is read as a datetime, a number is ticks.
CREATE OR REPLACE FUNCTION kql_dynamic_to_datetime AS (x) -> multiIf(
    startsWith(x, '"'), kql_string_to_datetime(JSONExtractString(x)),
    match(x, '^-?[0-9]+$'), kql_long_to_datetime(toInt64OrNull(x)),
    NULL
);

-- A dynamic text is read as a timespan, a number is ticks.
CREATE OR REPLACE FUNCTION kql_dynamic_to_timespan AS (x) -> multiIf(
    startsWith(x, '"'), kql_string_to_timespan(JSONExtractString(x)),
    match(x, '^-?[0-9]+$'), toInt64OrNull(x),
    NULL
);

-- Only a dynamic text can be a guid.
CREATE OR REPLACE FUNCTION kql_dynamic_to_guid AS (x) ->
    if(startsWith(x, '"'), kql_string_to_guid(JSONExtractString(x)), NULL);

-- JSON's own words.
CREATE OR REPLACE FUNCTION kql_bool_to_dynamic AS (x) -> multiIf(x, 'true', NOT x, 'false', NULL);

-- JSON has no infinity; Kusto writes it as a text.
CREATE OR REPLACE FUNCTION kql_real_to_dynamic AS (x) -> multiIf(
    isNull(x), NULL,
    isFinite(x), kql_real_to_string(x),
    toJSONString(kql_real_to_string(x))
);

-- Inside a dynamic these are texts; the null stays null.
CREATE OR REPLACE FUNCTION kql_datetime_to_dynamic AS (x) -> if(isNull(x), NULL, toJSONString(kql_datetime_to_string(x)));
CREATE OR REPLACE FUNCTION kql_timespan_to_dynamic AS (x) -> if(isNull(x), NULL, toJSONString(kql_timespan_to_string(x)));

-- --- dynamic values --------------------------------------------------------------------------------------------------

-- JSON text as a value; what is not JSON is the text itself, nothing is null.
CREATE OR REPLACE FUNCTION kql_parse_json AS (x) -> multiIf(
    isValidJSON(x), nullIf(JSONExtractRaw(x), 'null'),
    x <> '', toJSONString(x),
    NULL
);

-- A property of a bag; null for what is none.
CREATE OR REPLACE FUNCTION kql_property AS (x, name) -> nullIf(nullIf(JSONExtractRaw(x, name), ''), 'null');

-- An element of an array by its position; negative counts from the end.
CREATE OR REPLACE FUNCTION kql_item AS (x, place) -> if(
    startsWith(x, '['), nullIf(nullIf(JSONExtractRaw(x, if(place < 0, place, place + 1)), ''), 'null'), NULL
);

-- The elements of an array; none for what is no array.
CREATE OR REPLACE FUNCTION kql_array AS (x) -> JSONExtractArrayRaw(ifNull(x, ''));

-- A list of dynamics as an array.
CREATE OR REPLACE FUNCTION kql_array_of AS (elements) -> concat('[', arrayStringConcat(elements, ','), ']');

-- The elements of an array as texts; the null is ''.
CREATE OR REPLACE FUNCTION kql_texts AS (x) -> arrayMap(
    text_of_element -> kql_dynamic_to_string(nullIf(text_of_element, 'null')), kql_array(x)
);

-- A text that is equal for equal values, whatever way they are written.
CREATE OR REPLACE FUNCTION kql_key AS (x) -> JSONExtractRaw(ifNull(x, 'null'));

-- Kusto's names for what a dynamic holds.
CREATE OR REPLACE FUNCTION kql_type_of AS (x) -> ifNull(multiIf(
    isNull(x), 'null',
    startsWith(x, '{'), 'dictionary',
    startsWith(x, '['), 'array',
    startsWith(x, '"'), 'string',
    x IN ('true', 'false'), 'bool',
    match(x, '[.eE]'), 'double',
    'long'
), '');

-- What mv-expand makes of a value: an array's elements, a bag's properties, anything else as itself.
CREATE OR REPLACE FUNCTION kql_elements AS (x) -> arrayMap(
    expanded_element -> nullIf(expanded_element, 'null'),
    multiIf(
        startsWith(ifNull(x, ''), '['), kql_array(x),
        startsWith(ifNull(x, ''), '{'),
        arrayMap(
            expanded_property -> concat('{', toJSONString(expanded_property.1), ':', expanded_property.2, '}'),
            JSONExtractKeysAndValuesRaw(ifNull(x, ''))
        ),
        [ifNull(x, 'null')]
    )
);

-- The same, with a bag's properties as arrays of a name and a value.
CREATE OR REPLACE FUNCTION kql_elements_as_arrays AS (x) -> arrayMap(
    expanded_element -> nullIf(expanded_element, 'null'),
    multiIf(
        startsWith(ifNull(x, ''), '['), kql_array(x),
        startsWith(ifNull(x, ''), '{'),
        arrayMap(
            expanded_property -> concat('[', toJSONString(expanded_property.1), ',', expanded_property.2, ']'),
            JSONExtractKeysAndValuesRaw(ifNull(x, ''))
        ),
        [ifNull(x, 'null')]
    )
);

-- Names and values as a bag; where a name repeats the first counts.
CREATE OR REPLACE FUNCTION kql_bag_of AS (properties) -> concat(
    '{',
    arrayStringConcat(
        arrayMap(
            written_property -> concat(toJSONString(written_property.1), ':', written_property.2),
            arrayFilter(
                (found_property, occurrence) -> occurrence = 1,
                properties,
                arrayEnumerateUniq(arrayMap(named_property -> named_property.1, properties))
            )
        ),
        ','
    ),
    '}'
);

-- The part of a list from one position to another, both included; negative ones count from the end.
CREATE OR REPLACE FUNCTION kql_array_slice AS (elements, first, last) -> arraySlice(
    elements,
    if(first < 0, greatest(toInt64(length(elements)) + first, 0), first) + 1,
    greatest(
        if(last < 0, toInt64(length(elements)) + last, last) - if(first < 0, greatest(toInt64(length(elements)) + first, 0), first) + 1,
        0
    )
);

-- --- operators -------------------------------------------------------------------------------------------------------

-- Equality outside a filter: null beside a value is false, null beside null is null.
CREATE OR REPLACE FUNCTION kql_equal AS (a, b) -> if(isNull(a) AND isNull(b), NULL, ifNull(a = b, false));

-- Inequality outside a filter: null beside a value is true, null beside null is null.
CREATE OR REPLACE FUNCTION kql_not_equal AS (a, b) -> if(isNull(a) AND isNull(b), NULL, ifNull(a <> b, true));

-- The remainder is never negative, whatever the signs.
CREATE OR REPLACE FUNCTION kql_modulo AS (a, b) ->
    if(moduloOrNull(a, b) < 0, moduloOrNull(a, b) + abs(b), moduloOrNull(a, b));

-- A term test with a needle that is only known per row; a boundary counts only beside a letter or digit of the needle.
CREATE OR REPLACE FUNCTION kql_term AS (text, needle, folded, before, after) -> needle = '' OR match(text, concat(
    if(folded, '(?si)', '(?s)'),
    if(before AND match(needle, '^[\\p{L}\\p{N}]'), '(?:^|[^\\p{L}\\p{N}])', ''),
    regexpQuoteMeta(needle),
    if(after AND match(needle, '[\\p{L}\\p{N}]$'), '(?:$|[^\\p{L}\\p{N}])', '')
));

-- Whether a text has any of the terms of a dynamic array; a null term matches everything.
CREATE OR REPLACE FUNCTION kql_has_any AS (text, items) -> arrayExists(
    wanted_term -> kql_term(text, wanted_term, true, true, true), kql_texts(items)
);

-- Whether a text has all of the terms of a dynamic array; null terms drop out.
CREATE OR REPLACE FUNCTION kql_has_all AS (text, items) -> arrayAll(
    wanted_term -> kql_term(text, wanted_term, true, true, true), kql_texts(items)
);

-- --- numbers and times -----------------------------------------------------------------------------------------------

-- Halves go away from zero; `round` would take them to the even side.
CREATE OR REPLACE FUNCTION kql_round AS (x) -> trunc(x) + if(abs(x - trunc(x)) >= 0.5, sign(x), 0);

-- The greatest multiple that is not greater.
CREATE OR REPLACE FUNCTION kql_bin_long AS (x, step) ->
    if(step > 0, x - moduloOrNull(x, step) - if(moduloOrNull(x, step) < 0, step, 0), NULL);

-- As kql_bin_long.
CREATE OR REPLACE FUNCTION kql_bin_real AS (x, step) -> if(step > 0, floor(x / step) * step, NULL);

-- Microseconds since the year 1.
CREATE OR REPLACE FUNCTION kql_micros AS (x) -> toUnixTimestamp64Micro(x) + 62135596800000000;

-- Bins are counted from the year 1, so those of weeks begin on Monday; no positive step, no bin.
CREATE OR REPLACE FUNCTION kql_bin_datetime AS (x, step) -> if(
    step >= 10, fromUnixTimestamp64Micro(toUnixTimestamp64Micro(x) - moduloOrNull(kql_micros(x), intDiv(step, 10)), 'UTC'), NULL
);

-- The start of the day so many days before the day of an instant.
CREATE OR REPLACE FUNCTION kql_day_before AS (x, count) -> fromUnixTimestamp64Micro(
    toUnixTimestamp64Micro(x) - kql_micros(x) % 86400000000 - count * 86400000000, 'UTC'
);

-- The instant so many steps of so many microseconds later; null outside the calendar.
CREATE OR REPLACE FUNCTION kql_add_micros AS (x, count, step) -> if(
    abs(toFloat64(count) * step) < 4e17, kql_long_to_datetime(kql_datetime_to_long(x) + count * step * 10), NULL
);

-- The instant so many days later; null outside the calendar.
CREATE OR REPLACE FUNCTION kql_add_days AS (x, count) -> kql_add_micros(x, count, 86400000000);

-- The instant so many months later, the day cut to the month's last; null outside the calendar.
CREATE OR REPLACE FUNCTION kql_add_months AS (x, count) -> if(
    toInt64(toYear(x)) * 12 + toMonth(x) - 1 + count BETWEEN 12 AND 119999, x + toIntervalMonth(count), NULL
);

-- Weeks begin on Sunday.
CREATE OR REPLACE FUNCTION kql_startofweek AS (x) -> kql_day_before(x, toInt64(toDayOfWeek(x) % 7));

-- --- networks --------------------------------------------------------------------------------------------------------

-- The prefix length that an IPv4 text carries, 32 if none; null for what is no address.
CREATE OR REPLACE FUNCTION kql_ipv4_prefix AS (x) -> multiIf(
    NOT match(x, '^\\s*(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:/(?:3[0-2]|[12]?[0-9]))?\\s*$'),
    NULL,
    position(x, '/') > 0, toInt64OrNull(extract(x, '/([0-9]+)')),
    32
);

-- The 32 bits of an address, whatever its prefix; null for what is no address.
CREATE OR REPLACE FUNCTION kql_ipv4_bits AS (x) ->
    if(isNull(kql_ipv4_prefix(x)), NULL, toInt64(IPv4StringToNumOrNull(extract(x, '([0-9.]+)'))));

-- The bits above a prefix, the rest zero.
CREATE OR REPLACE FUNCTION kql_ipv4_masked AS (bits, prefix) -> if(
    prefix BETWEEN 0 AND 32 AND bits BETWEEN 0 AND 4294967295,
    bitAnd(bits, 4294967296 - bitShiftLeft(toInt64(1), toUInt8(32 - prefix))),
    NULL
);

-- The network that a text such as 10.0.0.1/8 names.
CREATE OR REPLACE FUNCTION kql_parse_ipv4 AS (x) -> kql_ipv4_masked(kql_ipv4_bits(x), kql_ipv4_prefix(x));

-- -1, 0 or 1: two addresses compared in as many bits as the shortest of three prefixes says.
CREATE OR REPLACE FUNCTION kql_ipv4_compare AS (a, b, prefix) -> if(prefix BETWEEN 0 AND 32, toInt64(sign(
    kql_ipv4_masked(kql_ipv4_bits(a), least(kql_ipv4_prefix(a), kql_ipv4_prefix(b), prefix))
    - kql_ipv4_masked(kql_ipv4_bits(b), least(kql_ipv4_prefix(a), kql_ipv4_prefix(b), prefix))
)), NULL);

-- Whether an address is in a network.
CREATE OR REPLACE FUNCTION kql_ipv4_is_in_range AS (x, network) ->
    kql_ipv4_masked(kql_ipv4_bits(x), least(kql_ipv4_prefix(x), kql_ipv4_prefix(network)))
    = kql_ipv4_masked(kql_ipv4_bits(network), least(kql_ipv4_prefix(x), kql_ipv4_prefix(network)));

-- Whether an address is one of the private networks of RFC 1918, which its text shows.
CREATE OR REPLACE FUNCTION kql_ipv4_is_private AS (x) -> if(
    isNull(kql_ipv4_prefix(x)), NULL, match(x, '^\\s*(?:10\\.|192\\.168\\.|172\\.(?:1[6-9]|2[0-9]|3[01])\\.)')
);

-- --- series ----------------------------------------------------------------------------------------------------------

-- How many whole steps fit into a distance, rounded down; no positive step, no answer.
CREATE OR REPLACE FUNCTION kql_steps AS (distance, step) -> if(
    step > 0, intDivOrNull(distance - positiveModuloOrNull(distance, step), step), NULL
);

-- The places from one to before another, as many as Kusto puts into an array.
CREATE OR REPLACE FUNCTION kql_series_places AS (first, stop) -> arrayMap(
    series_place -> ifNull(first, 0) + toInt64(series_place),
    range(toUInt64(least(greatest(ifNull(stop - first, 0), 0), 1048576)))
);

-- Values with their places in order, as an array from place `first` to before `stop` with a filler where there is none.
CREATE OR REPLACE FUNCTION kql_series_laid AS (items, places, first, stop, filler) -> if(
    length(items) = 0,
    arrayMap(series_place -> filler, kql_series_places(first, stop)),
    arrayConcat(
        arrayWithConstant(toUInt64(greatest(ifNull(places[1] - first, 0), 0)), filler),
        arrayFlatten(arrayMap(
            (laid_item, laid_place, next_place) -> arrayConcat(
                [laid_item],
                arrayWithConstant(
                    toUInt64(greatest(ifNull(least(next_place, first + 1048576) - laid_place - 1, 0), 0)), filler
                )
            ),
            items,
            places,
            arrayPushBack(arrayPopFront(places), stop)
        ))
    )
);

-- What sorts the elements of an array: numbers, then texts, then the rest.
CREATE OR REPLACE FUNCTION kql_order AS (element) -> (
    multiIf(startsWith(element, '"'), 2, startsWith(element, '[') OR startsWith(element, '{'), 3, 1),
    if(startsWith(element, '"'), 0., ifNull(kql_dynamic_to_real(element), 0.)),
    if(startsWith(element, '"'), JSONExtractString(element), '')
);

-- --- places ----------------------------------------------------------------------------------------------------------

-- A shape as a dynamic; no text is null.
CREATE OR REPLACE FUNCTION kql_geo_shape AS (x) -> nullIf(x, '');
