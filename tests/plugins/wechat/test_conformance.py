"""The kit that third parties run."""

from pathlib import Path

from console.plugin_api.errors import AnswerLost, RetryLater
from console.plugin_api.testing import ChannelConformance
from plugins.wechat.connector import WechatConnector

from . import accounts

API = "https://api.weixin.qq.com/cgi-bin/"
CODES = {"refused": 40003, "bad_credentials": 40164, "busy": -1}


class TestWechat(ChannelConformance):
    connector = WechatConnector
    payloads = Path(__file__).resolve().parents[3] / "fixtures" / "channels" / "wechat"
    config = accounts.CONFIG
    secrets = accounts.SECRETS
    recipient = accounts.OPENID
    exempt = {
        "verify.body": "WeChat signs the text of Encrypt, not the bytes around it; test_through_the_house changes it.",
        "health": "Asked against the server on loopback in test_wire.",
    }

    def provider_behaves(self, scenario, subject, fake_http):
        fake_http.on("POST", API + "stable_token", body={"access_token": "t" * 136, "expires_in": 7200})
        lost = {"lost_before": RetryLater(1, "no connection"), "lost_after": AnswerLost("time-out")}
        if scenario in lost:
            fake_http.on("POST", API + "message/custom/send", raises=lost[scenario])
        elif scenario == "server_error":
            fake_http.on("POST", API + "message/custom/send", status=503, body="<html>")
        else:
            code = CODES.get(scenario, 0)
            fake_http.on("POST", API + "message/custom/send", body={"errcode": code, "errmsg": "as it says"})

    def test_secrets_never_show(self, connector_instance, fake_context, fake_http):
        fake_http.on("POST", API + "stable_token", body={"errcode": 40125, "errmsg": "no"})
        super().test_secrets_never_show(connector_instance, fake_context)
