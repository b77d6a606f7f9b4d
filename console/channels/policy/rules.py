"""Policy rows as this process last read them: a send asks memory, and looks again every two seconds or when told."""

import os
import time
from dataclasses import dataclass, replace
from datetime import time as clock_time
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models.signals import post_delete, post_save

from console.foundation.text import normalise
from console.plugin_api.channels import SendClass

from ..models import BankDomain, BannedWord, PolicyRule

LOOK_SECONDS = 2.0
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for one class on one kind of channel."""

    quiet_from: clock_time | None = None
    quiet_to: clock_time | None = None
    quiet_action: str = "delay"
    needs_consent: bool = False
    max_length: int = 0
    others_data: str = "refuse"
    new_recipient: str = "confirm"
    give_up_minutes: int = 3 * DAY


# What holds while nobody has written a row. Codes are worthless after minutes; marketing sleeps at night.
SHIPPED = {
    SendClass.SECURITY_CODE.value: Rule(give_up_minutes=10, others_data="off"),
    SendClass.STATUTORY_NOTICE.value: Rule(give_up_minutes=5 * DAY),
    SendClass.REPLY.value: Rule(),
    SendClass.SERVICE.value: Rule(needs_consent=True),
    SendClass.MARKETING.value: Rule(
        quiet_from=clock_time(20), quiet_to=clock_time(9), needs_consent=True, give_up_minutes=DAY
    ),
}
INTRUSIVE_SERVICE = replace(SHIPPED[SendClass.SERVICE.value], quiet_from=clock_time(21), quiet_to=clock_time(8))
INTRUSIVE = ("sms", "phone", "voice")


@dataclass(frozen=True, slots=True)
class Word:
    """A banned word in the form in which it is compared."""

    word: str
    shown: str
    action: str
    channel_kind: str
    reason: str


class _Memory:
    def __init__(self) -> None:
        self.forget()

    def forget(self, **_: object) -> None:
        self.read_at = 0.0
        self.rules: dict[tuple[str, str], Rule] = {}
        self.words: tuple[Word, ...] = ()
        self.domains: set[str] = set()

    def fresh(self) -> "_Memory":
        if not self.read_at or time.monotonic() - self.read_at > LOOK_SECONDS:
            self.rules = {(row.send_class, row.channel_kind): _rule(row) for row in _active(PolicyRule)}
            self.words = tuple(_word(row) for row in _active(BannedWord))
            self.domains = {row.domain.lower() for row in _active(BankDomain)} | {_own_host()}
            self.read_at = time.monotonic()
        return self


_memory = _Memory()
os.register_at_fork(after_in_child=_memory.forget)
for _model in (PolicyRule, BannedWord, BankDomain):
    for _signal in (post_save, post_delete):
        _signal.connect(_memory.forget, sender=_model, weak=False, dispatch_uid=f"policy-{_model.__name__}")


def forget() -> None:
    """Read the rows again at the next send."""
    _memory.forget()


def rule_for(send_class: str, channel_kind: str) -> Rule:
    """The narrowest row for this class and kind, else what ships."""
    rules = _memory.fresh().rules
    found = rules.get((send_class, channel_kind)) or rules.get((send_class, ""))
    if found is not None:
        return found
    if send_class == SendClass.SERVICE.value and channel_kind.split("_")[0] in INTRUSIVE:
        return INTRUSIVE_SERVICE
    return SHIPPED[send_class]


def words_for(channel_kind: str) -> list[Word]:
    """Banned words that hold on this kind of channel."""
    return [word for word in _memory.fresh().words if word.channel_kind in ("", channel_kind)]


def bank_domains() -> set[str]:
    """Domains a link may lead to where only our own are allowed; this installation's host is one."""
    return _memory.fresh().domains


def _own_host() -> str:
    return urlsplit(settings.HUIYIN_BASE_URL).hostname or ""


def comparable(text: str) -> str:
    """A text without what hides a word in it: width, case, spaces, marks and invisible characters."""
    return "".join(char for char in normalise(text) if char.isalnum())


def _active(model: type) -> list:
    return list(model.objects.filter(active=True))


def _rule(row: PolicyRule) -> Rule:
    return Rule(**{name: getattr(row, name) for name in Rule.__slots__})


def _word(row: BannedWord) -> Word:
    return Word(comparable(row.word), row.word, row.action, row.channel_kind, row.reason)
