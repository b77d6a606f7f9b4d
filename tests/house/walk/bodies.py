"""What is sent with a request that changes something: enough for it to succeed for who may.

Strings may hold the same placeholders as addresses. What is not listed is sent empty; a change page of the admin
is sent back as it was shown.
"""

from __future__ import annotations

from typing import Any

REASON = {"reason": "客户来电核对"}
YES = {"post": "yes"}

API = {
    "/api/v1/blueprints/": {"bundle": {"format": "huiyin-blueprint/1", "name": "walk"}, "dry_run": True},
    "/api/v1/blueprints/diff/": {"bundle": {"format": "huiyin-blueprint/1", "name": "walk"}},
    "/api/v1/cases/": {"type": "enquiry", "subject": "来电咨询"},
    "/api/v1/cases/{number}/assign/": {"owner": "{agent}"},
    "/api/v1/cases/{number}/classify/": {"dimension": "product", "code": "credit_card"},
    "/api/v1/cases/{opened}/extend/": {"rule": "complex", **REASON},
    "/api/v1/cases/{number}/fields/": {"data": {"amount": 500}},
    "/api/v1/cases/{number}/repeat/": {"earlier": "{opened}", "reason": "curious"},
    "/api/v1/cases/{number}/grade/": {"grade": 3, **REASON},
    "/api/v1/cases/{number}/forwarding/": {"authority": "监管局", "number": "转-9"},
    "/api/v1/cases/{number}/interest/": REASON,
    "/api/v1/cases/{number}/link/": {"other": "{opened}"},
    "/api/v1/cases/{number}/merge/": {"into": "{opened}"},
    "/api/v1/cases/{number}/split/": {"subject": "另一件事"},
    "/api/v1/cases/{number}/material/": {"kind": "merchant_proof"},
    "/api/v1/cases/{number}/note/": {"text": "已联系客户"},
    "/api/v1/cases/{number}/paid/": {"redress": "{redress}"},
    "/api/v1/cases/{number}/party/": {"role": "agent", "name": "代理人", "scope": ["speak"]},
    "/api/v1/cases/{decided}/recheck/": REASON,
    "/api/v1/cases/{number}/redress/": {"kind": "apology"},
    "/api/v1/cases/{number}/regulator-answered/": {"forwarding": "{forwarding}"},
    "/api/v1/cases/{closed}/reopen/": REASON,
    "/api/v1/cases/{number}/reply/": {"text": "您好,我们已经收到。"},
    "/api/v1/cases/{number}/tasks/": {"title": "请核实", "assignee": "{agent}"},
    "/api/v1/cases/{number}/transition/": {"transition": "accept"},
    "/api/v1/cases/{number}/withdraw/": REASON,
    "/api/v1/channels/accounts/{channelaccount}/pause/": REASON,
    "/api/v1/conversations/{conversation}/assign/": {"user": "{agent}"},
    "/api/v1/conversations/{conversation}/check/": {"text": "您好"},
    "/api/v1/conversations/{conversation}/draft/": {"body": "写到一半"},
    "/api/v1/conversations/{conversation}/move/": {"entry": "{entry}", **REASON},
    "/api/v1/conversations/{conversation}/notes/": {"text": "已联系客户"},
    "/api/v1/conversations/{conversation}/reply/": {"text": "您好,我们已经收到。"},
    "/api/v1/customers/": {"display_name": "新客户"},
    "/api/v1/customers/{customer}/": {"language": "en"},
    "/api/v1/customers/{customer}/consents/": {"purpose": "survey", "granted": True, "source": "call"},
    "/api/v1/customers/{customer}/notes/": {"body": "喜欢下午来电"},
    "/api/v1/customers/{customer}/open/": REASON,
    "/api/v1/customers/{customer}/unmask/": {"field": "name", **REASON},
    "/api/v1/customers/find/": {"kind": "phone", "value": "{phone}"},
    "/api/v1/deliveries/decide/": {"ids": ["{unknown}"], "verdict": "sent", "evidence": "客户确认收到"},
    "/api/v1/envelopes/replay/": {"ids": ["{quarantined}"]},
    "/api/v1/envelopes/{envelope}/set_aside/": REASON,
    "/api/v1/messages/{wired}/original/": REASON,
    "/api/v1/webhooks/": {"name": "walk", "url": "https://walk.bank.example/", "types": ["walk.*"]},
    "/api/v1/webhooks/{webhook}/": {"name": "walked"},
}

