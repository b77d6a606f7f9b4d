"""The bank the walk goes through: the same small world twice, at two sites, and people of each role at the first.

Everything of the near side carries 麋 (or `zznear`), everything of the far side 鸵 (or `zzfar`): rare enough to
appear nowhere else, and a mask leaves the first character of a name standing. So one look at a page says whose rows
it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Site, Task

from cms import services as cms
from cms.models import ArticlePage, Brand, ColumnPage
from console.api.models import Webhook
from console.api.services import issue_token
from console.cases import services as cases
from console.cases.models import CaseType, Escalation, EscalationStep, IntakeRule, Recompute
from console.channels import vault
from console.channels.models import (
    Arrival,
    Attachment,
    AttachmentRule,
    BankDomain,
    BannedWord,
    Delivery,
    Envelope,
    IntakeDay,
    MessageParticipant,
    OriginalLook,
    PolicyRule,
    Receipt,
    Suppression,
    Touchpoint,
)
from console.conversations.models import Conversation, Draft, Entry, MovedMessage
from console.customers.models import AccessGrant, Tag, Unmasking
from console.customers.services import consents, contacts, profile
from console.customers.services.identities import resolve_identity
from console.events.models import AlarmNotice, AlarmRoute, EventDelivery, Seal, StreamHead
from console.foundation.models import BusinessCalendar, CalendarDay
from console.lowcode.models import SavedView
from console.outreach.models import Letter, SurveyAnswer, SurveyInvitation, SurveyRule
from console.plugin_host.models import Circuit, PluginRun, PluginState
from console.portal.models import PortalPolicy, UrgentMatter
from tests.factories.cases import cn_bank, make_case, make_message
from tests.factories.channels import AccountFactory, message_in
from tests.factories.customers import make_customer
from tests.factories.events import AlarmFactory, AlarmRouteFactory, DeadDeliveryFactory
from tests.factories.staff import SiteFactory, TeamFactory, make_user

# Never shown to anybody, on any page.
SECRET = "zzsecret"
# The customers' telephone numbers begin with this; in clear for those alone who hold customer.clear_contact.
PHONE = "1380013800"
NEAR, FAR = ("麋", "zznear"), ("鸵", "zzfar")
# The letters of the tables, in their order.
ROLES = {
    "a": "agent",
    "s": "supervisor",
    "o": "complaint_officer",
    "e": "knowledge_editor",
    "p": "product_owner",
    "t": "participant",
    "u": "auditor",
    "m": "administrator",
}
OURS = ("console.", "cms.")


def _model(name: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.model_name == name)


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith(OURS)]


class Side:
    """One site with everything a site has. `rows[name]` is the first row of a model made for it."""

    def __init__(self, mark: tuple[str, str], number: int) -> None:
        self.mark, self.code = mark
        self.number = number
        self.rows: dict[str, Any] = {}
        before = {model: set(model._default_manager.values_list("pk", flat=True)) for model in our_models()}
        self.build()
        for model, known in before.items():
            made = model._default_manager.exclude(pk__in=known).order_by("pk").first()
            if made is not None:
                self.rows.setdefault(model._meta.model_name, made)

    def build(self) -> None:
        self.site = SiteFactory(code=f"{self.code}-site", name=f"{self.mark}中心", name_en=f"{self.code} centre")
        self.team = TeamFactory(code=f"{self.code}-team", name=f"{self.mark}组", site=self.site)
        self.people = {role: self.person(role) for role in ("agent", "supervisor")}
        self.account = AccountFactory(
            name=f"{self.mark}信箱", address=f"{self.code}@bank.example", site=self.site, team=self.team
        )
        self.build_customer()
        self.build_case()
        self.build_channel()
        self.build_work()
        self.build_records()

    def person(self, role: str, team: Any = None) -> Any:
        return make_user(
            role, team=team or self.team, username=f"{self.code}-{role}", last_name=self.mark, first_name="员工"
        )

    def build_customer(self) -> None:
        self.customer = make_customer(
            display_name=f"{self.mark}先生", phone=f"{PHONE}{self.number}", email=f"{self.code}@mail.example",
            id_card="", site=self.site, team=self.team,
        )  # fmt: skip
        agent = self.people["agent"]
        self.identity = resolve_identity("email", self.account, f"{self.code}@mail.example")
        tag, _made = Tag.objects.get_or_create(code="vip", defaults={"name": "重点客户"})
        profile.add_tag(None, self.customer, tag)
        profile.add_note(agent, self.customer, f"{self.mark}备注", pinned=True)
        consents.record_consent(self.customer, "survey", granted=True, source=self.code, actor=agent)
        contact = contacts.add_contact(agent, self.customer, f"{self.mark}联系人")
        contacts.authorise(agent, contact, ["complain"], evidence=self.mark)
        until = timezone.now() + timedelta(hours=8)
        AccessGrant.objects.create(user=agent, customer=self.customer, reason=f"{self.mark}来电", until=until)
        Unmasking.objects.create(user=agent, customer=self.customer, field="name", reason=f"{self.mark}核对")

    def build_case(self) -> None:
        self.message = self.mail(f"{self.mark}要投诉", reached_at=timezone.now() - timedelta(days=3))
        self.case = make_case("complaint", message=self.message, team=self.team, owner=self.people["agent"], grade=2)
        self.conversation = self.case.conversation
        Conversation.objects.filter(pk=self.conversation.pk).update(
            site=self.site, team=self.team, assignee=self.people["agent"]
        )
        self.conversation.refresh_from_db()
        second = self.mail(f"{self.mark}又要投诉")
        self.other = make_case("enquiry", message=second, team=self.team)
        Conversation.objects.filter(pk=second.entry.conversation_id).update(site=self.site, team=self.team)
        cases.record_forwarding(self.case, f"{self.mark}监管局", f"{self.code}-1")
        self.decided = make_case("complaint", message=self.mail(f"{self.mark}已有决定"), team=self.team)
        Conversation.objects.filter(pk=self.decided.conversation_id).update(site=self.site, team=self.team)
        cases.accept(self.decided)
        cases.transition(
            self.decided, "decide", data={"outcome": "upheld", "root_cause": "rules", "decision": f"{self.mark}决定"}
        )
        self.merged = make_case("complaint", message=self.mail(f"{self.mark}重复投诉"), team=self.team)
        cases.merge(self.merged, self.decided)
        Letter.objects.create(
            case=self.decided, language="zh-hans", template="decision-letter v1", name="决定书.pdf", words=self.code,
            stored_as=vault.write(b"%PDF-1.7"), size=8, sha256="0" * 64,
        )  # fmt: skip
        self.rows |= {"case": self.case, "conversation": self.conversation, "message": self.message}

    def mail(self, subject: str, conversation: Any = None, **values: Any) -> Any:
        number = f"{self.code}-{timezone.now().timestamp()}"
        message = make_message(
            conversation, account=self.account, customer=self.customer, identity=self.identity, subject=subject,
            text=f"{subject}正文", wire_id=f"<{number}@mail.example>", **values,
        )  # fmt: skip
        MessageParticipant.objects.create(message=message, role="from", identity=self.identity, label=f"{self.mark}***")
        MessageParticipant.objects.create(message=message, role="to", own=True, label=self.account.address)
        return message

    def build_channel(self) -> None:
        now, account = timezone.now(), self.account
        Touchpoint.objects.create(code=f"{self.code}-point", name=f"{self.mark}触点", site=self.site)
        envelope = {"account": account, "origin": "poll", "reached_at": now, "size": 3, "correlation_id": self.code}
        parsed = Envelope.objects.create(
            public_ref=f"{self.code}-1", raw=b"{}", sha256=self.code[2:].ljust(64, "0"), status="parsed",
            outcome="message", parsed_at=now, **envelope,
        )  # fmt: skip
        self.quarantined = Envelope.objects.create(
            public_ref=f"{self.code}-2", raw=b"{}", sha256=self.code[2:].ljust(64, "1"), status="quarantined",
            reason=self.mark, **envelope,
        )  # fmt: skip
        Arrival.objects.create(
            message=self.message, envelope=parsed, account=account, scope=self.code, provider_message_id=self.code,
            reached_at=now,
        )  # fmt: skip
        self.attachment = Attachment.objects.create(
            message=self.message, name=f"{self.mark}.pdf", content_type="application/pdf", size=3, sha256="0" * 64,
            state="clean", **self.stored(),
        )  # fmt: skip
        self.delivery = self.sent("failed")
        self.unknown = self.sent("unknown")
        self.held = self.sent("held")
        self.queued = self.sent("queued")
        Receipt.objects.create(account=account, delivery=self.delivery, status="failed", at=now, detail=self.mark)
        Suppression.objects.create(
            channel_kind="email", address_hash=self.code.ljust(64, "0"), mask=f"{self.mark}***", until=now
        )
        IntakeDay.objects.create(account=account, day=timezone.localdate(), fetched=2, repeated=1)
        AttachmentRule.objects.create(account=account, outbound=True, max_bytes=1000 + self.number)
        sender = f"{self.code}@mail.example"
        self.wired = message_in(account, f"{self.code}-wired", text=f"{self.mark}原话", sender=sender)
        OriginalLook.objects.create(user=self.people["agent"], message=self.wired, reason=f"{self.mark}核对")
        self.rows |= {"envelope": self.quarantined, "delivery": self.delivery, "attachment": self.attachment}

    @staticmethod
    def stored() -> dict[str, Any]:
        from console.channels import vault

        return {"stored_as": vault.write(b"pdf")}

    def sent(self, status: str) -> Delivery:
        now = timezone.now()
        message = make_message(
            self.conversation, account=self.account, customer=self.customer, direction="out",
            subject=f"{self.mark}答复", text=f"{self.mark}您好",
        )  # fmt: skip
        Entry.objects.filter(message=message).update(inbound=False)
        return Delivery.objects.create(
            message=message, account=self.account, send_class="reply", key=f"{self.code}-{status}", status=status,
            give_up_at=now + timedelta(days=3), next_attempt_at=now, correlation_id=self.code, reason=self.mark,
            created_by=self.people["agent"].label,
        )  # fmt: skip

    def build_work(self) -> None:
        agent, supervisor = self.people["agent"], self.people["supervisor"]
        self.task = cases.add_task(self.case, f"{self.mark}任务", supervisor, assignee=agent, team=self.team)
        self.third = make_case("complaint", message=self.mail(f"{self.mark}再投诉"), team=self.team, owner=agent)
        cases.withdraw(self.other, agent, f"{self.mark}不办了")
        cases.request_extension(self.case, "complex", f"{self.mark}需调取凭证", agent)
        cases.link(self.case, self.other, "related", agent)
        cases.add_redress(self.case, "refund", supervisor, amount=30, note=self.mark)
        cases.add_note(self.case, f"{self.mark}内部备注", agent)
        self.thanks = self.mail(f"{self.mark}谢谢", self.other.conversation)
        cases.mark_message(self.thanks, "thanks", agent)
        Escalation.objects.create(
            case=self.case, kind="decision", step=EscalationStep.objects.first(), due_at=timezone.now(),
            fired_at=timezone.now(),
        )  # fmt: skip
        entry = Entry.objects.filter(conversation=self.conversation, message__direction="out").first()
        self.move = MovedMessage.objects.create(
            entry=entry, source=self.other.conversation, target=self.conversation, reason=self.mark
        )
        # Of a product no case here is about, so that it opens none.
        cases.give_product(agent, "treasury")
        Draft.objects.create(conversation=self.conversation, author=agent, body=f"{self.mark}草稿")
        IntakeRule.objects.create(
            name=f"{self.mark}规则", account=self.account, type=CaseType.objects.get(code="enquiry"), team=self.team,
            order=900 + self.number,
        )  # fmt: skip

    def build_records(self) -> None:
        SurveyAnswer.objects.create(case=self.other, score=2, text=f"{self.mark}太慢")
        SurveyInvitation.objects.create(case=self.other)
        SavedView.objects.create(
            code=f"{self.code}-view", subject="case", name_zh=f"{self.mark}视图", name_en=f"{self.code} view",
            owner=self.people["agent"], tree={"all": []}, shared="some", shared_with=[f"team:{self.team.pk}"],
        )  # fmt: skip
        issue_token(self.people["agent"], f"{self.mark}令牌", ["*"])


class World:
    """Both sides, the people who walk, and what belongs to no site."""

    def __init__(self) -> None:
        cn_bank()
        self.shared()
        self.knowledge()
        TeamFactory(code="recheck", name="核查组")
        self.near, self.far = Side(NEAR, 1), Side(FAR, 2)
        self.people = {letter: self.walker(role) for letter, role in ROLES.items()}
        cases.add_task(self.near.case, "请核实", self.near.people["supervisor"], assignee=self.people["t"])

    def walker(self, role: str) -> Any:
        team = self.near.team if role in ("agent", "supervisor") else None
        name = {"username": f"walker-{role}", "last_name": "走", "first_name": "查"}
        return make_user(role, team=team, site=self.near.site, **name)

    def value(self, name: str, side: Side) -> str:
        """What `{name}` in an address stands for on one side: the key of the side's row of a model of that name,
        or else of the first there is."""
        if name in self.named:
            return str(self.named[name](side))
        row = side.rows.get(name) or _model(name)._default_manager.order_by("pk").first()
        return str(row.pk)

    named: ClassVar[dict[str, Callable[[Side], Any]]] = {
        "number": lambda side: side.case.number,
        "opened": lambda side: side.third.number,
        "closed": lambda side: side.other.number,
        "decided": lambda side: side.decided.number,
        "merged": lambda side: side.merged.number,
        "wired": lambda side: side.wired.pk,
        "entry": lambda side: side.message.entry.pk,
        "agent": lambda side: side.people["agent"].pk,
        "supervisor": lambda side: side.people["supervisor"].pk,
        "username": lambda side: side.rows["user"].username,
        "phone": lambda side: f"{PHONE}{side.number}",
        "dead": lambda side: EventDelivery.objects.get(status=EventDelivery.DEAD).pk,
        "quarantined": lambda side: side.quarantined.pk,
        "unknown": lambda side: side.unknown.pk,
        "held": lambda side: side.held.pk,
        "queued": lambda side: side.queued.pk,
        "failed": lambda side: side.delivery.pk,
        "correlation": lambda side: side.code,
        "uid": lambda side: side.account.uid,
        "today": lambda side: timezone.localdate().isoformat(),
        "casetype_code": lambda side: "complaint",
        "page": lambda side: ArticlePage.objects.earliest("pk").pk,
        "parent": lambda side: ColumnPage.objects.earliest("pk").pk,
        "revision": lambda side: ArticlePage.objects.earliest("pk").latest_revision_id,
        "wagtail_site": lambda side: Site.objects.get().pk,
        "wagtail_task": lambda side: Task.objects.first().pk,
        "thanks": lambda side: side.thanks.pk,
    }

    def knowledge(self) -> None:
        """A help centre of one column and one article, and one of each thing the editor keeps."""
        home = cms.lay_site()
        column = home.add_child(instance=ColumnPage(title="银行卡", slug="cards", locale=home.locale))
        article = ArticlePage(title="挂失", slug="lost", short_answer="请立即挂失。", locale=home.locale)
        column.add_child(instance=article)
        article.save_revision().publish()
        document = Document(title="协议")
        document.file.save("terms.txt", ContentFile(b"x"))
        Image.objects.create(title="图", file=get_test_image_file())
        Brand.for_site(Site.objects.get())
        Redirect.objects.create(old_path="/old", redirect_page=article)
        Collection.get_first_root_node().add_child(name="手册")

    def shared(self) -> None:
        calendar = BusinessCalendar.objects.first()
        CalendarDay.objects.get_or_create(calendar=calendar, date=timezone.localdate(), defaults={"kind": "holiday"})
        AlarmRouteFactory(target="ops@bank.example", secret=SECRET)
        hook = Webhook.objects.create(name="ledger", url="http://127.0.0.1:9/x", types="walk.*", secret=SECRET)
        hook.deliveries.create(event_id=uuid4(), event_type="walk.done", status="dead", next_attempt_at=None)
        AlarmNotice.objects.create(alarm=AlarmFactory(), route=AlarmRoute.objects.first(), kind="raised")
        DeadDeliveryFactory()
        Seal.objects.create(number=1, created_at=timezone.now(), streams=1, entries="1 x case:1", digest="0" * 64)
        StreamHead.objects.create(stream="case:1", seq=1, hash="0" * 64)
        Recompute.objects.create(calendar=calendar, reason="correction")
        SurveyRule.objects.get_or_create(type=CaseType.objects.get(code="complaint"))
        PortalPolicy.objects.first() or PortalPolicy.objects.create()
        UrgentMatter.objects.get_or_create(code="lost-card", defaults={"title": "卡丢了", "title_en": "Lost card"})
        PluginState.objects.create(plugin="wire", enabled=True)
        PluginRun.objects.create(plugin="wire", method="poll", kind="error", error="ValueError")
        Circuit.objects.create(plugin="wire", method="poll", state="open")
        PolicyRule.objects.get_or_create(send_class="marketing", channel_kind="email")
        BannedWord.objects.get_or_create(word="保本保息")
        BankDomain.objects.get_or_create(domain="bank.example")


__all__ = ["FAR", "NEAR", "PHONE", "ROLES", "SECRET", "Side", "World", "our_models"]
