"""Conversions between units of measure: convert_angle, convert_length and their like, with the factors of each unit.

The factors are those that Kusto's answers show (https://learn.microsoft.com/kusto/query/convert-length-function and its
sisters); where its answers do not tell, they are the units' definitions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vedette.kql.functions.entry import Function, SqlCall

_PREFIXES = {
    "Nano": "1e-9",
    "Micro": "1e-6",
    "Milli": "1e-3",
    "Centi": "1e-2",
    "Deci": "1e-1",
    "Deca": "1e1",
    "Hecto": "1e2",
    "Kilo": "1e3",
    "Mega": "1e6",
    "Giga": "1e9",
    "Tera": "1e12",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """How a value in this unit becomes one in the quantity's base unit, and back: SQL with a hole `{x}`."""

    into: str
    out_of: str


def _times(factor: str, prefix: str | None = None) -> Unit:
    into, out_of = f"{{x}} * CAST({factor} AS DOUBLE)", f"{{x}} / CAST({factor} AS DOUBLE)"
    return Unit(into, out_of) if prefix is None else _prefixed(into, out_of, prefix)


def _over(divisor: str, prefix: str | None = None) -> Unit:
    into, out_of = f"{{x}} / CAST({divisor} AS DOUBLE)", f"{{x}} * CAST({divisor} AS DOUBLE)"
    return Unit(into, out_of) if prefix is None else _prefixed(into, out_of, prefix)


def _prefixed(into: str, out_of: str, prefix: str) -> Unit:
    power = _PREFIXES[prefix]
    return Unit(f"({into}) * CAST({power} AS DOUBLE)", f"({out_of}) / CAST({power} AS DOUBLE)")


def _group(name: str, unit: Callable[[str, str | None], Unit], factor: str, prefixes: str) -> dict[str, Unit]:
    """A unit without its prefixes and with each of them: the letter after a prefix is small."""
    units = {name: unit(factor, None)}
    units.update(
        {f"{prefix}{name[0].lower()}{name[1:]}": unit(factor, prefix) for prefix in prefixes.split() if prefix}
    )
    return units


def _each(text: str) -> dict[str, Unit]:
    """Units of a text such as `Foot *0.3048 Twip /56692.9`."""
    parts = text.split()
    return {
        name: _times(factor[1:]) if factor[0] == "*" else _over(factor[1:])
        for name, factor in zip(parts[::2], parts[1::2], strict=True)
    }


_METRES = """Meter *1 Foot *0.3048 Inch *0.0254 Yard *0.9144 Mile *1609.344 UsSurveyFoot *(1200/3937.0)
    Kilometer *1e3 Decimeter *1e-1 Centimeter *1e-2 Millimeter *1e-3 Micrometer *1e-6 Nanometer *1e-9"""


def _speeds() -> dict[str, Unit]:
    parts = _METRES.split()
    speeds = {"Knot": _times("(1852/3600.0)")}
    for name, factor in zip(parts[::2], parts[1::2], strict=True):
        for time, seconds in (("Second", 1), ("Minute", 60), ("Hour", 3600)):
            metres = f"CAST({factor[1:]} AS DOUBLE)"
            speeds[f"{name}Per{time}"] = Unit(f"{{x}} * {metres} / {seconds}", f"{{x}} / {metres} * {seconds}")
    return speeds


