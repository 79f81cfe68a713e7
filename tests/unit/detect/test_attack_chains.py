"""Chains of alerts: whatever the alerts, what is called an attack is one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vedette.detect.attack_chains import STAGES, Step, attack_chains

START = datetime(2024, 5, 1, tzinfo=UTC)


def step(id: str, at: int, tactics: list[str], entities: set[str], source: str = "one") -> Step:
    start = START + timedelta(minutes=at)
    return Step(id, f"alert {id}", source, start, start, tuple(tactics), frozenset(entities))


STEPS = st.lists(
    st.builds(
        step,
        st.integers(0, 10_000).map(str),
        st.integers(0, 500),
        st.lists(st.sampled_from([*STAGES, "Nonsense"]), max_size=3),
        st.sets(st.sampled_from("abcdef"), max_size=3),
        st.sampled_from(["one", "two"]),
    ),
    max_size=40,
    unique_by=lambda each: each.id,
)


@given(STEPS)
def test_an_attack_goes_on_in_time_and_stage_over_what_its_steps_share(steps: list[Step]) -> None:
    chains = attack_chains(steps)
    ids = [each.id for chain in chains for each in chain.steps]
    assert len(ids) == len(set(ids))
    for chain in chains:
        assert list(chain.places) == sorted(set(chain.places))
        assert len(chain.steps) == len(chain.places) >= 2
        for before, after in zip(chain.steps, chain.steps[1:], strict=False):
            assert before.start <= after.start
            assert before.entities & after.entities
        for each, stage in zip(chain.steps, chain.stages, strict=True):
            assert stage in each.tactics
    assert attack_chains(reversed(steps)) == chains


def test_the_longest_chain_is_told() -> None:
    steps = [
        step("a", 0, ["InitialAccess"], {"u"}),
        step("b", 5, ["Execution", "Impact"], {"u", "h"}),
        step("c", 6, ["Discovery"], {"h"}),
        step("d", 9, ["Exfiltration"], {"h", "i"}),
        step("e", 9, ["InitialAccess"], {"z"}),
    ]
    (chain,) = attack_chains(steps)
    assert [each.id for each in chain.steps] == ["a", "b", "c", "d"]
    assert chain.stages == ("InitialAccess", "Execution", "Discovery", "Exfiltration")


def test_two_stages_are_an_attack_only_where_two_products_saw_them() -> None:
    first, second = step("a", 0, ["InitialAccess"], {"u"}), step("b", 1, ["Impact"], {"u"})
    assert attack_chains([first, second]) == []
    assert len(attack_chains([first, step("b", 1, ["Impact"], {"u"}, "two")])) == 1
    same_name = Step("b", first.name, "two", second.start, second.end, ("Impact",), frozenset({"u"}))
    assert attack_chains([first, same_name]) == []
