"""Checks of the words themselves: what the channel can carry, length, links, banned words, files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from console.plugin_api.capabilities import Capabilities, LinkRule, MediaKind
from console.plugin_api.channels import SendClass
from console.plugin_api.links import find_links, foreign, hidden_links
from console.plugin_api.segments import segments
from console.plugin_api.templates import chosen

from ..drafts import Draft, Refusal, Upload
from ..models import AccountState, Attachment, WordAction
from .facts import Facts
from .rules import bank_domains, comparable, words_for

LINK = "link"
_filled = lazy(lambda text, values: str(text) % values, str)
ANSWERS = (SendClass.REPLY.value,)
_MEDIA = {"image": MediaKind.IMAGE, "audio": MediaKind.AUDIO, "video": MediaKind.VIDEO}


def account(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """The account must be one that sends at all; a degraded one still takes it and sends when it can."""
    state = draft.account.state
    if state in (AccountState.DRAFT, AccountState.PAUSED, AccountState.ERROR):
        yield Refusal(
            "account_off",
            _("This channel account is not in use."),
            _("Choose another account, or ask an administrator to resume this one."),
            data={"state": state},
        )
    if not facts.capabilities.outbound_text:
        yield Refusal(
            "cannot_send", _("This channel cannot send messages."), _("Choose another channel of this customer.")
        )


def proactive(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Where we may only answer, there must be something to answer, and not too long ago."""
    can = facts.capabilities
    asked = draft.in_reply_to
    if can.reply_windows:
        yield from _counted(facts)
        return
    if asked is None and not can.proactive:
        yield Refusal(
            "not_proactive",
            _("On this channel the customer must write first."),
            _("Answer a message, or use mail or SMS."),
        )
    if asked is not None and can.reply_window_hours:
        until = asked.reached_at + timedelta(hours=can.reply_window_hours)
        if facts.now > until:
            yield Refusal(
                "window_closed",
                _("The time in which this channel allows an answer is over."),
                _("Another channel, or wait until the customer writes again."),
                data={"until": until.isoformat()},
            )


def _counted(facts: Facts) -> Iterator[Refusal]:
    """Where the provider counts, the customer's last act decides, whatever is answered."""
    window = facts.window
    if window is None or window.expires_at <= facts.now:
        data = {"until": window.expires_at.isoformat()} if window else {}
        yield _ruled("window_closed", _("That time is over."), facts.capabilities, data)
    elif not window.left:
        yield used_up(facts.capabilities, until=window.expires_at.isoformat())


def used_up(can: Capabilities, **data: str) -> Refusal:
    """Every answer the customer's last act allowed is on its way or sent."""
    return _ruled("window_used_up", _("They are used up."), can, data)


def _ruled(code: str, why: Any, can: Capabilities, data: dict[str, str]) -> Refusal:
    main = can.reply_windows[0]
    hours = -(-main.seconds // 3600)
    rule = (
        _("After the customer wrote, this channel takes %(n)d answers within %(hours)d hours.")
        if main.answers
        else _("After the customer wrote, this channel takes answers for %(hours)d hours.")
    )
    said = format_lazy("{} {}", _filled(rule, {"n": main.answers, "hours": hours}), why)
    return Refusal(code, said, _("Another channel, or wait until the customer writes again."), data=data)


def words(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """There must be something to say, and no more of it than fits."""
    if not draft.text.strip() and not draft.html.strip():
        yield Refusal("empty", _("The message has no text."), _("Write something."))
    limits = [limit for limit in (facts.capabilities.max_length, facts.rule.max_length) if limit]
    limit, most = min(limits, default=0), facts.capabilities.max_bytes
    if (limit and len(draft.text) > limit) or (most and len(draft.text.encode("utf-8", "replace")) > most):
        yield Refusal(
            "too_long",
            _("The text is longer than this channel can carry."),
            _("Shorten it, or use a channel without this limit."),
            data={"limit": limit, "length": len(draft.text)},
        )
    elif facts.capabilities.max_segments:
        yield from _parts(draft, facts)


def _parts(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """A text message is sent in parts, the signature counted with it."""
    can = facts.capabilities
    count = segments(can.adds + draft.text, gsm=can.gsm_alphabet).count
    if count > can.max_segments:
        yield Refusal(
            "too_long",
            _("The text takes more parts than one message may have here."),
            _("Shorten it, or use a channel without this limit."),
            data={"segments": count, "max_segments": can.max_segments},
        )


def templates(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Where every text is approved beforehand, it must be one of those."""
    can = facts.capabilities
    if can.outbound_template_only and draft.text.strip() and chosen(can.templates, draft.text) is None:
        yield Refusal(
            "no_template",
            _("The provider has approved no template for this text."),
            _("Use an approved template, or another channel."),
            data={"templates": [pattern[:200] for pattern in can.templates[:20]]},
        )


def links(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """No link where the channel carries none, in no disguise; elsewhere only links to the bank."""
    rule = facts.capabilities.links
    if rule is LinkRule.ANY:
        return
    text = draft.words()
    found = find_links(text)
    if rule is LinkRule.NONE and found:
        yield Refusal(
            LINK,
            _("This channel never carries links, and the text holds one."),
            _("Name the place in words, or send the link by mail, in the app or in the chat."),
            data={"found": [link.text[:100] for link in found[:5]]},
        )
    elif rule is LinkRule.BANK_ONLY:
        strange = foreign([*found, *hidden_links(draft.html)], text, bank_domains())
        if strange:
            yield Refusal(
                "foreign_link",
                _("The text holds a link that does not lead to the bank."),
                _("Only links to the bank's own domains."),
                data={"found": [link.text[:100] for link in strange[:5]]},
            )


def banned(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Words that may not leave the bank, however they are spaced or written."""
    candidates = words_for(facts.kind)
    if not candidates:
        return
    text = comparable(draft.words())
    for word in candidates:
        if word.word and word.word in text:
            yield Refusal(
                "banned_word",
                _("The text holds a word that may not be sent."),
                word.reason or _("Say it in other words."),
                confirmable=word.action == WordAction.CONFIRM,
                data={"word": word.shown},
            )


def files(draft: Draft, facts: Facts) -> Iterator[Refusal]:
    """Files the channel can carry, not too big, and none that a scan has refused."""
    can = facts.capabilities
    sizes = [_size(item) for item in draft.attachments]
    total = sum(sizes)
    if any(_kind(item) not in can.media for item in draft.attachments):
        yield Refusal("file_kind", _("This channel cannot carry such a file."), _("Send it by mail."))
    if (can.max_media_bytes and any(size > can.max_media_bytes for size in sizes)) or (
        can.max_total_bytes and total > can.max_total_bytes
    ):
        limit = can.max_media_bytes or can.max_total_bytes
        yield Refusal(
            "file_size", _("A file is too big for this channel."), _("A smaller file."), data={"limit": limit}
        )
    if any(isinstance(item, Attachment) and not item.offered for item in draft.attachments):
        yield Refusal(
            "file_not_clean", _("A file has not passed the malware scan."), _("Remove it, or wait for the scan.")
        )


def _size(item: Attachment | Upload) -> int:
    return item.size if isinstance(item, Attachment) else len(item.content)


def _kind(item: Attachment | Upload) -> MediaKind:
    return _MEDIA.get(item.content_type.partition("/")[0], MediaKind.DOCUMENT)