_ANGLE = {
    **_group("Degree", _times, "1", "Nano Micro Milli"),
    "Radian": Unit("{x} * (180 / pi())", "{x} / (180 / pi())"),
    **{
        f"{prefix}radian": Unit(
            f"({{x}} * (180 / pi())) * CAST({_PREFIXES[prefix]} AS DOUBLE)",
            f"({{x}} / (180 / pi())) / CAST({_PREFIXES[prefix]} AS DOUBLE)",
        )
        for prefix in ("Nano", "Micro", "Milli", "Centi", "Deci")
    },
    "Tilt": Unit("asin({x}) * (180 / pi())", "sin({x} / (180 / pi()))"),
    "NatoMil": Unit("{x} * 9 / 160", "{x} * 160 / 9"),
    **_each("Arcminute /60 Arcsecond /3600 Gradian *0.9 Revolution *360"),
}
_ENERGY = {
    **_group("Joule", _times, "1", "Milli Kilo Mega Giga"),
    **_group("BritishThermalUnit", _times, "1055.05585262", "Kilo Mega Giga"),
    **_group("Calorie", _times, "4.184", "Kilo Mega"),
    **_group("ElectronVolt", _times, "1.602176565e-19", "Kilo Mega Giga Tera"),
    **_group("WattHour", _times, "3600", "Kilo Mega Giga Tera"),
    **_group("WattDay", _times, "86400", "Kilo Mega Giga Tera"),
    **_group("ThermEc", _times, "105505585.262", "Deca"),
    **_group("ThermImperial", _times, "1.05505585257348e8", "Deca"),
    **_group("ThermUs", _times, "1.054804e8", "Deca"),
    **_each("Erg *1e-7 FootPound *1.355817948 HorsepowerHour *2.6845195377e6"),
}
_FORCE = {
    **_group("Newton", _times, "1", "Micro Milli Deca Kilo Mega"),
    **_group("PoundForce", _times, "4.4482216152605", "Kilo"),
    **_each(
        """Dyn /1e5 KilogramForce *9.80665 KiloPond *9.80665 TonneForce *9806.65 OunceForce *0.2780138509537812
        Poundal *0.138254954376 ShortTonForce *8896.443230521"""
    ),
}
_LENGTH = {
    **_group("Meter", _times, "1", "Nano Micro Milli Centi Deci Deca Hecto Kilo"),
    **_group("LightYear", _times, "9.46073047258e15", "Kilo Mega"),
    **_group("Parsec", _times, "3.08567758128e16", "Kilo Mega"),
    **_each(
        """Angstrom *1e-10 AstronomicalUnit *1.4959787070e11 Chain *20.1168 DataMile *1828.8 DtpPica /236.220472441
        DtpPoint *(0.0254/72) Fathom *1.8288 Foot *0.3048 Hand *0.1016 Inch *0.0254 Microinch *2.54e-8 Mil *2.54e-5
        Mile *1609.344 NauticalMile *1852 PrinterPica /237.106301584 PrinterPoint *(0.0254/72.27) Shackle *27.432
        SolarRadius *6.95510e8 Twip /56692.913385826 UsSurveyFoot *(1200/3937.0) Yard *0.9144"""
    ),
}
_MASS = {
    **_group("Gram", _over, "1e3", "Nano Micro Milli Centi Deci Deca Hecto Kilo"),
    **_group("Tonne", _times, "1e3", "Kilo Mega"),
    **_group("Pound", _times, "0.45359237", "Kilo Mega"),
    **_each(
        """EarthMass *5.9722e24 Grain *6.479891e-5 LongHundredweight *50.80234544 LongTon *1016.0469088
        Ounce *0.028349523125 ShortHundredweight *45.359237 ShortTon *907.18474 Slug *14.593902937206363
        SolarMass *1.98947e30 Stone *6.35029318"""
    ),
}
_TEMPERATURE = {
    "Kelvin": Unit("{x}", "{x}"),
    "DegreeCelsius": Unit("{x} + 273.15", "{x} - 273.15"),
    "MillidegreeCelsius": Unit("{x} / 1000 + 273.15", "({x} - 273.15) * 1000"),
    "DegreeDelisle": Unit("{x} * -2 / 3 + 373.15", "({x} - 373.15) * -3 / 2"),
    "DegreeFahrenheit": Unit("({x} + 459.67) * 5 / 9", "{x} * 9 / 5 - 459.67"),
    "DegreeNewton": Unit("{x} * 100 / 33 + 273.15", "({x} - 273.15) * 33 / 100"),
    "DegreeRankine": Unit("{x} * 5 / 9", "{x} * 9 / 5"),
    "DegreeReaumur": Unit("{x} * 5 / 4 + 273.15", "({x} - 273.15) * 4 / 5"),
    "DegreeRoemer": Unit("({x} - 7.5) * 40 / 21 + 273.15", "({x} - 273.15) * 21 / 40 + 7.5"),
    "SolarTemperature": Unit("{x} * 5778", "{x} / 5778"),
}
_VOLUME = {
    **_group("Liter", _over, "1e3", "Micro Milli Centi Deci Deca Hecto Kilo Mega"),
    **_group("UsGallon", _times, "0.00378541", "Deci Deca Hecto Kilo Mega"),
    **_group("ImperialGallon", _times, "0.00454609", "Kilo Mega"),
    **_group("CubicMeter", _times, "1", "Hecto Kilo"),
    **_group("CubicFoot", _times, "0.0283168", "Hecto Kilo Mega"),
    **_each(
        """AcreFoot /0.000810714 AuTablespoon *2e-5 BoardFoot *2.3597372158e-3 CubicCentimeter /1e6 CubicDecimeter /1e3
        CubicHectometer *1e6 CubicInch *1.6387e-5 CubicKilometer *1e9 CubicMicrometer /1e18
        CubicMile *4.16818182544058e9
        CubicMillimeter /1e9 CubicYard *0.764554858 ImperialBeerBarrel *0.16365924 ImperialOunce *2.84130625e-5
        ImperialPint *5.6826125e-4 MetricCup *0.00025 MetricTeaspoon *0.5e-5 OilBarrel *0.158987294928
        UkTablespoon *1.5e-5 UsBeerBarrel *0.1173477658
        UsCustomaryCup *0.0002365882365 UsLegalCup *0.00024 UsOunce *2.95735295625e-5
        UsPint *4.73176473e-4 UsQuart *9.46352946e-4 UsTablespoon *1.478676478125e-5 UsTeaspoon *4.92892159375e-6"""
    ),
}


