"""Masks: what people may see of a number, and texts with every secret replaced by a token."""

from .numbers import digits_of
from .scan import Finding, scan

_TOKENS = {
    "card": "[卡号 ****{tail}]",
    "identity": "[证件号 ****{tail}]",
    "mobile": "[手机号 ****{tail}]",
    "landline": "[电话 ****{tail}]",
    "phone": "[电话 ****{tail}]",
    "cvv": "[安全码 ***]",
    "code": "[验证码 ******]",
}


def mask_text(text: str) -> str:
    """The text with card, security-code, one-time-code, identity and phone numbers replaced by tokens.

    Masking a masked text changes nothing. References such as HY-2026-004217 and amounts stay.
    """
    return _replace(text, scan(text))


def redact(text: str) -> str:
    """As `mask_text`, and mail addresses too: for logs and error reports."""
    return _replace(text, scan(text, emails=True))


def _replace(text: str, found: list[Finding]) -> str:
    if not found:
        return text
    parts, at = [], 0
    for finding in found:
        parts.append(text[at : finding.start])
        parts.append(_token(finding))
        at = finding.end
    parts.append(text[at:])
    return "".join(parts)


def _token(finding: Finding) -> str:
    if finding.kind == "email":
        return mask_email(finding.value)
    return _TOKENS[finding.kind].format(tail=finding.value[-4:])


def mask_email(address: str) -> str:
    """`z***@example.com`: the first letter and the domain."""
    local, at, domain = address.rpartition("@")
    if not at:
        return "***"
    return f"{local[:1] if len(local) > 1 else ''}***@{domain}"


def mask_phone(number: str) -> str:
    """`138****5678`: enough to recognise, too little to call."""
    digits = digits_of(number)
    if len(digits) < 7:
        return "*" * len(digits)
    head = 3 if len(digits) >= 10 else 0
    return f"{digits[:head]}****{digits[-4:]}"


def mask_tail(value: str, keep: int = 4) -> str:
    """`****1234`: identity and card numbers, customer numbers."""
    value = "".join(char for char in value if char.isalnum())
    return "****" + value[-keep:] if len(value) > keep else "****"


def mask_name(name: str) -> str:
    """`张**`, `J*** S****`: the first character of each word, and how long the rest is."""
    return " ".join(word[0] + "*" * max(len(word) - 1, 1) for word in name.split())
