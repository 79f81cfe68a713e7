"""What a benchmark asks and what it found."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure beside its target, which it should not exceed; `note` says what was measured against what."""

    question: str
    measured: float
    target: float
    unit: str
    note: str

    @property
    def holds(self) -> bool:
        """Whether the target is reached."""
        return self.measured <= self.target


Question = Callable[[], list[Finding]]


def interleaved(runs: int, *subjects: Callable[[], float]) -> list[float]:
    """Each subject's median over so many runs, taken in turn, so that a busy moment of the machine meets all alike."""
    taken = [[subject() for subject in subjects] for _ in range(runs)]
    return [median(column) for column in zip(*taken, strict=True)]