def _conversion(units: Mapping[str, Unit]) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        value, source, target = call.arguments
        base = _chosen(source, call.constants[1], {name: unit.into for name, unit in units.items()}, value)
        return _chosen(target, call.constants[2], {name: unit.out_of for name, unit in units.items()}, f"({base})")

    return template


def _chosen(unit: str, constant: object, templates: Mapping[str, str], value: str) -> str:
    """The arithmetic for a unit; null for one that there is not."""
    if isinstance(constant, str):
        found = templates.get(constant)
        return "CAST(NULL AS DOUBLE)" if found is None else found.replace("{x}", value)
    cases = " ".join(f"WHEN '{name}' THEN {sql.replace('{x}', 'item.v')}" for name, sql in templates.items())
    return f"list_transform([{{'v': {value}, 'u': {unit}}}], lambda item: CASE item.u {cases} END)[1]"


_QUANTITIES: tuple[tuple[str, Mapping[str, Unit], tuple[tuple[str, float | None], ...]], ...] = (
    ("angle", _ANGLE, (("convert_angle(1.2, 'Degree', 'Arcminute')", 72.0),)),
    ("energy", _ENERGY, (("convert_energy(1.2, 'Joule', 'BritishThermalUnit')", 0.0011373805443759806),)),
    ("force", _FORCE, (("convert_force(1.2, 'Newton', 'Decanewton')", 0.12),)),
    (
        "length",
        _LENGTH,
        (
            ("convert_length(1.2, 'Meter', 'Foot')", 3.9370078740157477),
            ("convert_length(1, 'Kilometer', strcat('Me', 'ter'))", 1000.0),
            ("convert_length(1.2, 'Meter', 'Ell')", None),
            ("convert_length(1.2, strcat('El', 'l'), 'Meter')", None),
        ),
    ),
    ("mass", _MASS, (("convert_mass(1.2, 'Kilogram', 'Pound')", 2.6455471462185307),)),
    (
        "speed",
        _speeds(),
        (
            ("convert_speed(1.2, 'MeterPerSecond', 'CentimeterPerHour')", 432000.0),
            ("convert_speed(36, 'KilometerPerHour', 'MeterPerSecond')", 10.0),
        ),
    ),
    (
        "temperature",
        _TEMPERATURE,
        (
            ("convert_temperature(1.2, 'Kelvin', 'DegreeCelsius')", -271.95),
            ("convert_temperature(212, 'DegreeFahrenheit', 'Kelvin')", 373.15),
        ),
    ),
    (
        "volume",
        _VOLUME,
        (
            ("convert_volume(1.2, 'CubicMeter', 'AcreFoot')", 0.0009728568),
            ("convert_volume(1, 'Hectoliter', 'Liter')", 100.0),
        ),
    ),
)

FUNCTIONS: tuple[Function, ...] = tuple(
    Function(
        f"convert_{quantity}",
        params="value: real, from: string, to: string",
        returns="real",
        doc=f"A value of {quantity} in another unit; null where a unit is unknown.",
        sql=_conversion(units),
        examples=examples,
    )
    for quantity, units, examples in _QUANTITIES
)
"""One function for each quantity."""
