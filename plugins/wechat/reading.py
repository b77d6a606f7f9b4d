"""What stands in WeChat's messages and events, in the words of the contract. What is unknown is shown, not refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from console.plugin_api.channels import (
    Address,
    ChannelNotice,
    DeliveryReceipt,
    DeliveryStatus,
    IdentityEvidence,
    IdentityLevel,
    InboundMedia,
    InboundMessage,
    MediaKind,
    Parsed,
    ThreadHints,
)
from console.plugin_api.errors import PermanentFailure

from .xml import Node, inner, word

KEPT = timedelta(days=3)
MEDIA = {
    "image": (MediaKind.IMAGE, "image/jpeg"),
    "voice": (MediaKind.AUDIO, "audio/amr"),
    "video": (MediaKind.VIDEO, "video/mp4"),
    "shortvideo": (MediaKind.VIDEO, "video/mp4"),
}
MENU = ("click", "scancode_push", "scancode_waitmsg")
LOOKED = (
    *("view", "view_miniprogram", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"),
    *("media_id", "view_limited", "article_id", "article_view_limited"),
)
CHANGES = ("subscribe_msg_popup_event", "subscribe_msg_change_event")
SESSIONS = ("kf_create_session", "kf_close_session", "kf_switch_session")


def parsed(node: Node) -> list[Parsed]:
    """Everything one push says. Raises PermanentFailure when it names nobody."""
    if not word(node, "FromUserName", 200) or not word(node, "MsgType", 60):
        raise PermanentFailure("unreadable", "The message names no sender or no kind.")
    if word(node, "MsgType").lower() == "event":
        return _event(node)
    return [_message(node)]


def _message(node: Node) -> InboundMessage:
    kind = word(node, "MsgType", 60).lower()
    say = _SAID.get(kind)
    text = say(node) if say else _("[Message of kind “%(kind)s”]") % {"kind": kind}
    return _inbound(node, word(node, "MsgId", 60) or _own_id(node), text, opens="message", media=_media(node, kind))


def _text(node: Node) -> str:
    return word(node, "Content", 20_000)


def _voice(node: Node) -> str:
    heard = word(node, "Recognition")
    return _("[Voice message] %(heard)s") % {"heard": heard} if heard else _("[Voice message]")


def _place(node: Node) -> str:
    where = f"{word(node, 'Location_X', 30)}, {word(node, 'Location_Y', 30)}"
    return _("[Location] %(label)s (%(where)s)") % {"label": word(node, "Label", 300), "where": where}


def _link(node: Node) -> str:
    parts = (word(node, name, 1000) for name in ("Title", "Description", "Url"))
    return "\n".join(part for part in parts if part)


_SAID: dict[str, Callable[[Node], str]] = {
    "text": _text,
    "image": lambda node: _("[Picture]"),
    "voice": _voice,
    "video": lambda node: _("[Video]"),
    "shortvideo": lambda node: _("[Video]"),
    "location": _place,
    "link": _link,
}


def _media(node: Node, kind: str) -> tuple[InboundMedia, ...]:
    """The file, which WeChat keeps for three days."""
    ref = word(node, "MediaId", 500)
    if not ref:
        return ()
    known, content_type = MEDIA.get(kind, (MediaKind.DOCUMENT, ""))
    at = _moment(node)
    return (InboundMedia(ref=ref, kind=known, content_type=content_type, gone_at=at + KEPT if at else None),)


def _event(node: Node) -> list[Parsed]:
    event = word(node, "Event", 60).lower()
    openid = word(node, "FromUserName", 200)
    if event in ("templatesendjobfinish", "subscribe_msg_sent_event"):
        return _receipts(node, event)
    if event == "masssendjobfinish":
        return [ChannelNotice(kind="mass_sent", detail=word(node, "Status", 60), meta={"job": word(node, "MsgID", 40)})]
    if event in CHANGES:
        return [ChannelNotice(kind="subscription", address=openid, meta=_choices(node))]
    if event in SESSIONS:
        return [ChannelNotice(kind=event, address=openid)]
    text, opens = _said_by(event, word(node, "EventKey", 300))
    scene = word(node, "EventKey", 200).removeprefix("qrscene_") if event in ("subscribe", "scan") else ""
    message = _inbound(node, _own_id(node), text, opens=opens, automatic=event or "event", scene=scene)
    return [message, ChannelNotice(kind="opted_out", address=openid)] if event == "unsubscribe" else [message]


def _said_by(event: str, key: str) -> tuple[str, str]:
    """An act in words, and what it allows us."""
    if event == "subscribe":
        return _("[Followed the account]"), "scan" if key else "follow"
    if event == "unsubscribe":
        return _("[Unfollowed the account]"), ""
    if event == "scan":
        return _("[Scanned a code] %(key)s") % {"key": key}, "scan"
    if event == "location":
        return _("[Reported where they are]"), ""
    if event in MENU:
        return _("[Menu] %(key)s") % {"key": key}, "menu"
    if event in LOOKED:
        return _("[Menu] %(key)s") % {"key": key}, ""
    return _("[Event “%(event)s”]") % {"event": event}, ""


def _receipts(node: Node, event: str) -> list[Parsed]:
    """News of a notice: a template message names itself, the newer kind stands in a list."""
    if event == "templatesendjobfinish":
        status = word(node, "Status", 60)
        return [_receipt(word(node, "MsgID", 40), status == "success", status, node)]
    rows = inner(inner(node, "SubscribeMsgSentEvent"), "List") or inner(node, "SubscribeMsgSentEvent")
    code = word(rows, "ErrorCode", 20)
    return [_receipt(word(rows, "MsgID", 40), code == "0", word(rows, "ErrorStatus", 60) or code, node)]


def _receipt(name: str, good: bool, code: str, node: Node) -> DeliveryReceipt:
    if not name:
        raise PermanentFailure("unreadable", "The report names no message.")
    return DeliveryReceipt(
        status=DeliveryStatus.DELIVERED if good else DeliveryStatus.FAILED,
        provider_message_id=f"notice:{name}",
        at=_moment(node),
        code="" if good else code,
    )


def _choices(node: Node) -> dict[str, str]:
    """Template to accept or reject, from either shape of the event."""
    top = inner(node, "SubscribeMsgPopupEvent") or inner(node, "SubscribeMsgChangeEvent")
    rows = top.get("List") or top
    rows = rows if isinstance(rows, list) else [rows]
    named = [row for row in rows if isinstance(row, dict)]
    return {word(row, "TemplateId", 60): word(row, "SubscribeStatusString", 20) for row in named[:20]}


def _inbound(
    node: Node, name: str, text: str, *, scene: str = "", automatic: str | None = None, **more: Any
) -> InboundMessage:
    openid = word(node, "FromUserName", 200)
    facts = {key: word(node, key, 200) for key in ("MsgType", "Event", "EventKey", "Format", "Latitude", "Longitude")}
    return InboundMessage(
        provider_message_id=name,
        sender=Address(openid),
        text=text,
        occurred_at=_moment(node),
        automatic=automatic,
        evidence=IdentityEvidence(level=IdentityLevel.L1, method="wechat_openid", subject=openid),
        thread=ThreadHints(tokens=(scene,) if scene else ()),
        meta={key.lower(): value for key, value in facts.items() if value},
        **more,
    )


def _own_id(node: Node) -> str:
    """Events have no id: sender, second and what it was, as WeChat says they are told apart."""
    parts = [word(node, name, 300) for name in ("FromUserName", "CreateTime", "MsgType", "Event", "EventKey")]
    return f"event:{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:40]}"


def _moment(node: Node) -> datetime | None:
    seconds = word(node, "CreateTime", 20)
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
