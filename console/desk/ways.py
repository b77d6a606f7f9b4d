"""Over what an answer can go: the channels of this customer, and what each of them carries, said before typing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.cases.models import Case
from console.channels import gateway
from console.channels.models import AnswerWindow, ChannelAccount, Message
from console.channels.models.account import WORKING
from console.channels.policy.facts import window_of
from console.channels.policy.rules import rule_for
from console.channels.services.windows import ANY_NUMBER
from console.customers.models import Identity
from console.customers.normal import space_of
from console.customers.queries import shown_identity
from console.plugin_api.capabilities import Capabilities, LinkRule, MediaKind
from console.plugin_api.channels import SendClass
from console.plugin_api.segments import capacity

from .present.clocks import moment
from .present.people import Channel, channel

COUNTED = 5000  # a limit nobody reaches by hand is not worth a word
FILES = {
    MediaKind.IMAGE: gettext_lazy("pictures"),
    MediaKind.AUDIO: gettext_lazy("sound"),
    MediaKind.VIDEO: gettext_lazy("video"),
    MediaKind.DOCUMENT: gettext_lazy("documents"),
}


@dataclass(frozen=True)
class Way:
    """One account and one address of the customer that it reaches."""

    account: ChannelAccount
    identity: Identity
    address: str

    @property
    def key(self) -> str:
        return f"{self.account.pk}:{self.identity.pk}"

    @property
    def channel(self) -> Channel:
        return channel(self.account.channel_kind)

    @property
    def level(self) -> "Level":
        return Level.of(self.identity)

    @property
    def rules(self) -> list["Rule"]:
        return rules_of(self.account, None, self.identity)


@dataclass(frozen=True)
class Level:
    """How sure we are of the person behind an address."""

    short: str
    words: Any

    @classmethod
    def of(cls, identity: Identity) -> "Level":
        level = int(identity.current_level)
        return cls(f"L{level}", dict(identity._meta.get_field("level").choices)[level])


@dataclass(frozen=True)
class Rule:
    """One thing the channel does not carry."""

    text: Any
    tone: str = ""


def ways_of(user: Any, case: Case) -> list[Way]:
    """Every address of the case's customer an account in use can write to; one account for each address."""
    if case.customer is None:
        return []
    rows = ChannelAccount.objects.filter(state__in=WORKING).order_by("pk")
    able = [row for row in rows if gateway.capabilities(row).outbound_text]
    able.sort(key=lambda row: (row.pk != case.account_id, row.site_id != case.site_id))
    found = []
    for identity in case.customer.identities.filter(is_blocked=False).order_by("pk"):
        account = next((row for row in able if _reaches(row, identity)), None)
        if account is not None:
            found.append(Way(account, identity, shown_identity(user, identity, case.customer).text))
    return found


def _reaches(account: ChannelAccount, identity: Identity) -> bool:
    return space_of(account.channel_kind) == identity.channel_kind and identity.account_key in ("", str(account.uid))


def limit_of(account: ChannelAccount) -> int:
    """The longest text: what the channel carries, or less where the bank says so."""
    own = rule_for(SendClass.REPLY.value, account.channel_kind).max_length
    return min((one for one in (gateway.capabilities(account).max_length, own) if one), default=0)


def rules_of(account: ChannelAccount, asked: Message | None, identity: Identity | None = None) -> list[Rule]:
    """What is not allowed on this channel, in a few words; `asked` is the message answered there, `identity` whom the
    answer is for."""
    able, found = gateway.capabilities(account), []
    if not able.outbound_text:
        return [Rule(_("This channel cannot send messages"), "red")]
    if able.links is LinkRule.NONE:
        found.append(Rule(_("No links, in no form")))
    elif able.links is LinkRule.BANK_ONLY:
        found.append(Rule(_("Links to the bank's own pages only")))
    if (limit := limit_of(account)) and limit <= COUNTED:
        found.append(Rule(_("At most %(n)d characters") % {"n": limit}))
    found += _texts(able)
    found.append(Rule(_files(able)))
    if able.reply_windows:
        return [*found, _left(window_of(account, identity) if identity else None)]
    return [*found, *_time(able, asked)]


def _texts(able: Capabilities) -> list[Rule]:
    """What a text message is made of: its parts, the signature before it, texts approved beforehand."""
    found = []
    if able.max_segments:
        one, more = capacity(1, gsm=able.gsm_alphabet), capacity(2, gsm=able.gsm_alphabet) // 2
        found.append(
            Rule(_("%(one)d characters in one part, %(more)d in each of several") % {"one": one, "more": more})
        )
    if able.adds:
        found.append(Rule(_("%(signature)s stands before it and counts") % {"signature": able.adds}))
    if able.outbound_template_only:
        found.append(Rule(_("Only texts the provider approved"), "amber"))
    return found


def _files(able: Capabilities) -> str:
    carried = [word for kind, word in FILES.items() if kind in able.media]
    if not carried:
        return _("No files")
    size = able.max_media_bytes or able.max_total_bytes
    words = _("Files") if len(carried) == len(FILES) else _("Only %(kinds)s") % {"kinds": ", ".join(map(str, carried))}
    return _("%(what)s up to %(size)s") % {"what": words, "size": filesizeformat(size)} if size else words


def _left(window: AnswerWindow | None) -> Rule:
    """What is left of the answers the customer's last act allowed, where the provider counts them."""
    if window is None:
        return Rule(_("Only as an answer: the customer must write there first"), "amber")
    if window.expires_at <= timezone.now():
        return _ended(window.expires_at)
    if not window.left:
        return Rule(_("No answer left here until the customer writes again"), "red")
    until = moment(window.expires_at)
    if window.left > ANY_NUMBER // 2:
        return Rule(_("Answers until %(at)s") % {"at": until})
    said = ngettext("%(n)d answer left until %(at)s", "%(n)d answers left until %(at)s", window.left)
    return Rule(said % {"n": window.left, "at": until}, "amber" if window.left == 1 else "")


def _ended(until: datetime) -> Rule:
    return Rule(_("The time for answers here ended %(at)s") % {"at": moment(until)}, "red")


def _time(able: Capabilities, asked: Message | None) -> list[Rule]:
    """Whether the customer must have written, and how long ago at most."""
    if asked is None:
        return [] if able.proactive else [Rule(_("Only as an answer: the customer must write there first"), "amber")]
    if not able.reply_window_hours:
        return []
    until = asked.reached_at + timedelta(hours=able.reply_window_hours)
    if until < timezone.now():
        return [_ended(until)]
    return [Rule(_("Answers until %(at)s") % {"at": moment(until)})]
