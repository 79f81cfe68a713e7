"""Functions that read markup: parse_xml."""

from vedette.kql.functions.entry import Function

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "parse_xml",
        params="text: string",
        returns="dynamic",
        doc="An XML document as a bag: attributes under `@name`, text beside them under `#text`; null for other texts.",
        sql="CAST(CAST(py_xml_to_json({text}) AS JSON) AS VARIANT)",
        examples=[
            (
                "parse_xml('<Data Name=\"User\"><b>x</b><b>y</b></Data>')",
                {"Data": {"@Name": "User", "b": ["x", "y"]}},
            ),
            ("tostring(parse_xml('<a k=\"1\">t</a>').a['#text'])", "t"),
            ("isnull(parse_xml('no markup'))", True),
        ],
        naming="{}",
    ),
)
