"""SMS by Tencent Cloud: approved templates, signed calls, callbacks, and a question where an answer was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.plugin_api.channels import (
    EnvelopeView,
    HealthResult,
    HealthState,
    OutboundMessage,
    Parsed,
    PlainResponse,
    ReceiptSource,
    SendResult,
    Turn,
)

from .. import remembered
from ..approved import Approved, filled_in, in_order
from ..base import SMS, SmsConnector
from ..clouds import differs, not_approved, refused_test
from ..forms import TencentConfigForm
from ..inbound import word
from .client import Client, answered, error_in, outcome
from .reading import read

WINDOW = timedelta(minutes=10)


class TencentConnector(SmsConnector):
    """One application at Tencent Cloud."""

    slug = "sms_tencent"
    label = gettext_lazy("SMS (Tencent Cloud)")
    config_form = TencentConfigForm
    # States are called back too; only an account whose callback is lost has to be asked.
    capabilities = replace(SMS, outbound_template_only=True, gsm_alphabet=False, receipt_source=ReceiptSource.LOOKUP)
    told = ("endpoint", "region", "max_segments")

    @property
    def client(self) -> Client:
        """Ready to call."""
        endpoint = self.get("endpoint") or "https://sms.tencentcloudapi.com"
        secret = self.account.secrets.get("secret_key", "")
        return Client(self.ctx, endpoint, self.get("region") or "ap-guangzhou", self.get("secret_id"), secret)

    # in

    def parse(self, envelope: EnvelopeView) -> list[Parsed]:
        """States and answers of one call."""
        return read(envelope.raw, self.get("opt_out_words"))

    def reply(self, envelope: EnvelopeView, turn: Turn) -> PlainResponse:
        """Taken: anything else makes Tencent call again."""
        return PlainResponse(body=b'{"result":0,"errmsg":"OK"}', content_type="application/json")

    # out

    def prepared(self, message: OutboundMessage, number: str, key: str) -> dict[str, Any]:
        """The body of SendSms."""
        template, values = filled_in(message, self.templates, self.wording)
        return {
            "PhoneNumberSet": [number],
            "SmsSdkAppId": self.get("app_id"),
            "SignName": self.sign_name,
            "TemplateId": template.code,
            "TemplateParamSet": in_order(template, values),
            "SessionContext": key,
        }

    def hand_over(self, handed: dict[str, Any]) -> SendResult:
        """One call of SendSms."""
        return outcome(self.client.call("SendSms", handed))

    def lookup(self, key: str) -> SendResult:
        """Search the states of that number around that time for our key."""
        lost = remembered.recall(self.ctx, key)
        if lost is None:
            return SendResult.unknown(code="not_remembered")
        now = self.ctx.clock.now()
        asked = {
            "BeginTime": int((lost.at - WINDOW).timestamp()),
            "EndTime": int(now.timestamp()),
            "Offset": 0,
            "Limit": 100,
            "PhoneNumber": lost.number,
            "SmsSdkAppId": self.get("app_id"),
        }
        rows = answered(self.client.call("PullSmsSendStatusByPhoneNumber", asked)).get("PullSmsSendStatusSet")
        mine = [row for row in rows or () if isinstance(row, dict) and row.get("SessionContext") == key]
        if not mine:
            return SendResult.unknown(code="not_found")
        if word(mine[0].get("ReportStatus")).upper() == "SUCCESS":
            return SendResult.accepted(word(mine[0].get("SerialNo")), code="found")
        return SendResult.rejected(word(mine[0].get("Description"), 60) or "failed")

    # configuration

    def test_connection(self) -> HealthResult:
        """Ask whether the templates are approved: that needs the right keys, and sends nothing."""
        return self.tried(self._approvals, "endpoint", "secret_key")

    def _approvals(self) -> HealthResult:
        wanted = [int(one.code) for one in self.templates if one.code.isdigit()]
        said = answered(self.client.call("DescribeSmsTemplateList", {"International": 0, "TemplateIdSet": wanted}))
        code, detail = error_in(said)
        rows = said.get("DescribeTemplateStatusSet")
        if code or not isinstance(rows, list):
            return refused_test("tencent", code, detail, "templates")
        good = HealthResult(state=HealthState.OK, detail=_("The templates are approved."))
        return _wrong(rows, self.templates) or good


def _wrong(rows: list[Any], templates: tuple[Approved, ...]) -> HealthResult | None:
    """The first template that is not approved, or not with these words."""
    known = {word(row.get("TemplateId")): row for row in rows if isinstance(row, dict)}
    for template in templates:
        row = known.get(template.code, {})
        if word(row.get("StatusCode")) != "0":
            return not_approved(template.code, "templates")
        if (wrong := differs(template, row.get("TemplateContent"))) is not None:
            return wrong
    return None
