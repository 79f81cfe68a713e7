"""Pseudonyms: the same for the same value, of the same kind, and none for what the query names."""

import ipaddress

from vedette.rule_tests.redaction import Redaction

GUID = "8f0b9c4e-1111-4222-8333-944455556666"


def test_what_tells_people_and_places_is_replaced_alike_everywhere() -> None:
    told = Redaction("DeviceProcessEvents").rows(
        {
            "SigninLogs": [
                {
                    "UserPrincipalName": "mara@corp.example",
                    "IPAddress": "81.2.69.142",
                    "DeviceDetail": {"displayName": "MARA-PC", "deviceId": GUID},
                    "ResultType": "50126",
                },
                {"UserPrincipalName": "ivo@corp.example", "IPAddress": "10.1.2.3"},
            ],
            "DeviceProcessEvents": [
                {"DeviceName": "ws17.corp.example", "AccountName": "mara", "ProcessCommandLine": r"C:\Users\mara\a.exe"}
            ],
        }
    )
    first, second = told["SigninLogs"]
    (process,) = told["DeviceProcessEvents"]
    assert first["UserPrincipalName"] == "user1@example.com"
    assert second["UserPrincipalName"].endswith("@example.com")
    assert second["UserPrincipalName"] != first["UserPrincipalName"]
    assert process["AccountName"] == "user1"
    assert process["ProcessCommandLine"] == r"C:\Users\user1\a.exe"
    assert process["DeviceName"] == "host1.example.com"
    assert first["ResultType"] == "50126"
    assert GUID not in str(told)
    assert "mara" not in str(told).lower()


def test_addresses_stay_what_they_are() -> None:
    redaction = Redaction("")
    rows = redaction.rows(
        {"T": [{"A": f"81.2.{n // 250}.{n % 250}", "B": f"192.168.0.{n % 250}"} for n in range(1500)]}
    )
    public = {row["A"] for row in rows["T"]}
    own = {row["B"] for row in rows["T"]}
    assert (len(public), len(own)) == (1500, 250)
    assert all(ipaddress.ip_address(each) in ipaddress.ip_network("10.0.0.0/8") for each in own)
    assert not any(each.startswith(("10.", "192.168.", "172.16.")) for each in public)
    assert redaction.row({"A": "127.0.0.1", "B": "2a02:6b8::2:242"})["A"] == "127.0.0.1"
    assert redaction.row({"B": "2a02:6b8::2:242"})["B"].startswith("2001:db8::")


def test_what_the_query_names_stays() -> None:
    redaction = Redaction('T | where UserPrincipalName == "admin@corp.example" and IPAddress != "81.2.69.142"')
    row = {"UserPrincipalName": "admin@corp.example", "IPAddress": "81.2.69.142", "ClientAppUsed": "Browser"}
    assert redaction.row(row) == row
    assert redaction.row({"UserPrincipalName": "ana@corp.example"}) == {"UserPrincipalName": "user1@corp.example"}


def test_only_whole_literals_of_the_query_stay() -> None:
    query = 'SigninLogs | where UserDisplayName != "Ann Smith" and Computer in (dynamic(["web1"])) // Bo'
    redaction = Redaction(query)
    told = redaction.row({"UserDisplayName": "Ann", "Computer": "web1", "AccountName": "Bo", "Actor": "Smith"})
    assert told == {"UserDisplayName": "user1", "Computer": "web1", "AccountName": "user2", "Actor": "user3"}
    assert redaction.row({"UserDisplayName": "ann smith"}) == {"UserDisplayName": "ann smith"}


def test_short_names_are_replaced_as_words_in_other_texts() -> None:
    (row,) = Redaction("T").rows({"T": [{"AccountName": "bo", "Text": r"C:\Users\bo\about.exe bob"}]})["T"]
    assert row["Text"] == r"C:\Users\user1\about.exe bob"


def test_callers_resource_groups_and_names_in_ids_are_replaced() -> None:
    id = f"/subscriptions/{GUID}/resourceGroups/Secret-RG/providers/Microsoft.KeyVault/vaults/hidden/keys/mine"
    (row,) = Redaction("T").rows(
        {"T": [{"Caller": "Jane Doe", "ResourceGroup": "SECRET-RG", "_ResourceId": id, "Text": "Jane Doe of hidden"}]}
    )["T"]
    assert row["Caller"] == "user1"
    assert row["ResourceGroup"] == "group1"
    assert row["_ResourceId"].endswith(
        "/resourceGroups/group1/providers/Microsoft.KeyVault/vaults/resource1/keys/resource2"
    )
    assert row["Text"] == "user1 of resource1"
    assert GUID not in row["_ResourceId"]


def test_a_pseudonym_is_no_real_name() -> None:
    rows = [{"AccountName": "mara"}, {"AccountName": "user1"}, {"AccountName": "MARA"}, {"AccountName": "user2"}]
    told = [row["AccountName"] for row in Redaction("T").rows({"T": rows})["T"]]
    assert told == ["user3", "user4", "user3", "user5"]


def test_columns_that_are_left_as_they_were_are_listed() -> None:
    redaction = Redaction('T | where ResultType == "50126"')
    redaction.rows({"T": [{"ResultType": "50126", "Note": "Jane", "AccountName": "jane.d", "Detail": {"a": ["x"]}}]})
    assert redaction.left == {"T.Note", "T.Detail"}
