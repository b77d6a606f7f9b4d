from django.db import models
from django.utils.translation import gettext_lazy as _


class StreamHead(models.Model):
    """Where a stream ends. Its row is the lock under which a stream grows."""

    stream = models.CharField(_("stream"), max_length=80, primary_key=True)
    seq = models.BigIntegerField(_("last number"), default=0)
    hash = models.CharField(_("last hash"), max_length=64)
    mac = models.CharField(_("mac"), max_length=64, blank=True)
    sealed_seq = models.BigIntegerField(_("sealed up to"), default=0)

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["stream"], name="head_unsealed", condition=models.Q(seq__gt=models.F("sealed_seq"))),
        ]

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq}"


class Seal(models.Model):
    """A keyed signature over where a set of streams stood, chained to the seal before it.

    `entries` holds one line a stream: number, hash, stream. Every event up to that number hangs on that hash.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    created_at = models.DateTimeField(_("at"))
    streams = models.PositiveIntegerField(_("streams"))
    entries = models.TextField(_("entries"))
    prev_digest = models.CharField(_("previous digest"), max_length=64)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["-number"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"#{self.number}"

    def lines(self) -> list[tuple[str, int, str]]:
        """(stream, seq, hash) of every stream this seal covers. Raises ValueError when the text was damaged."""
        parts = (line.split(" ", 2) for line in self.entries.splitlines())
        return [(stream, int(seq), last_hash) for seq, last_hash, stream in parts]
