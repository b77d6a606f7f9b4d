"""How a demo case went: a plan in plain data, drawn with fixed dice from what customers write."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .files import read

# Share of cases by where they stand now; most are done, as in any bank.
STAGES = {
    "received": 6,
    "working": 14,
    "waiting_customer": 7,
    "waiting_other": 5,
    "decided": 5,
    "closed": 60,
    "withdrawn": 3,
}
OPEN = ("received", "working", "waiting_customer", "waiting_other", "decided")
DAYS = 90
# Share of customers of open cases who were told lately how it stands; the others' clocks are late, as in any bank.
KEPT_INFORMED = 0.85


@dataclass(frozen=True)
class Word:
    """One message: minutes after the first one, direction, text, and whether nobody typed it."""

    after: int
    inbound: bool
    text: str
    purpose: str = ""


@dataclass(frozen=True)
class Story:
    """Everything a case row and its companions are built from. Minutes count from `reached_at`."""

    scenario: dict
    reached_at: datetime
    stage: str
    words: tuple[Word, ...]
    states: tuple[tuple[int, str, str], ...]
    facts: tuple[tuple[int, str], ...]
    closed_after: int | None = None
    customer: int = 0
    dice: float = field(default=0.0)

    def at(self, minutes: int) -> datetime:
        return self.reached_at + timedelta(minutes=minutes)

    @property
    def complaint(self) -> bool:
        return self.scenario["type"] == "complaint"


def stories(number: int, customers: int, now: datetime, seed: int = 7) -> Iterator[Story]:
    """`number` stories, oldest first within each day's chance; the same for the same seed and moment."""
    dice = random.Random(seed)
    scenarios = read("scenarios")["scenarios"]
    stages, weights = list(STAGES), list(STAGES.values())
    for _index in range(number):
        stage = dice.choices(stages, weights)[0]
        scenario = dice.choice(scenarios)
        if stage == "decided" and scenario["type"] != "complaint":
            stage = "working"
        yield _story(scenario, stage, _age(stage, scenario, dice), dice, now, dice.randrange(customers))


def _age(stage: str, scenario: dict, dice: random.Random) -> timedelta:
    """How long ago it came: open cases recently (a few late on purpose), ended ones any time in ninety days."""
    if stage == "received":
        return timedelta(minutes=dice.randint(5, 20 * 60))
    if stage in OPEN:
        longest = 17 if scenario["type"] == "complaint" else 4
        return timedelta(minutes=dice.randint(12 * 60, longest * 24 * 60))
    return timedelta(minutes=dice.randint(20 * 24 * 60, DAYS * 24 * 60))


def _story(scenario: dict, stage: str, age: timedelta, dice: random.Random, now: datetime, customer: int) -> Story:
    reached, limit = now - age, int(age.total_seconds() // 60)
    complaint = scenario["type"] == "complaint"
    working = "investigating" if complaint else "working"
    answered = min(dice.randint(20, 10 * 60), max(limit // 3, 6))
    words = [Word(0, True, f"{scenario['text']}"), Word(1, False, "", "acknowledgement")]
    states = [(0, "received", "new")]
    facts = [(1, "acknowledged")]
    if stage != "received":
        words.append(Word(answered, False, scenario["reply"], "reply"))
        states.append((answered, working, "open"))
        facts += [(answered, "responded"), (answered, "updated")]
    last = answered
    if scenario["more"] and stage in ("working", "closed", "decided") and limit > answered + 30:
        last = min(answered + dice.randint(30, 36 * 60), limit - 5)
        words.append(Word(last, True, scenario["more"]))
    if stage in OPEN and stage != "received" and dice.random() < KEPT_INFORMED:
        facts.append((max(answered, limit - dice.randint(10, 12 * 60)), "updated"))
    closed = None
    if stage in ("waiting_customer", "waiting_other"):
        states.append((answered + 5, stage, stage))
    elif stage in ("decided", "closed") and complaint:
        decided = min(last + dice.randint(60, 9 * 24 * 60), limit - 3)
        words.append(Word(decided, False, scenario["decision"], "decision"))
        states.append((decided, "decided", "resolved"))
        facts += [(decided, "decided"), (decided, "resolved"), (decided, "updated"), (decided + 1, "told")]
        last = decided + 1
    if stage in ("closed", "withdrawn"):
        closed = min(last + dice.randint(5, 600), limit - 1)
        states.append((closed, stage, "closed"))
        facts += [(closed, "resolved")] if not complaint or stage == "withdrawn" else []
    ordered = tuple(sorted(words, key=lambda word: word.after))
    return Story(scenario, reached, stage, ordered, tuple(states), tuple(facts), closed, customer, dice.random())
