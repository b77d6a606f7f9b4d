"""SMS by Aliyun: approved templates, signed calls, pushed reports, and a question where an answer was lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
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
from ..approved import filled_in
from ..base import SMS, SmsConnector
from ..clouds import differs, not_approved, object_in, refused_test
from ..forms import AliyunConfigForm
from ..inbound import CHINA, word
from ..numbers import national
from .client import Client, outcome
from .reading import read

WAITING, FAILED, DELIVERED = "1", "2", "3"


class AliyunConnector(SmsConnector):
    """One signature at Aliyun."""

    slug = "sms_aliyun"
    label = gettext_lazy("SMS (Aliyun)")
    config_form = AliyunConfigForm
    # Reports are pushed too; only an account whose push is lost has to be asked.
    capabilities = replace(SMS, outbound_template_only=True, gsm_alphabet=False, receipt_source=ReceiptSource.LOOKUP)
    told = ("endpoint", "max_segments")

    @property
    def client(self) -> Client:
        """Ready to call."""
        endpoint = self.get("endpoint") or "https://dysmsapi.aliyuncs.com"
        return Client(self.ctx, endpoint, self.get("access_key_id"), self.account.secrets.get("access_key_secret", ""))

    # in

    def parse(self, envelope: EnvelopeView) -> list[Parsed]:
        """Reports and answers of one push."""
        return read(envelope.raw, self.get("opt_out_words"))

    def reply(self, envelope: EnvelopeView, turn: Turn) -> PlainResponse:
        """Taken: anything else makes Aliyun push again."""
        return PlainResponse(body=b'{"code":0,"msg":"ok"}', content_type="application/json")

    # out

    def prepared(self, message: OutboundMessage, number: str, key: str) -> dict[str, str]:
        """The parameters of SendSms."""
        template, values = filled_in(message, self.templates, self.wording)
        return {
            "PhoneNumbers": national(number),
            "SignName": self.sign_name,
            "TemplateCode": template.code,
            "TemplateParam": json.dumps(values, ensure_ascii=False),
            "OutId": key,
        }

    def hand_over(self, handed: dict[str, str]) -> SendResult:
        """One call of SendSms."""
        return outcome(self.client.call("SendSms", handed))

    def lookup(self, key: str) -> SendResult:
        """Search the sends of that day to that number for our key."""
        lost = remembered.recall(self.ctx, key)
        if lost is None:
            return SendResult.unknown(code="not_remembered")
        day = lost.at.astimezone(CHINA).strftime("%Y%m%d")
        asked = {"PhoneNumber": national(lost.number), "SendDate": day, "PageSize": "50", "CurrentPage": "1"}
        said = object_in(self.client.call("QuerySendDetails", asked))
        rows = said.get("SmsSendDetailDTOs")
        rows = rows.get("SmsSendDetailDTO") if isinstance(rows, dict) else None
        mine = [row for row in rows or () if isinstance(row, dict) and row.get("OutId") == key]
        if not mine:
            return SendResult.unknown(code="not_found")
        if word(mine[0].get("SendStatus")) == FAILED:
            return SendResult.rejected(word(mine[0].get("ErrCode"), 60) or "failed")
        return SendResult.accepted(code="found")

    # configuration

    def test_connection(self) -> HealthResult:
        """Ask whether the signature and each template are approved: that needs the right keys, and sends nothing."""
        return self.tried(self._approvals, "endpoint", "access_key_secret")

    def _approvals(self) -> HealthResult:
        said = object_in(self.client.call("QuerySmsSign", {"SignName": self.sign_name}))
        wrong = self._refused(said, "signature", "SignStatus")
        for template in self.templates:
            if wrong is not None:
                return wrong
            said = object_in(self.client.call("QuerySmsTemplate", {"TemplateCode": template.code}))
            wrong = self._refused(said, "templates", "TemplateStatus") or differs(template, said.get("TemplateContent"))
        return wrong or HealthResult(state=HealthState.OK, detail=_("Signature and templates are approved."))

    def _refused(self, said: Mapping[str, Any], field: str, status: str) -> HealthResult | None:
        code = word(said.get("Code"), 100)
        if code != "OK":
            return refused_test("aliyun", code, word(said.get("Message")), field)
        approved = word(said.get(status)) == "1"
        return None if approved else not_approved(word(said.get("TemplateName")) or field, field)
