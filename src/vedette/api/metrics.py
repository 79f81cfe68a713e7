"""`/metrics`: what the server counts of itself, as Prometheus and OpenMetrics write it.

On the server's own port it needs a token and the action `Vedette/metrics/read`. A listener of its own, which
`vedette up --metrics` opens, asks for none: scrapers seldom can have one.
https://prometheus.io/docs/specs/om/open_metrics_spec
"""

import platform
from collections.abc import Iterable
from typing import Any

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette import __version__
from vedette.api.authentication import authenticate, authorize
from vedette.api.services import Services
from vedette.core.metrics import Counter, Gauge, Histogram, Labels, Metrics

READ = "Vedette/metrics/read"
_PREFIX = "vedette_"


def routes(services: Services) -> list[BaseRoute]:
    """`GET /metrics` behind a token."""

    async def metrics(request: Request) -> Response:
        principal = await authenticate(request, services)
        authorize(services, principal, action=READ, scope=services.estate.subscription_resource_id)
        return await _answer(request, services.metrics)

    return [Route("/metrics", metrics)]


def make_metrics_app(metrics: Metrics) -> Starlette:
    """The application of the listener that has nothing else."""

    async def answer(request: Request) -> Response:
        return await _answer(request, metrics)

    return Starlette(routes=[Route("/metrics", answer)])


async def _answer(request: Request, metrics: Metrics) -> Response:
    body, media_type = await run_sync(exposition, metrics, request.headers.get("accept", ""))
    return Response(body, headers={"Content-Type": media_type})


def exposition(metrics: Metrics, accept: str) -> tuple[bytes, str]:
    """All metrics in the form that an Accept header asks for, and its media type."""
    from prometheus_client import CollectorRegistry, ProcessCollector  # noqa: PLC0415  # loaded when somebody scrapes
    from prometheus_client.exposition import choose_encoder  # noqa: PLC0415

    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Collected(metrics))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


class _Collected:
    """The metrics as the library's families."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Any]:
        """Nothing in advance: there is one collector with these names."""
        return ()

    def collect(self) -> Iterable[Any]:
        """One family for each metric."""
        from prometheus_client.core import InfoMetricFamily  # noqa: PLC0415

        about = {"version": __version__, "python": platform.python_version()}
        yield InfoMetricFamily(f"{_PREFIX}build", "The release that runs.", value=about)
        for metric in self._metrics.all():
            yield _family(metric)


def _family(metric: Counter | Histogram | Gauge) -> Any:
    from prometheus_client.core import (  # noqa: PLC0415
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    described = metric.described
    about: dict[str, Any] = {"labels": described.labels, "unit": described.unit}
    name = f"{_PREFIX}{described.name}"
    match metric:
        case Counter():
            family = CounterMetricFamily(name, described.help, **about)
            for labels, value in metric.values().items() or _none_yet(described.labels):
                family.add_metric(labels, value)
        case Gauge():
            family = (CounterMetricFamily if metric.grows else GaugeMetricFamily)(name, described.help, **about)
            for labels, value in metric.values().items():
                family.add_metric(labels, value)
        case Histogram():
            family = HistogramMetricFamily(name, described.help, **about)
            for labels, found in metric.values().items():
                family.add_metric(labels, list(_buckets(metric.bounds, found.counts)), found.sum)
    return family


def _none_yet(labels: tuple[str, ...]) -> list[tuple[Labels, float]]:
    """A counter without labels is there from the start, at zero."""
    return [] if labels else [((), 0.0)]


def _buckets(bounds: tuple[float, ...], counts: list[int]) -> Iterable[tuple[str, float]]:
    """Cumulative counts by upper bound, as the format has them."""
    so_far = 0
    for bound, count in zip((*map(str, bounds), "+Inf"), counts, strict=True):
        so_far += count
        yield bound, so_far
