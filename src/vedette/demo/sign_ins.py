"""Benign sign-ins: the office, homes, a hotel, a flight, mistyped passwords, interrupted prompts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vedette.core.ids import derived_id
from vedette.demo.cast import AWAY_ALL_DAY, DOMAIN, FLYING, OFFICE_ADDRESS, PEOPLE, VICTIM, Person
from vedette.demo.moments import FIRST, LAST, Moments

TABLE = "SigninLogs"
SUCCESS = "0"
WRONG_PASSWORD = "50126"

_PER_PERSON = 21
_TAKE_OFF, _LANDING = timedelta(hours=15), timedelta(hours=8)
_RESULTS = {
    SUCCESS: "",
    WRONG_PASSWORD: "Error validating credentials due to invalid username or password.",
    "50074": "Strong authentication is required and the user did not pass the challenge.",
    "50140": "This occurred due to 'Keep me signed in' interrupt when the user was signing in.",
}
_APPLICATIONS = ("Office 365 Exchange Online", "SharePoint Online", "Teams", "Azure Portal", "Freight Planner")
_BROWSERS = ("Edge 126.0", "Chrome 126.0", "Firefox 127.0")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in from."""

    address: str
    country: str
    city: str


OFFICE = Place(OFFICE_ADDRESS, "CA", "Halifax")
HOTEL = Place("192.0.2.77", "GB", "London")


def sign_in(
    person: Person, moment: datetime, place: Place, result: str, application: str, browser: str
) -> dict[str, Any]:
    """One row of SigninLogs."""
    id = derived_id("sign-in", person.account, moment.isoformat(), place.address, result)
    return {
        "TimeGenerated": moment,
        "CreatedDateTime": moment,
        "Id": id,
        "CorrelationId": derived_id("correlation", id),
        "OperationName": "Sign-in activity",
        "Category": "SignInLogs",
        "UserPrincipalName": person.principal_name,
        "UserDisplayName": person.name,
        "UserId": derived_id("user", person.account),
        "UserType": "Member",
        "AppDisplayName": application,
        "AppId": derived_id("application", application),
        "ClientAppUsed": "Browser",
        "IPAddress": place.address,
        "Location": place.country,
        "LocationDetails": {"city": place.city, "countryOrRegion": place.country},
        "DeviceDetail": {"operatingSystem": "Windows 11", "browser": browser},
        "ResultType": result,
        "ResultDescription": _RESULTS[result],
        "Status": {"errorCode": int(result), "failureReason": _RESULTS[result]},
        "ConditionalAccessStatus": "success" if result == SUCCESS else "notApplied",
        "AuthenticationRequirement": "singleFactorAuthentication",
        "IsInteractive": True,
        "ResourceDisplayName": application,
        "HomeTenantName": DOMAIN,
    }


def benign_sign_ins(moments: Moments) -> Iterator[dict[str, Any]]:
    """A day of sign-ins; about one in thirty begins with a mistyped password."""
    for person in PEOPLE:
        for _ in range(_PER_PERSON):
            moment = moments.any(*_awake(person))
            if person is FLYING and _TAKE_OFF >= moments.end - moment > _LANDING:
                continue
            yield from _attempts(moments, person, moment, _place(moments, person, moment))


def _awake(person: Person) -> tuple[timedelta, timedelta]:
    """The victim is in the office before the intruder signs in, and at it again afterwards."""
    return (timedelta(hours=12), timedelta(hours=3)) if person is VICTIM else (FIRST, LAST)


def _place(moments: Moments, person: Person, moment: datetime) -> Place:
    if person is AWAY_ALL_DAY:
        return HOTEL
    if person is FLYING and moments.end - moment <= _LANDING:
        return HOTEL
    if person is VICTIM or moments.chance.random() < 0.7:
        return OFFICE
    return Place(person.home_address, "CA", "Dartmouth")


def _attempts(moments: Moments, person: Person, moment: datetime, place: Place) -> Iterator[dict[str, Any]]:
    chance = moments.chance
    application, browser = chance.choice(_APPLICATIONS), _BROWSERS[person.number % len(_BROWSERS)]
    roll = chance.random()
    if roll < 0.05:
        result = WRONG_PASSWORD if roll < 0.033 else "50074" if roll < 0.042 else "50140"
        yield sign_in(person, moment - timedelta(seconds=chance.randint(8, 40)), place, result, application, browser)
    yield sign_in(person, moment, place, SUCCESS, application, browser)