DESK = {
    "/console/desk/approvals/{approval}/": {"verdict": "approve"},
    "/console/desk/bulk/": {"case": "{case}", "act": "assign", "owner": "{supervisor}"},
    "/console/desk/cases/{number}/do/assign/": {"owner": "", "team": "{team}"},
    "/console/desk/cases/{number}/do/category/?dimension=product": {"category": "credit_card"},
    "/console/desk/cases/{number}/do/decide/": {"decision": "已退回", "outcome": "upheld", "root_cause": "systems"},
    "/console/desk/cases/{opened}/do/extend/": {"rule": "complex", **REASON},
    "/console/desk/cases/{number}/do/repeat/": {"earlier": "{opened}", "reason": "curious"},
    "/console/desk/cases/{number}/do/grade/": {"grade": "3", "grade_reason": "金额较大"},
    "/console/desk/cases/{number}/do/link/": {"number": "{opened}", "kind": "related"},
    "/console/desk/cases/{number}/do/not-told/": REASON,
    "/console/desk/cases/{number}/do/redress/": {"kind": "apology"},
    "/console/desk/cases/{number}/do/retitle/": {"subject": "扣款"},
    "/console/desk/cases/{number}/do/task/": {"title": "请核实", "team": "{team}"},
    "/console/desk/cases/{number}/do/told/": REASON,
    "/console/desk/cases/{number}/do/withdraw/": REASON,
    "/console/desk/cases/{number}/draft/reply/": {"text": "写到一半"},
    "/console/desk/cases/{number}/draft/note/": {"text": "写到一半"},
    "/console/desk/cases/{number}/fields/": {"amount": "500"},
    "/console/desk/cases/{number}/note/": {"text": "已联系客户"},
    "/console/desk/cases/{number}/reply/": {"text": "您好,我们已经收到。", "recipient": "to:{identity}"},
    "/console/desk/cases/{number}/reply/check/": {"text": "您好", "recipient": "to:{identity}"},
    "/console/desk/customers/{customer}/": REASON,
    "/console/desk/customers/{customer}/do/consent/": {"purpose": "survey", "channel": "*", "granted": "yes"},
    "/console/desk/customers/{customer}/do/note/": {"body": "喜欢下午来电"},
    "/console/desk/customers/{customer}/do/tags/": {},
    "/console/desk/customers/{customer}/unmask/?field=name": REASON,
    "/console/desk/messages/{message}/mark/": {"kind": "thanks"},
    "/console/desk/new/": {"type": "enquiry", "subject": "来电咨询"},
    "/console/desk/preferences/": {"theme": "dark"},
    "/console/desk/tasks/{task}/": {"answer": "已核实"},
}

HUB = {
    "/console/channels/channelaccount/{channelaccount}/pause/": REASON,
    "/console/channels/envelope/{envelope}/aside/": REASON,
    "/console/api/webhook/add/": {"name": "walk", "url": "https://walk.bank.example/", "types": "walk.*"},
    "/console/api/webhook/{webhook}/act/": {"act": "pause"},
    "/console/api/webhook/{webhook}/delete/": YES,
    "/console/events/alarm/close/": {"ids": "{alarm}", **REASON},
    "/console/events/eventdelivery/decide/": {"ids": "{dead}", "what": "drop", **REASON},
    "/console/lowcode/blueprintrelease/apply/": {"text": "format: huiyin-blueprint/1\nname: walk\n"},
    "/console/desk/views/new/": {"name": "x", "sort": "next_due_at"},
    "/console/desk/views/{savedview}/": {"name": "x", "sort": "next_due_at"},
    "/console/lowcode/savedview/builder/": {"subject": "case", "tree": "{{}}"},
    "/console/plugin_host/pluginstate/wire/switch/": {"enabled": "0", **REASON},
    "/console/staff/user/{user}/hand-over/": {"to": "{supervisor}", "confirm": "{username}"},
    "/accounts/language/": {"language": "en", "next": "/accounts/"},
}

BODIES: dict[str, Any] = {**API, **DESK, **HUB}


def body_of(address: str, values: Any) -> Any:
    if address.endswith("/delete/"):
        return YES
    return filled(BODIES.get(address, {}), values)


def filled(body: Any, values: Any) -> Any:
    """The body with its placeholders put in."""
    if isinstance(body, str):
        return body.format_map(values)
    if isinstance(body, dict):
        return {key: filled(value, values) for key, value in body.items()}
    return [filled(item, values) for item in body] if isinstance(body, list) else body
