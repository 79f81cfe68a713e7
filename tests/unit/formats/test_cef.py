"""CEF as ArcSight wrote it down and as products send it, LEEF, and the rows that they become."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from vedette.formats.cef import find_cef, parse_cef, parse_extension
from vedette.formats.leef import parse_leef
from vedette.formats.security_log_columns import CEF_COLUMNS, LEEF_COLUMNS
from vedette.formats.syslog_rows import Relay, syslog_row
from vedette.kql.types import ScalarType
from vedette.logs.standard_names import with_standard_columns
from vedette.logs.tables import built_in
from vedette.logs.values import arrow_table

NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)


def columns(table: str) -> dict[str, ScalarType]:
    known = built_in(table)
    assert known is not None
    return with_standard_columns(known.columns)


def test_the_header_and_its_escapes() -> None:
    event = parse_cef(r"CEF:0|sec\|ur\\ity|threat=manager|1.0|100|detected a \| in message|10|src=10.0.0.1 act=a\=b")
    assert event is not None
    assert (event.vendor, event.product, event.version) == (r"sec|ur\ity", "threat=manager", "1.0")
    assert (event.class_id, event.name, event.severity) == ("100", "detected a | in message", "10")
    assert event.extension == {"src": "10.0.0.1", "act": "a=b"}


def test_liberties_with_the_header() -> None:
    spaced = parse_cef("CEF: 0|v|p|1|id|name|4| cat=TR dvc=10.0.0.1")
    assert spaced is not None
    assert spaced.extension == {"cat": "TR", "dvc": "10.0.0.1"}
    empty = parse_cef("CEF:0||||N/A|URL Access|Substantial|src=1.2.3.4")
    assert empty is not None
    assert (empty.vendor, empty.class_id, empty.severity) == ("", "N/A", "Substantial")
    bare = parse_cef("CEF:1.0|v|p|1|id|name|Very-High")
    assert bare is not None
    assert (bare.severity, bare.extension) == ("Very-High", {})
    assert parse_cef("CEF:0|v|p|1") is None
    assert find_cef("the tool prints CEF:0 and more") == -1
    assert find_cef("<13>Nov 26 15:00:00 host CEF: 0|v|p|1|i|n|3|") == 25


def test_values_go_on_until_the_next_key() -> None:
    assert parse_extension(
        "msg=a=fetch&content=<php>x</php> request=/?q=1 requestClientApplication=Mozilla/5.0 (X)"
    ) == {
        "msg": "a=fetch&content=<php>x</php>",
        "request": "/?q=1",
        "requestClientApplication": "Mozilla/5.0 (X)",
    }
    assert parse_extension(r"msg=two\nlines\\  cs1= kept  ad.field[0]=x  filePath=/user/a\=b.txt") == {
        "msg": "two\nlines\\",
        "cs1": " kept",
        "ad.field[0]": "x",
        "filePath": "/user/a=b.txt",
    }
    assert parse_extension("empty= next=1 trailing=") == {"empty": "", "next": "1", "trailing": ""}
    assert parse_extension("no pairs here") == {}


def test_columns_of_the_real_table_by_the_documented_keys() -> None:
    table = columns("CommonSecurityLog")
    assert {*CEF_COLUMNS.values(), *LEEF_COLUMNS.values()} <= table.keys()
    line = (
        b"<134>Nov 26 14:59:58 fw01 CEF:0|Example|Firewall|2.1|deny|Traffic denied|7|"
        b"src=10.0.0.1 spt=50211 dst=198.51.100.9 dpt=443 proto=TCP in=99999999999 out=x cn1=5000000000 "
        b"cn1Label=Session "
        b"cfp1=1.5 cs1=rule 7 cs1Label=Rule externalId=17 rt=Nov 26 2026 14:59:57.500 start=1732633197000 "
        b"end=Nov 26 14:59:57 vendorField=a;b type=0"
    )
    typed = syslog_row(line, NOW, Relay("192.0.2.1", "collector", "/subscriptions/s"))
    assert typed.table == "CommonSecurityLog"
    assert typed.row == {
        "SourceSystem": "OpsManager",
        "Computer": "fw01",
        "CollectorHostName": "collector",
        "_ResourceId": "/subscriptions/s",
        "DeviceVendor": "Example",
        "DeviceProduct": "Firewall",
        "DeviceVersion": "2.1",
        "DeviceEventClassID": "deny",
        "Activity": "Traffic denied",
        "LogSeverity": "7",
        "SourceIP": "10.0.0.1",
        "SourcePort": 50211,
        "DestinationIP": "198.51.100.9",
        "DestinationPort": 443,
        "Protocol": "TCP",
        "ReceivedBytes": 99999999999,
        "FieldDeviceCustomNumber1": 5000000000,
        "DeviceCustomNumber1Label": "Session",
        "DeviceCustomFloatingPoint1": 1.5,
        "DeviceCustomString1": "rule 7",
        "DeviceCustomString1Label": "Rule",
        "ExternalID": 17,
        "ExtID": "17",
        "ReceiptTime": "Nov 26 2026 14:59:57.500",
        "StartTime": datetime(2024, 11, 26, 14, 59, 57, tzinfo=UTC),
        "EndTime": datetime(2026, 11, 26, 14, 59, 57, tzinfo=UTC),
        "EventType": 0,
        "AdditionalExtensions": "out=x;vendorField=a;b",
    }
    arrow_table([typed.row], table)


def test_leef() -> None:
    first = parse_leef("LEEF:1.0|Microsoft|MSExchange|2016|15345|src=10.50.1.1\tdst=2.10.20.20\tmsg=a = b c")
    assert first is not None
    assert first.attributes == {"src": "10.50.1.1", "dst": "2.10.20.20", "msg": "a = b c"}
    for delimiter, told in (("^", "^"), ("|", "0x7C"), ("\t", "x09"), ("\t", "")):
        text = f"LEEF:2.0|Lancope|StealthWatch|1.0|41|{told}|src=10.0.1.8{delimiter}dst=10.0.0.5{delimiter}sev=5"
        second = parse_leef(text)
        assert second is not None
        assert second.attributes == {"src": "10.0.1.8", "dst": "10.0.0.5", "sev": "5"}
    blanks = parse_leef("LEEF:1.0|v|p|1|id|src=1.2.3.4 usrName=joe black sev=3")
    assert blanks is not None
    assert blanks.attributes == {"src": "1.2.3.4", "usrName": "joe black", "sev": "3"}
    assert parse_leef("LEEF:1.0|v|p") is None
    row = syslog_row(b"<13>Jan 18 11:07:53 host LEEF:1.0|v|p|1|41|src=1.2.3.4\tsrcPort=9\tsev=5\tx=y", NOW)
    assert row.table == "CommonSecurityLog"
    assert row.row["SourcePort"] == 9
    assert (row.row["DeviceEventClassID"], row.row["LogSeverity"]) == ("41", "5")
    assert row.row["AdditionalExtensions"] == "x=y"


WORDS = [
    "CEF:0|",
    "CEF: 1|",
    "LEEF:2.0|",
    "|",
    "\\",
    "\\|",
    "=",
    " ",
    "\t",
    "src",
    "dpt",
    "cn1",
    "rt",
    "start",
    "1",
    "99999999999999999999",
    "é",
    "\n",
    "Nov 26 14:59:57",
    "^",
    "x7c",
]


@given(
    st.lists(st.sampled_from(WORDS), max_size=40).map("".join)
    | st.binary(max_size=200).map(lambda b: b.decode("latin-1"))
)
def test_any_line_gives_a_row_that_its_table_takes(text: str) -> None:
    typed = syslog_row(text.encode(), NOW)
    arrow_table([typed.row or {"TimeGenerated": NOW}], columns(typed.table))


@given(st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,9}", fullmatch=True), st.text(max_size=20), max_size=8))
def test_escaped_values_come_back(pairs: dict[str, str]) -> None:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace("=", "\\=").replace("\n", "\\n").replace("\r", "\\r")

    text = " ".join(f"{key}={escaped(value)}" for key, value in pairs.items())
    read = parse_extension(text)
    assert {key: value.strip() for key, value in read.items()} == {
        key: escaped(value).strip() and value.strip() for key, value in pairs.items()
    }


def test_long_events_take_linear_time() -> None:
    for filler in ("a=" * 30_000, "a b" * 30_000, "\\" * 60_000, "a =" * 30_000, "CEF:" * 20_000, " k=v" * 20_000):
        syslog_row(b"CEF:0|v|p|1|i|n|3|" + filler.encode(), NOW)
        syslog_row(b"CEF:0|" + filler.encode(), NOW)
        syslog_row(b"LEEF:1.0|v|p|1|i|" + filler.encode(), NOW)
