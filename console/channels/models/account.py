import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.staff.scopes import ScopedQuerySet, ScopeFields


class AccountState(models.TextChoices):
    """Where an account stands. Envelopes are stored in every state but draft; work waits unless it is working."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    DEGRADED = "degraded", _("Degraded")
    AUTH_FAILED = "auth_failed", _("Sign-in refused")
    PAUSED = "paused", _("Paused")
    ERROR = "error", _("Error")


WORKING = (AccountState.ACTIVE, AccountState.DEGRADED)


class Touchpoint(models.Model):
    """Where a contact happened: a branch lobby, a page of the app, a node of the hotline menu."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    site = models.ForeignKey(
        "staff.Site", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    active = models.BooleanField(_("in use"), default=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(shared_without_site=True, team="")
    scope_permission = "channel.view"

    class Meta:
        verbose_name = _("touchpoint")
        verbose_name_plural = _("touchpoints")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ChannelAccount(models.Model):
    """One configured instance of a connector: one mailbox, one official account, one SMS number."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connector = models.CharField(_("connector"), max_length=60)
    channel_kind = models.CharField(_("kind of channel"), max_length=32, db_index=True)
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(
        _("address"), max_length=254, blank=True, help_text=_("What customers see: a mailbox, a number.")
    )
    aliases = models.JSONField(_("other addresses"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=AccountState, default=AccountState.DRAFT)
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    state_since = models.DateTimeField(_("since"), default=timezone.now)
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    narrowed = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("Where this account can do less than its connector, as found at the last test."),
    )
    schema_version = models.PositiveSmallIntegerField(default=1)
    stamp = models.PositiveIntegerField(default=1, help_text=_("Rises with each change; caches compare it."))
    tested_stamp = models.PositiveIntegerField(
        default=0, help_text=_("Stamp under which the connection was tested well.")
    )
    site = models.ForeignKey(
        "staff.Site", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    team = models.ForeignKey(
        "staff.Team", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    touchpoint = models.ForeignKey(
        Touchpoint, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("touchpoint")
    )
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")

    cursor = models.TextField(default="", blank=True)
    poll_seconds = models.PositiveIntegerField(_("seconds between polls"), default=15)
    next_poll_at = models.DateTimeField(default=timezone.now)
    poll_lease_until = models.DateTimeField(null=True, blank=True)
    poll_leased_by = models.CharField(max_length=100, blank=True, default="", db_default="")
    poll_failures = models.PositiveIntegerField(default=0)
    last_polled_at = models.DateTimeField(_("last polled"), null=True, blank=True)
    last_inbound_at = models.DateTimeField(_("last inbound"), null=True, blank=True)

    send_concurrency = models.PositiveSmallIntegerField(_("sends at once"), default=4)
    send_after = models.DateTimeField(
        null=True, blank=True, help_text=_("The whole account waits until then: the other side is away.")
    )
    send_failures = models.PositiveIntegerField(default=0)

    health = models.CharField(_("health"), max_length=12, blank=True)
    health_detail = models.CharField(_("health, in words"), max_length=300, blank=True)
    health_at = models.DateTimeField(_("health checked"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(shared_without_site=True)
    scope_permission = "channel.view"

    class Meta:
        verbose_name = _("channel account")
        verbose_name_plural = _("channel accounts")
        ordering = ["name"]
        indexes = [models.Index(fields=["state", "next_poll_at"], name="account_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """Stable name of this instance towards plugin_host: credentials, circuits, runs, locks."""
        return str(self.uid)

    @property
    def working(self) -> bool:
        return self.state in WORKING

    def own_addresses(self) -> set[str]:
        """Addresses that are us, in lower case."""
        return {value.lower() for value in (self.address, *self.aliases) if value}


class IntakeDay(models.Model):
    """What the fetcher counted per account and day, kept apart from the envelopes so that the ledger can be checked.

    `fetched` = `stored` + `repeated` (handed over again, e.g. after a lost acknowledgement); rejected calls were never
    stored.
    """

    account = models.ForeignKey(ChannelAccount, models.CASCADE, related_name="intake_days")
    day = models.DateField(_("day"))
    fetched = models.PositiveBigIntegerField(_("fetched"), default=0)
    stored = models.PositiveBigIntegerField(_("stored"), default=0)
    repeated = models.PositiveBigIntegerField(_("handed over again"), default=0)
    rejected = models.PositiveBigIntegerField(_("rejected at the door"), default=0)

    class Meta:
        verbose_name = _("intake of a day")
        verbose_name_plural = _("intake by day")
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="intake_account_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day:%Y-%m-%d}"
