"""Counting: per set of labels, from many threads, with a bound on how many sets there are."""

from concurrent.futures import ThreadPoolExecutor

from vedette.core.metrics import Counter, Described, Histogram, Metrics


def test_a_counter_counts_by_labels() -> None:
    counter = Counter(Described("things", "Things.", "things", ("kind",)))
    counter.add(1, "a")
    counter.add(2, "a")
    counter.add(5, "b")
    assert counter.values() == {("a",): 3, ("b",): 5}


def test_nothing_is_lost_between_threads() -> None:
    counter = Counter(Described("things", "Things.", "things"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: [counter.add(1) for _ in range(1000)], range(8)))
    assert counter.values() == {(): 8000}


def test_a_value_falls_into_the_bucket_whose_bound_it_does_not_exceed() -> None:
    histogram = Histogram(Described("waiting_seconds", "Waiting.", "seconds"), (1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 9.0):
        histogram.observe(value)
    assert histogram.values()[()].counts == [2, 2, 1]
    assert histogram.values()[()].sum == 14.0


def test_a_metric_has_a_bounded_number_of_series() -> None:
    counter = Counter(Described("rows", "Rows.", "rows", ("table", "way")))
    for number in range(2000):
        counter.add(1, f"T{number}_CL", "collector")
    values = counter.values()
    assert len(values) <= 501
    assert sum(values.values()) == 2000
    assert values["other", "other"] == 1500


def test_every_metric_has_a_help_that_is_a_sentence_and_a_name_that_ends_with_its_unit() -> None:
    for metric in Metrics().all():
        described = metric.described
        assert described.help.endswith("."), described.name
        assert described.help[0].isupper(), described.name
        assert described.name.endswith(f"_{described.unit}"), described.name


def test_two_servers_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.rows.add(1, "T", "collector")
    assert other.rows.values() == {}
