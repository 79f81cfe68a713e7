"""Sizes as people write them."""

import click
import pytest

from vedette.cli.sizes import Size


@pytest.mark.parametrize(
    ("text", "bytes"),
    [("2GB", 2_000_000_000), ("1.5 g", 1_500_000_000), ("512MiB", 512 * 1024**2), ("300000000", 300_000_000)],
)
def test_sizes(text: str, bytes: int) -> None:
    assert Size(128_000_000).convert(text, None, None) == bytes


@pytest.mark.parametrize(("text", "said"), [("much", "is not a size"), ("-1GB", "is not a size"), ("64MB", "128MB")])
def test_what_is_no_size_or_too_small(text: str, said: str) -> None:
    with pytest.raises(click.BadParameter, match=said):
        Size(128_000_000).convert(text, None, None)
