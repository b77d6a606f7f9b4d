"""What an administrator is asked when an SMS account is made."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.plugin_api.forms import ConfigForm, SecretField
from console.plugin_api.links import find_links

from .approved import read_templates
from .gateway.filling import pairs_in
from .optout import DEFAULT
from .wording import read_suffixes

LINES = forms.Textarea(attrs={"rows": 4})
TEMPLATE_HELP = _("One in each line: code | approved text, with ${name} or {1} where something changes.")


def _lines(label: Any, help_text: Any = "", **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, required=False, widget=forms.Textarea(attrs={"rows": 4}), **options
    )


class SmsForm(ConfigForm):
    """What every way asks."""

    signature = forms.CharField(
        label=_("Signature"),
        max_length=20,
        help_text=_(
            "Shown in 【】 before every text and counted with it. As approved by the provider, without brackets."
        ),
    )
    max_segments = forms.IntegerField(
        label=_("Parts of one message at most"),
        min_value=1,
        max_value=8,
        initial=4,
        help_text=_("One part holds 70 characters, several hold 67 each."),
    )
    opt_out_words = _lines(
        _("Words that mean “no more”"), _("Alone in an answer they end marketing and surveys."), initial=DEFAULT
    )
    hook_token = SecretField(
        label=_("Secret of the receipt address"),
        help_text=_("Give the provider the account's webhook address with ?token= and this secret behind it."),
    )

    def clean_signature(self) -> str:
        """Words only: a link in a signature would be in every message."""
        name = self.cleaned_data["signature"].strip().strip("【】[]").strip()
        if find_links(name):
            raise forms.ValidationError(_("A text message never carries a link."), code="link")
        return name

    def _refuse(self, name: str, error: ValueError) -> None:
        text = _("This line cannot be used: %(line)s") % {"line": str(error)[:80]}
        self.add_error(name, forms.ValidationError(text, code="bad_line"))


class TemplatesForm(SmsForm):
    """Where every text is approved beforehand."""

    templates = forms.CharField(label=_("Approved templates"), help_text=TEMPLATE_HELP, widget=LINES)

    def clean(self) -> dict[str, Any]:
        """Lines that are templates."""
        data = super().clean() or self.cleaned_data
        try:
            read_templates(data.get("templates") or "")
        except ValueError as error:
            self._refuse("templates", error)
        return data


class AliyunConfigForm(TemplatesForm):
    """Aliyun: a RAM user's key that may use SMS only."""

    access_key_id = forms.CharField(label=_("AccessKey ID"), max_length=100)
    access_key_secret = SecretField(label=_("AccessKey secret"))
    endpoint = forms.URLField(
        label=_("Address of the service"), initial="https://dysmsapi.aliyuncs.com", assume_scheme="https"
    )

    groups = (
        (_("Provider"), ("endpoint", "access_key_id", "access_key_secret")),
        (_("Texts"), ("signature", "templates", "max_segments")),
        (_("Receipts and answers"), ("hook_token", "opt_out_words")),
    )


class TencentConfigForm(TemplatesForm):
    """Tencent Cloud: a sub-account's key and an SMS application."""

    secret_id = forms.CharField(label=_("SecretId"), max_length=100)
    secret_key = SecretField(label=_("SecretKey"))
    app_id = forms.CharField(label=_("SMS application (SdkAppId)"), max_length=40)
    region = forms.CharField(label=_("Region"), initial="ap-guangzhou", max_length=40)
    endpoint = forms.URLField(
        label=_("Address of the service"), initial="https://sms.tencentcloudapi.com", assume_scheme="https"
    )

    groups = (
        (_("Provider"), ("endpoint", "region", "app_id", "secret_id", "secret_key")),
        (_("Texts"), ("signature", "templates", "max_segments")),
        (_("Receipts and answers"), ("hook_token", "opt_out_words")),
    )


