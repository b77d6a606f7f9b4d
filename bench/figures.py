"""A measured claim, and the table of many."""

import gc
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "latest.json"


@dataclass(frozen=True)
class Figure:
    """`value` in `unit`; `goal` is a ceiling unless `at_least`. `peer` is the best peer's figure, when there is one."""

    name: str
    value: float
    unit: str
    backend: str = ""
    goal: float | None = None
    peer: float | None = None
    at_least: bool = False
    subject: str = ""

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        met = self.value >= self.goal if self.at_least else self.value <= self.goal
        return "met" if met else "MISSED"


def percentile(samples: list[float], share: float) -> float:
    """The sample below which `share` (0–1) of all lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(call: Callable[[], object], runs: int) -> list[float]:
    """Wall milliseconds of each of `runs` calls, after one that is not counted.

    What exists by then is out of the garbage collector's sight, as in the product's own processes (runtime/warm.py).
    """
    call()
    gc.collect()
    gc.freeze()
    samples = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        samples.append((time.perf_counter() - began) * 1000)
    return samples


def cpu_ms(call: Callable[[], object], runs: int) -> float:
    """CPU milliseconds of this process a call, which a busy machine cannot stretch; a database server has its own."""
    began = time.process_time()
    for _ in range(runs):
        call()
    return (time.process_time() - began) * 1000 / runs


def table(figures: Iterable[Figure]) -> str:
    """Figures as an aligned table."""
    rows = [("name", "backend", "value", "unit", "goal", "peer", "")]
    for figure in figures:
        goal = "" if figure.goal is None else f"{'≥' if figure.at_least else '≤'} {figure.goal:g}"
        peer = "" if figure.peer is None else f"{figure.peer:g}"
        rows.append((figure.name, figure.backend, f"{figure.value:.4g}", figure.unit, goal, peer, figure.verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def save(figures: list[Figure], *, whole: bool) -> None:
    """Write latest.json; a run of some subjects replaces only the figures it measured anew."""
    RESULTS.parent.mkdir(exist_ok=True)
    rows = [asdict(figure) for figure in figures]
    if not whole and RESULTS.exists():
        anew = {(row["name"], row["unit"], row["backend"]) for row in rows}
        kept = json.loads(RESULTS.read_text())
        rows = [row for row in kept if (row["name"], row["unit"], row["backend"]) not in anew] + rows
    RESULTS.write_text(json.dumps(rows, indent=1, ensure_ascii=False))
