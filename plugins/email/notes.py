"""Sentences for the short codes that say what was odd about a mail."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

TEXTS = {
    "charset_unknown": _("The mail names a character set nobody knows; the text was recognised by its bytes."),
    "charset_mislabelled": _("The text is in another character set than the mail says."),
    "charset_wrong": _("The text does not fit the character set the mail names; another one was found."),
    "charset_missing": _("The mail names no character set; it was recognised by its bytes."),
    "charset_damaged": _("Some characters of the text are damaged."),
    "nul_removed": _("NUL bytes were taken out of the text."),
    "encoding_unknown": _("The mail names an unknown transfer encoding."),
    "encoding_wrong": _("The text is not encoded as the mail says."),
    "encoding_damaged": _("The encoding of the text is damaged."),
    "encoding_missing": _("The text was encoded although the mail does not say so."),
    "text_after_base64": _("A text in plain letters was added behind the encoded one."),
    "headers_too_large": _("The header is too large; its end was not read."),
    "headers_too_many": _("The header has too many fields; the last ones were not read."),
    "header_body_separator_missing": _("No empty line divides header and text."),
    "header_folding_broken": _("Lines of the header were broken and have been joined."),
    "boundary_wrong": _("The parts of the mail are not divided as the mail says."),
    "boundary_missing": _("The mail does not say how its parts are divided."),
    "multipart_not_closed": _("The end of the mail is missing; it may be cut off."),
    "nested_too_deep": _("Parts are nested too deep; the innermost were not opened."),
    "too_many_parts": _("The mail has too many parts; the last ones were not opened."),
    "too_many_attachments": _("The mail has too many files; the last ones stay in the original mail."),
    "attachment_too_large": _("A file is too large and stays in the original mail."),
    "too_much_to_decode": _("The mail unpacks to more than is allowed; the rest stays in the original mail."),
    "body_shortened": _("The text is very long and was cut; all of it is attached."),
    "encrypted": _("The mail is encrypted."),
    "signed": _("The mail is signed; the signature was not checked."),
    "outlook_winmail": _("Outlook wrapped the files in winmail.dat; they were unpacked."),
    "resource_fork_left_out": _("A Macintosh resource fork was left out."),
    "alternative_left_out": _("An interactive version of the text was left out."),
    "message_partial": _("This is one piece of a mail that was sent in several."),
    "message_external_body": _("Part of the mail lies on another server."),
    "remote_images_blocked": _("Pictures on other servers were not loaded."),
    "message_id_missing": _("The mail has no Message-ID; one was made from its content."),
    "message_id_long": _("The Message-ID is too long; a short one was made from it."),
    "sender_missing": _("The mail does not say who sent it."),
    "several_senders": _("The mail names several senders."),
    "reply_to_differs": _("Answers are asked for at another address than the sender's."),
    "date_missing": _("The mail has no usable date; the time of arrival is taken."),
    "oversize": _("The mail is larger than allowed; only its header was fetched."),
    "empty": _("The mail is empty."),
}


def explain(codes: Iterable[str]) -> list[dict[str, str]]:
    """Codes with their sentences in the language that is active now."""
    return [{"code": code, "text": str(TEXTS.get(code, code))} for code in codes]
