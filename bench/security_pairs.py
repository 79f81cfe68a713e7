"""Twenty typical security queries, each in KQL and in the best SQL that a DuckDB hand would write for that table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """The same question in both languages; the answers are compared before the times are."""

    name: str
    kql: str
    sql: str


PAIRS = (
    Pair(
        "term search",
        "Events_CL | where CommandLine has 'mimikatz' | summarize count() by Computer",
        r"""SELECT Computer, count(*) FROM events WHERE contains(lower(CommandLine), 'mimikatz')
        AND regexp_matches(CommandLine, '(?i)(^|[^\p{L}\p{N}])mimikatz($|[^\p{L}\p{N}])') GROUP BY ALL""",
    ),
    Pair(
        "any of several terms",
        "Events_CL | where CommandLine has_any ('mimikatz', 'procdump', 'lsass') | summarize count() by Account",
        r"""SELECT Account, count(*) FROM events
        WHERE regexp_matches(CommandLine, '(?i)(^|[^\p{L}\p{N}])(mimikatz|procdump|lsass)($|[^\p{L}\p{N}])')
        GROUP BY ALL""",
    ),
    Pair(
        "substring",
        "Events_CL | where Url contains 'LOGIN' | summarize count(), sum(Bytes) by Computer",
        "SELECT Computer, count(*), sum(Bytes) FROM events WHERE contains(lower(Url), 'login') GROUP BY ALL",
    ),
    Pair(
        "time bins",
        "Events_CL | summarize count() by bin(TimeGenerated, 1h), Action",
        "SELECT date_trunc('hour', TimeGenerated), Action, count(*) FROM events GROUP BY ALL",
    ),
    Pair(
        "distinct counts",
        "Events_CL | where EventID == 4625 | summarize dcount(Account), dcount(SourceIp) by Computer",
        """SELECT Computer, count(DISTINCT Account), count(DISTINCT SourceIp) FROM events
        WHERE EventID = 4625 GROUP BY ALL""",
    ),
    Pair(
        "latest of each",
        "Events_CL | summarize arg_max(TimeGenerated, Action, SourceIp, Port) by Account",
        """SELECT Account, r.* FROM (SELECT Account, arg_max(struct_pack(TimeGenerated, Action, SourceIp, Port),
        TimeGenerated) AS r FROM events GROUP BY Account)""",
    ),
    Pair(
        "sets",
        "Events_CL | where EventID == 4672 and Port == 22 | summarize n = array_length(make_set(SourceIp)) by Account",
        """SELECT Account, count(DISTINCT SourceIp) FROM events WHERE EventID = 4672 AND Port = 22
        GROUP BY Account""",
    ),
    Pair(
        "failures followed by success",
        """let failed = Events_CL | where EventID == 4625 | summarize Failed = count() by Account, Computer
            | where Failed >= 2;
        Events_CL | where EventID == 4624 | summarize Passed = count() by Account, Computer
        | join kind=inner failed on Account, Computer | project Account, Computer, Failed, Passed""",
        """SELECT p.Account, p.Computer, Failed, Passed
        FROM (SELECT Account, Computer, count(*) AS Passed FROM events WHERE EventID = 4624 GROUP BY ALL) p
        JOIN (SELECT Account, Computer, count(*) AS Failed FROM events WHERE EventID = 4625 GROUP BY ALL
              HAVING count(*) >= 2) f USING (Account, Computer)""",
    ),
    Pair(
        "addresses on a list",
        "Events_CL | where SourceIp in ((Watch_CL | project Ip)) | summarize count() by SourceIp",
        "SELECT SourceIp, count(*) FROM events WHERE SourceIp IN (SELECT Ip FROM watch) GROUP BY ALL",
    ),
    Pair(
        "accounts without a success",
        """Events_CL | where EventID == 4625 and Port == 3389 | distinct Account, Computer
        | join kind=leftanti (Events_CL | where EventID == 4624) on Account, Computer | count""",
        """SELECT count(*) FROM (SELECT DISTINCT Account, Computer FROM events WHERE EventID = 4625 AND Port = 3389) f
        ANTI JOIN (SELECT Account, Computer FROM events WHERE EventID = 4624) s USING (Account, Computer)""",
    ),
    Pair(
        "a dynamic's field as a filter",
        "Events_CL | where tostring(Details.process.name) == 'powershell.exe' | summarize count() by Computer",
        """SELECT Computer, count(*) FROM events
        WHERE CAST(variant_extract(variant_extract(Details, 'process'), 'name') AS VARCHAR) = 'powershell.exe'
        GROUP BY ALL""",
    ),
    Pair(
        "a dynamic's field as a key",
        "Events_CL | summarize count(), max(toint(Details.score)) by Country = tostring(Details.geo.country)",
        """SELECT CAST(variant_extract(variant_extract(Details, 'geo'), 'country') AS VARCHAR), count(*),
        max(CAST(variant_extract(Details, 'score') AS INTEGER)) FROM events GROUP BY ALL""",
    ),
    Pair(
        "mv-expand",
        """Events_CL | where EventID == 4688 and Port == 443 | mv-expand Tag = Details.tags to typeof(string)
        | summarize count() by Tag""",
        """SELECT Tag, count(*) FROM (
            SELECT unnest(CAST(json_extract(CAST(Details AS JSON), '$.tags') AS VARCHAR[])) AS Tag
        FROM events WHERE EventID = 4688 AND Port = 443) GROUP BY ALL""",
    ),
    Pair(
        "parse",
        """Events_CL | where EventID == 4688 | parse CommandLine with * '-user ' User ' -host ' Host ' -id ' Id:long
        | summarize count(), max(Id) by Host""",
        """SELECT CASE WHEN Id <> '' THEN split_part(Rest, ' -id ', 1) ELSE '' END AS Host, count(*),
        max(TRY_CAST(Id AS BIGINT)) FROM (
            SELECT Rest, split_part(Rest, ' -id ', 2) AS Id FROM (
                SELECT split_part(CommandLine, ' -host ', 2) AS Rest FROM events WHERE EventID = 4688)) GROUP BY ALL""",
    ),
    Pair(
        "regex filter",
        r"""Events_CL | where CommandLine matches regex @'-enc\s+[A-Za-z0-9+/]{20,}' | summarize count() by Account""",
        r"""SELECT Account, count(*) FROM events WHERE regexp_matches(CommandLine, '-enc\s+[A-Za-z0-9+/]{20,}')
        GROUP BY ALL""",
    ),
    Pair(
        "regex extraction",
        """Events_CL | extend Domain = extract('https?://([^/]+)/', 1, Url) | summarize count() by Domain
        | top 3 by count_""",
        """SELECT regexp_extract(Url, '^https?://([^/]+)/', 1) AS Domain, count(*) AS n FROM events GROUP BY ALL
        ORDER BY n DESC LIMIT 3""",
    ),
    Pair(
        "make-series",
        """Events_CL | make-series n = count() default = 0 on TimeGenerated
        from datetime(2026-01-01) to datetime(2026-01-31) step 1d by Action""",
        """WITH days AS (SELECT unnest(generate_series(TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-30', INTERVAL 1 DAY))
                AS d),
            counted AS (SELECT Action, date_trunc('day', TimeGenerated) AS d, count(*) AS n FROM events
                GROUP BY ALL),
            grid AS (SELECT Action, d FROM (SELECT DISTINCT Action FROM counted) CROSS JOIN days)
        SELECT Action, list(coalesce(n, 0) ORDER BY d), list(d ORDER BY d)
        FROM grid LEFT JOIN counted USING (Action, d) GROUP BY Action""",
    ),
    Pair(
        "largest transfers",
        "Events_CL | where Action == 'Allow' | top 100 by Bytes desc | project TimeGenerated, Account, Bytes",
        "SELECT TimeGenerated, Account, Bytes FROM events WHERE Action = 'Allow' ORDER BY Bytes DESC LIMIT 100",
    ),
    Pair(
        "traffic by port",
        """Events_CL | where Action =~ 'DENY' and Port in (22, 445, 3389)
        | summarize count(), sum(Bytes), avg(Bytes), max(Bytes) by Port, Computer""",
        """SELECT Port, Computer, count(*), sum(Bytes), avg(Bytes), max(Bytes) FROM events
        WHERE lower(Action) = 'deny' AND Port IN (22, 445, 3389) GROUP BY ALL""",
    ),
    Pair(
        "more than the baseline",
        """let before = Events_CL | where TimeGenerated < datetime(2026-01-24) | summarize Before = count() / 23.0
            by Account;
        Events_CL | where TimeGenerated >= datetime(2026-01-24) | summarize After = count() / 7.0 by Account
        | join kind=leftouter before on Account | where After > 1.05 * Before | project Account, Before, After""",
        """SELECT a.Account, Before, After
        FROM (SELECT Account, count(*) / 7.0 AS After FROM events WHERE TimeGenerated >= TIMESTAMP '2026-01-24'
            GROUP BY ALL) a
        LEFT JOIN (SELECT Account, count(*) / 23.0 AS Before FROM events WHERE TimeGenerated < TIMESTAMP '2026-01-24'
            GROUP BY ALL) b USING (Account) WHERE After > 1.05 * Before""",
    ),
)