class GatewayConfigForm(SmsForm):
    """Any gateway: its request, its answer, its calls."""

    signature = forms.CharField(
        label=_("Signature"),
        max_length=20,
        required=False,
        help_text=_("Shown in 【】 before every text and counted with it."),
    )
    signed_by = forms.ChoiceField(
        label=_("Who adds the signature"),
        choices=(("us", _("We do, in the text")), ("gateway", _("The gateway does"))),
        initial="us",
    )
    gsm = forms.BooleanField(
        label=_("Latin texts are sent as GSM-7"),
        required=False,
        help_text=_("160 characters in one part, 153 in several. Chinese gateways do not."),
    )
    suffixes = _lines(
        _("Suffixes"),
        _(
            "One in each line: class | text, or class:language | text. Added where there is room; of several, one each "
            "time. Classes: reply, service, marketing, statutory_notice, security_code."
        ),
    )
    templates = _lines(_("Approved templates"), _("Only where the gateway wants them: code | approved text."))

    url = forms.CharField(label=_("Address"), max_length=500)
    method = forms.ChoiceField(label=_("Method"), choices=(("POST", "POST"), ("GET", "GET"), ("PUT", "PUT")))
    body_kind = forms.ChoiceField(
        label=_("Fields travel as"),
        choices=(("json", "JSON"), ("form", _("a form")), ("query", _("part of the address"))),
    )
    body = _lines(
        _("Fields"),
        _(
            "JSON, or name=value lines. Places: {phone} {text} {key} {signature} {template} {params} {account} "
            "{secret} {timestamp} {nonce} {sign}."
        ),
    )
    headers = _lines(_("Headers"), _("One in each line: Name: value."))
    account_id = forms.CharField(label=_("Account at the gateway"), required=False, max_length=200)
    secret = SecretField(label=_("Key or password"), required=False)
    phone_spelling = forms.ChoiceField(
        label=_("Numbers are written"),
        choices=(("e164", "+8613800138000"), ("digits", "8613800138000"), ("national", "13800138000")),
    )
    stamp = forms.ChoiceField(
        label=_("Time is written"),
        choices=(
            ("unix", _("seconds")),
            ("unix_ms", _("milliseconds")),
            ("digits", "20261124093000"),
            ("iso", "2026-11-24T09:30:00+08:00"),
        ),
    )
    sign_kind = forms.ChoiceField(
        label=_("Signed with"),
        choices=(
            ("none", _("no signature")),
            ("md5", "MD5"),
            ("sha1", "SHA-1"),
            ("sha256", "SHA-256"),
            ("hmac_sha1", "HMAC-SHA1"),
            ("hmac_sha256", "HMAC-SHA256"),
        ),
    )
    sign_over = forms.CharField(
        label=_("What is signed"),
        required=False,
        max_length=500,
        help_text=_("For example {account}{secret}{timestamp}, {body}, or {sorted}{secret} for all fields by name."),
    )
    sign_written = forms.ChoiceField(
        label=_("Signature is written"),
        choices=(("hex", "0f3a…"), ("upper", "0F3A…"), ("base64", "Base64")),
    )

    success_path = forms.CharField(
        label=_("Where the answer says how it went"),
        required=False,
        max_length=100,
        help_text=_("For example code or data.0.status. Empty: the beginning of the text is read."),
    )
    success_values = forms.CharField(label=_("Taken means"), required=False, help_text=_("For example 0, OK"))
    busy_values = forms.CharField(label=_("Try later means"), required=False)
    denied_values = forms.CharField(label=_("Wrong key means"), required=False)
    id_path = forms.CharField(label=_("Where the message's name stands"), required=False, max_length=100)
    detail_path = forms.CharField(label=_("Where the reason stands"), required=False, max_length=100)
    test_url = forms.CharField(
        label=_("Address for tests"),
        required=False,
        max_length=500,
        help_text=_("Read without sending anything, the balance for example."),
    )

    hook_check = forms.ChoiceField(
        label=_("Calls are checked by"),
        choices=(("token", _("the secret in the address")), ("hmac", _("a HMAC-SHA256 of the body"))),
    )
    hook_header = forms.CharField(label=_("Header with the HMAC"), required=False, initial="X-Signature")
    hook_answer = forms.CharField(label=_("What we answer"), required=False, initial="OK", max_length=200)
    poll_url = forms.CharField(
        label=_("Address to ask for receipts"), required=False, max_length=500, help_text=_("Empty: it calls us.")
    )
    items = forms.CharField(label=_("Where the list stands"), required=False, max_length=100)
    receipt_id = forms.CharField(label=_("Receipt: message's name"), required=False, max_length=100)
    receipt_key = forms.CharField(label=_("Receipt: our {key}"), required=False, max_length=100)
    receipt_status = forms.CharField(label=_("Receipt: state"), required=False, max_length=100)
    receipt_time = forms.CharField(label=_("Receipt: time"), required=False, max_length=100)
    receipt_detail = forms.CharField(label=_("Receipt: reason"), required=False, max_length=100)
    delivered_values = forms.CharField(
        label=_("Delivered means"), required=False, help_text=_("For example DELIVRD, 0")
    )
    failed_values = forms.CharField(label=_("Failed means"), required=False)
    dead_values = forms.CharField(label=_("No such number means"), required=False)
    reply_phone = forms.CharField(label=_("Answer: number"), required=False, max_length=100)
    reply_text = forms.CharField(label=_("Answer: text"), required=False, max_length=100)
    reply_id = forms.CharField(label=_("Answer: its name"), required=False, max_length=100)
    reply_time = forms.CharField(label=_("Answer: time"), required=False, max_length=100)

    groups = (
        (_("Request"), ("url", "method", "body_kind", "body", "headers", "account_id", "secret")),
        (_("Spelling and signing"), ("phone_spelling", "stamp", "sign_kind", "sign_over", "sign_written")),
        (
            _("The gateway's answer"),
            (
                *("success_path", "success_values", "busy_values", "denied_values"),
                *("id_path", "detail_path", "test_url"),
            ),
        ),
        (_("Texts"), ("signature", "signed_by", "gsm", "max_segments", "suffixes", "templates")),
        (
            _("Receipts and answers"),
            (
                *("hook_check", "hook_token", "hook_header", "hook_answer", "poll_url", "items"),
                *("receipt_id", "receipt_key", "receipt_status", "receipt_time", "receipt_detail"),
                *("delivered_values", "failed_values", "dead_values"),
                *("reply_phone", "reply_text", "reply_id", "reply_time", "opt_out_words"),
            ),
        ),
    )
    only_when = {"hook_header": ("hook_check", "hmac")}

    def clean(self) -> dict[str, Any]:
        """Everything that is written in lines, and places that exclude each other."""
        data = super().clean() or self.cleaned_data
        readers = {"suffixes": read_suffixes, "templates": read_templates, "headers": lambda text: pairs_in(text, ":")}
        for name, reader in readers.items():
            try:
                reader(data.get(name) or "")
            except ValueError as error:
                self._refuse(name, error)
        self._clean_body(data)
        for name in ("url", "poll_url", "test_url"):
            if data.get(name) and not data[name].startswith(("https://", "http://")):
                self.add_error(name, forms.ValidationError(_("Write the whole address, with https://.")))
        if data.get("sign_kind", "none") != "none" and not data.get("sign_over"):
            self.add_error("sign_over", forms.ValidationError(_("This field is needed."), code="required"))
        return data

    def _clean_body(self, data: dict[str, Any]) -> None:
        body = data.get("body") or ""
        try:
            json.loads(body or "null") if data.get("body_kind") == "json" else pairs_in(body)
        except json.JSONDecodeError:
            self.add_error("body", forms.ValidationError(_("This is not JSON."), code="json"))
        except ValueError as error:
            self._refuse("body", error)
        if "{body}" in (data.get("sign_over") or "") and "{sign}" in body:
            text = _("A signature over the body cannot stand in the body: put it into a header.")
            self.add_error("sign_over", forms.ValidationError(text, code="circle"))
