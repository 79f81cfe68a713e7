"""Who and what the demo's day happens to: a freight company's people, their machines and the addresses around them.

Every address is from the ranges that are set aside for documentation, every name ends in `.example`.
https://www.rfc-editor.org/rfc/rfc5737
"""

from dataclasses import dataclass

DOMAIN = "harbourline.example"
NT_DOMAIN = "HARBOURLINE"
OFFICE_ADDRESS = "198.51.100.10"
INTRUDER_ADDRESS = "203.0.113.66"
BACKUP_ADDRESS = "192.0.2.200"
FIREWALL = "hl-fw-01"
DNS_SERVER = f"hl-dc-01.{DOMAIN}"

_NAMES = """
Ada Brandt, Amir Haddad, Anouk Visser, Bea Laurier, Ben Okoro, Carla Reyes, Chidi Eze, Dana Whitlock, Elif Kaya,
Emre Aydin, Farah Nasser, Finn Larsen, Greta Holm, Hana Suzuki, Hugo Marchand, Imani Cole, Isla Fraser, Ivo Petrov,
Jonas Weber, Kaya Singh, Lars Nyberg, Lena Vogel, Luca Ferri, Mara Lindqvist, Mateo Cruz, Mei Tan, Milo Novak,
Nadia Rahman, Noor Aziz, Olga Sokol, Omar Farouk, Petra Klein, Quinn Murphy, Rosa Delgado, Sami Virtanen, Tara Byrne,
Tomas Dvorak, Uma Pillai, Viktor Hansen, Yara Costa
"""


@dataclass(frozen=True, slots=True)
class Person:
    """An employee with a laptop: its number is the last part of its address."""

    name: str
    number: int

    @property
    def account(self) -> str:
        """`mara.lindqvist`."""
        return self.name.lower().replace(" ", ".")

    @property
    def principal_name(self) -> str:
        """`mara.lindqvist@harbourline.example`."""
        return f"{self.account}@{DOMAIN}"

    @property
    def host(self) -> str:
        """The laptop's full name."""
        return f"hl-lt-{self.number:03d}.{DOMAIN}"

    @property
    def address(self) -> str:
        """The laptop's address in the office."""
        return f"10.20.4.{self.number}"

    @property
    def home_address(self) -> str:
        """Where the person works from when not in the office."""
        return f"198.51.100.{100 + self.number}"


PEOPLE = tuple(
    Person(name.strip(), number) for number, name in enumerate(_NAMES.replace("\n", " ").split(","), start=11)
)


def person(name: str) -> Person:
    """The employee of this name."""
    return next(each for each in PEOPLE if each.name == name)


VICTIM = person("Mara Lindqvist")
ADMINISTRATOR = person("Viktor Hansen")
AWAY_ALL_DAY = person("Hugo Marchand")
FLYING = person("Isla Fraser")
DESIGNER = person("Yara Costa")
