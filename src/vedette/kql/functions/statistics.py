"""The beta distribution, the error function and Welch's test."""

from vedette.kql.functions.entry import Function

FUNCTIONS: tuple[Function, ...] = (
    *(
        Function(
            f"beta_{name}",
            params=f"{first}: real, alpha: real, beta: real",
            returns="real",
            doc=doc,
            sql=f"py_statistics_beta_{name}({{{first}}}, {{alpha}}, {{beta}})",
            examples=examples,
        )
        for name, first, doc, examples in (
            (
                "cdf",
                "x",
                "The chance that a value of the standard beta distribution is at most `x`; NaN outside 0 to 1.",
                [
                    ("beta_cdf(0.9, 10.0, 20.0)", 0.9999999999999593),
                    ("isnan(beta_cdf(1.5, 10.0, 20.0))", True),
                    ("beta_cdf(0.1, -1.0, 20.0)", 1.0),
                    ("beta_cdf(real(null), 1, 1)", None),
                ],
            ),
            (
                "inv",
                "probability",
                "The value below which that share of the standard beta distribution lies; null outside 0 to 1.",
                [
                    ("beta_inv(0.1, 10.0, 20.0)", 0.22641502238874897),
                    ("beta_inv(1.5, 10.0, 20.0)", None),
                    ("isnan(beta_inv(0.1, -1.0, 20.0))", True),
                ],
            ),
            (
                "pdf",
                "x",
                "The density of the standard beta distribution at `x`; NaN outside 0 to 1.",
                [
                    ("beta_pdf(0.5, 10.0, 20.0)", 0.746176019310951),
                    ("isnan(beta_pdf(-10.0, 10.0, 20.0))", True),
                    ("isnan(beta_pdf(0.1, -1.0, 20.0))", True),
                ],
            ),
        )
    ),
    Function(
        "erf",
        params="value: real",
        returns="real",
        doc="The error function.",
        sql="py_statistics_erf({value})",
        examples=[("erf(0.5)", 0.5204998778130465), ("erf(0)", 0.0), ("erf(real(null))", None)],
        naming="{}",
    ),
    Function(
        "erfc",
        params="value: real",
        returns="real",
        doc="One less the error function.",
        sql="py_statistics_erfc({value})",
        examples=[("erfc(0.5)", 0.4795001221869535), ("erfc(10)", 2.088487583762545e-45)],
        naming="{}",
    ),
    Function(
        "welch_test",
        params="mean1: real, variance1: real, count1: real, mean2: real, variance2: real, count2: real",
        returns="real",
        doc="The two-sided p-value of Welch's t-test for two samples, by their means, variances and counts.",
        sql="py_statistics_welch_test({mean1}, {variance1}, {count1}, {mean2}, {variance2}, {count2})",
        examples=[
            (
                "welch_test(20.819999999999997, 7.8674285714, 15, 22.986666666666668, 3.8126666667, 15)",
                0.02137800146286441,
            )
        ],
    ),
)
"""Statistical functions that SQL does not know."""
