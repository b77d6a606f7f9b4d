"""The kit that third parties run, over the three ways of sending a text message."""

from pathlib import Path
from typing import ClassVar

from console.plugin_api.channels import Address, OutboundMessage, Participant, ParticipantRole
from console.plugin_api.errors import AnswerLost, RetryLater
from console.plugin_api.testing import ChannelConformance
from plugins.sms.aliyun.connector import AliyunConnector
from plugins.sms.gateway.connector import GatewayConnector
from plugins.sms.tencent.connector import TencentConnector

from . import accounts

RECORDED = Path(__file__).resolve().parents[3] / "fixtures" / "channels" / "sms"
SIGNS_NOTHING = {"verify.body": "The provider signs nothing; the secret in the address is checked."}


class Sms(ChannelConformance):
    __test__ = False
    recipient = "+8613800138001"
    address: ClassVar[str]
    taken: ClassVar[object]
    text = "您的验证码为830912，5分钟内有效，请勿告知他人。"

    def outbound(self):
        someone = Participant(ParticipantRole.TO, Address(self.recipient))
        return OutboundMessage(key="kit-0001", recipients=(someone,), text=self.text)

    def refusal(self, scenario):
        raise NotImplementedError

    def provider_behaves(self, scenario, subject, fake_http):
        lost = {"lost_before": RetryLater(1, "no connection"), "lost_after": AnswerLost("time-out")}
        if scenario in lost:
            fake_http.on("POST", self.address, raises=lost[scenario])
        elif scenario == "server_error":
            fake_http.on("POST", self.address, status=503, body="<html>unavailable</html>")
        else:
            fake_http.on("POST", self.address, body=self.taken if scenario == "accepted" else self.refusal(scenario))

    def test_a_lost_answer_can_be_asked_for(self, subject, fake_http, fake_context):
        self.provider_behaves("lost_after", subject, fake_http)
        subject.send(self.outbound(), "kit-0001")
        assert list(fake_context.store.get("unknown")) == ["kit-0001"]


class TestAliyun(Sms):
    __test__ = True
    connector = AliyunConnector
    payloads = RECORDED / "aliyun"
    config = accounts.ALIYUN
    secrets = accounts.ALIYUN_SECRETS
    address = "https://dysmsapi.aliyuncs.com/?"
    taken = {"Code": "OK", "BizId": "9006^0"}
    exempt = {**SIGNS_NOTHING, "health": "Asked with prepared answers in test_aliyun, in every state of approval."}

    def test_secrets_never_show(self, connector_instance, fake_context, fake_http):
        fake_http.on("POST", self.address, body={"Code": "SignatureDoesNotMatch", "Message": "no"})
        super().test_secrets_never_show(connector_instance, fake_context)

    def refusal(self, scenario):
        codes = {
            "refused": "isv.MOBILE_NUMBER_ILLEGAL",
            "bad_credentials": "SignatureDoesNotMatch",
            "busy": "isv.BUSINESS_LIMIT_CONTROL",
        }
        return {"Code": codes[scenario], "Message": "as it says"}


class TestTencent(Sms):
    __test__ = True
    connector = TencentConnector
    payloads = RECORDED / "tencent"
    config = accounts.TENCENT
    secrets = accounts.TENCENT_SECRETS
    address = "https://sms.tencentcloudapi.com/"
    taken = {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "5000:1"}]}}
    exempt = {**SIGNS_NOTHING, "health": "Asked with prepared answers in test_tencent, in every state of approval."}

    def test_secrets_never_show(self, connector_instance, fake_context, fake_http):
        fake_http.on("POST", self.address, body=self.refusal("bad_credentials"))
        super().test_secrets_never_show(connector_instance, fake_context)

    def refusal(self, scenario):
        if scenario == "bad_credentials":
            return {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "no"}}}
        code = (
            "FailedOperation.PhoneNumberInBlacklist"
            if scenario == "refused"
            else "LimitExceeded.PhoneNumberOneHourLimit"
        )
        return {"Response": {"SendStatusSet": [{"Code": code, "Message": "as it says", "SerialNo": ""}]}}


class TestGateway(Sms):
    __test__ = True
    connector = GatewayConnector
    payloads = RECORDED / "gateway"
    config = accounts.GATEWAY
    secrets = accounts.GATEWAY_SECRETS
    address = "https://gateway.example/send"
    taken = {"code": 0, "data": {"id": "g-1"}}
    exempt = {"health": "Asked with prepared answers in test_gateway."}

    def test_secrets_never_show(self, connector_instance, fake_context, fake_http):
        fake_http.on("GET", self.address, status=403)
        super().test_secrets_never_show(connector_instance, fake_context)

    def refusal(self, scenario):
        return {"code": {"refused": 9, "bad_credentials": 101, "busy": 107}[scenario], "msg": "as it says"}
