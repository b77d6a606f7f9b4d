"""One account for each way of sending, as an administrator would set it up."""

import json

TOKEN = "hook-token-9f31"
CODE = "您的验证码为${code}，${minutes}分钟内有效，请勿告知他人。"
NOTICE = "尊敬的客户，您反映的事项（编号${ref}）已受理。"

ALIYUN = {
    "endpoint": "https://dysmsapi.aliyuncs.com",
    "access_key_id": "testid",
    "signature": "回音银行",
    "templates": f"SMS_1 | {CODE}\nSMS_2 | {NOTICE}",
    "max_segments": 4,
    "opt_out_words": "T, TD, 退订",
}
ALIYUN_SECRETS = {"access_key_secret": "aliyun-secret-7Q", "hook_token": TOKEN}
TENCENT = {
    "endpoint": "https://sms.tencentcloudapi.com",
    "region": "ap-guangzhou",
    "app_id": "1400006666",
    "secret_id": "testid",
    "signature": "回音银行",
    "templates": "1001 | 您的验证码为{1}，{2}分钟内有效，请勿告知他人。",
    "max_segments": 4,
    "opt_out_words": "T, TD, 退订",
}
TENCENT_SECRETS = {"secret_key": "tencent-secret-7Q", "hook_token": TOKEN}
GATEWAY = {
    "signature": "回音银行",
    "signed_by": "us",
    "gsm": False,
    "max_segments": 4,
    "suffixes": "reply:zh-hans | 感谢您的来信。",
    "opt_out_words": "T, TD, 退订",
    "url": "https://gateway.example/send?user={account}",
    "method": "POST",
    "body_kind": "json",
    "body": json.dumps({"to": "{phone}", "msg": "{text}", "ref": "{key}", "ts": "{timestamp}"}),
    "headers": "X-Sign: {sign}",
    "account_id": "bank 1",
    "phone_spelling": "digits",
    "stamp": "unix",
    "sign_kind": "hmac_sha256",
    "sign_over": "{timestamp}.{body}",
    "sign_written": "hex",
    "success_path": "code",
    "success_values": "0",
    "busy_values": "107",
    "denied_values": "101",
    "id_path": "data.id",
    "detail_path": "msg",
    "hook_check": "hmac",
    "hook_header": "X-Signature",
    "hook_answer": "OK",
    "items": "reports",
    "receipt_id": "msgid",
    "receipt_key": "ref",
    "receipt_status": "stat",
    "receipt_time": "at",
    "delivered_values": "DELIVRD",
    "failed_values": "UNDELIV, EXPIRED",
    "dead_values": "NOEXIST",
    "reply_phone": "from",
    "reply_text": "text",
    "reply_id": "mo",
    "reply_time": "at",
}
GATEWAY_SECRETS = {"secret": "gateway-secret-7Q", "hook_token": TOKEN}
