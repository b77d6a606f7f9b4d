"""The connector for forms: it only reads. Answers go to the address the customer left, by the channel of that."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from console.plugin_api.channels import (
    Capabilities,
    ChannelClass,
    ChannelConnector,
    EnvelopeView,
    HealthResult,
    HealthState,
    IdentityLevel,
    MediaKind,
    Parsed,
)
from console.plugin_api.submissions import unpack

from .forms import WebformConfigForm
from .reading import read

MEGABYTE = 1024 * 1024


class WebformConnector(ChannelConnector):
    """One set of forms, on one site."""

    slug = "webform"
    label = _("Web form")
    config_form = WebformConfigForm
    capabilities = Capabilities(
        media=frozenset({MediaKind.IMAGE, MediaKind.AUDIO, MediaKind.VIDEO, MediaKind.DOCUMENT}),
        max_media_bytes=50 * MEGABYTE,
        max_total_bytes=100 * MEGABYTE,
        max_inbound_bytes=101 * MEGABYTE,
        channel_class=ChannelClass.PRIVATE,
        identity_max=IdentityLevel.L3,
    )

    def capabilities_for_account(self) -> Capabilities:
        """Sizes as configured."""
        file = int(self.account.config.get("max_file_mb") or 20) * MEGABYTE
        whole = int(self.account.config.get("max_total_mb") or 50) * MEGABYTE
        return replace(
            self.capabilities,
            max_media_bytes=min(file, self.capabilities.max_media_bytes),
            max_total_bytes=min(whole, self.capabilities.max_total_bytes),
        )

    def test_connection(self) -> HealthResult:
        """Nothing to reach: the form is a page of ours."""
        return HealthResult(state=HealthState.OK)

    def health_check(self) -> HealthResult:
        """As well as the page itself."""
        return HealthResult(state=HealthState.OK)

    def parse(self, envelope: EnvelopeView) -> list[Parsed]:
        """The one message in a form. Raises `PermanentFailure` for bytes that are none: they are set aside."""
        return [read(unpack(envelope.raw), envelope)]
