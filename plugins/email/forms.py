"""What an administrator is asked when a mail account is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from console.plugin_api.forms import ConfigForm, SecretField

from .mime.addresses import normal_address

TRANSPORTS = (("maildir", _("Maildir folders on this machine")), ("imap_smtp", _("IMAP and SMTP server")))
SECURITY = (
    ("tls", _("TLS from the start")),
    ("starttls", _("STARTTLS")),
    ("none", _("None (inside one machine only)")),
)
THREADS = (
    ("plus", _("Token in the reply address (name+token@…)")),
    ("subject", _("Tag in the subject ([#T42])")),
    ("both", _("Both")),
    ("none", _("Neither: only Message-IDs")),
)
BACKLOG = (("all", _("Everything in the folder")), ("new", _("Only mail that comes from now on")))
AUTH = (("password", _("Password or authorisation code")), ("oauth2", _("OAuth 2 (Microsoft 365, Google)")))
NEEDED = {
    "maildir": ("maildir_in", "maildir_out"),
    "imap_smtp": ("imap_host", "imap_user", "smtp_host"),
}


class EmailConfigForm(ConfigForm):
    """One form for all transports; which fields are needed depends on `transport`."""

    address = forms.EmailField(label=_("Mail address"), help_text=_("Customers write to it and see it as the sender."))
    from_name = forms.CharField(
        label=_("Name of the sender"),
        required=False,
        max_length=80,
        help_text=_("Shown beside the address, for example the bank's service team."),
    )
    aliases = forms.CharField(
        label=_("Other addresses of this mailbox"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One in each line. Mail to and from them counts as ours."),
    )
    transport = forms.ChoiceField(label=_("How mail travels"), choices=TRANSPORTS)

    maildir_in = forms.CharField(
        label=_("Maildir for incoming mail"),
        required=False,
        help_text=_("A file put into its folder new/ is a mail received."),
    )
    maildir_out = forms.CharField(
        label=_("Maildir for outgoing mail"),
        required=False,
        help_text=_("What we send is written into its folder new/."),
    )

    imap_host = forms.CharField(label=_("IMAP server"), required=False)
    imap_port = forms.IntegerField(label=_("IMAP port"), required=False, min_value=1, max_value=65535, initial=993)
    imap_security = forms.ChoiceField(label=_("IMAP encryption"), required=False, choices=SECURITY, initial="tls")
    imap_user = forms.CharField(label=_("IMAP user"), required=False)
    imap_password = SecretField(
        label=_("IMAP password"),
        required=False,
        help_text=_("For 163, 126 and QQ: the authorisation code, not the password of the web page."),
    )
    imap_folder = forms.CharField(label=_("Folder to read"), required=False, initial="INBOX")
    processed_folder = forms.CharField(
        label=_("Folder for stored mail"),
        required=False,
        initial="Processed",
        help_text=_("Mail is moved there after it was stored here. Empty: it stays and is marked as read."),
    )
    failed_folder = forms.CharField(
        label=_("Folder for mail that could not be fetched whole"), required=False, initial="Failed"
    )
    backlog = forms.ChoiceField(label=_("At first"), required=False, choices=BACKLOG, initial="all")

    smtp_host = forms.CharField(label=_("SMTP server"), required=False)
    smtp_port = forms.IntegerField(label=_("SMTP port"), required=False, min_value=1, max_value=65535, initial=587)
    smtp_security = forms.ChoiceField(label=_("SMTP encryption"), required=False, choices=SECURITY, initial="starttls")
    smtp_user = forms.CharField(
        label=_("SMTP user"), required=False, help_text=_("Empty: the server takes mail without sign-in.")
    )
    smtp_password = SecretField(label=_("SMTP password"), required=False)

    auth = forms.ChoiceField(label=_("Sign-in"), required=False, choices=AUTH, initial="password")
    oauth_token_url = forms.URLField(label=_("OAuth token address"), required=False, assume_scheme="https")
    oauth_client_id = forms.CharField(label=_("OAuth client"), required=False)
    oauth_scope = forms.CharField(label=_("OAuth scope"), required=False)
    oauth_client_secret = SecretField(label=_("OAuth client secret"), required=False)
    oauth_refresh_token = SecretField(
        label=_("OAuth refresh token"), required=False, help_text=_("Empty for an application that signs in by itself.")
    )

    verify_certificates = forms.BooleanField(label=_("Check the servers' certificates"), required=False, initial=True)
    thread_by = forms.ChoiceField(
        label=_("How answers find their conversation"),
        required=False,
        choices=THREADS,
        initial="plus",
        help_text=_("163, 126 and QQ mailboxes know no plus addresses: choose the subject."),
    )
    verp = forms.BooleanField(
        label=_("Own return address for each mail"),
        required=False,
        help_text=_("Makes bounces certain; needs plus addresses."),
    )
    authserv_id = forms.CharField(
        label=_("Name of your mail gateway"),
        required=False,
        help_text=_("As it stands in Authentication-Results. Empty: the sender's domain is never believed."),
    )
    trusted_hops = forms.IntegerField(
        label=_("Own servers a mail passes"),
        required=False,
        min_value=0,
        max_value=10,
        initial=1,
        help_text=_("So many Received lines are believed when the time of arrival is read."),
    )
    max_mail_mb = forms.IntegerField(
        label=_("Largest incoming mail (MB)"), required=False, min_value=1, max_value=100, initial=30
    )
    max_send_mb = forms.IntegerField(
        label=_("Largest outgoing mail (MB)"), required=False, min_value=1, max_value=100, initial=20
    )

    groups = (
        (_("Mailbox"), ("address", "from_name", "aliases", "transport")),
        (_("Maildir folders"), ("maildir_in", "maildir_out")),
        (
            _("Receiving (IMAP)"),
            (
                *("imap_host", "imap_port", "imap_security", "imap_user", "imap_password"),
                *("imap_folder", "processed_folder", "failed_folder", "backlog"),
            ),
        ),
        (_("Sending (SMTP)"), ("smtp_host", "smtp_port", "smtp_security", "smtp_user", "smtp_password")),
        (
            _("Sign-in"),
            (
                *("auth", "oauth_token_url", "oauth_client_id", "oauth_scope"),
                *("oauth_client_secret", "oauth_refresh_token", "verify_certificates"),
            ),
        ),
        (
            _("Handling of mail"),
            ("thread_by", "verp", "authserv_id", "trusted_hops", "max_mail_mb", "max_send_mb"),
        ),
    )
    only_when = {
        **dict.fromkeys(("maildir_in", "maildir_out"), ("transport", "maildir")),
        **dict.fromkeys((*groups[2][1], *groups[3][1], "auth", "verify_certificates"), ("transport", "imap_smtp")),
        **{name: ("auth", "oauth2") for name in groups[4][1] if name.startswith("oauth_")},
    }

    def clean_address(self) -> str:
        """The address in the form it is compared by."""
        return normal_address(self.cleaned_data["address"])

    def clean_aliases(self) -> str:
        """One normal address in each line."""
        found = []
        for line in self.cleaned_data["aliases"].replace(",", "\n").split():
            address = normal_address(line)
            if not address:
                raise forms.ValidationError(_("“%(line)s” is not a mail address."), params={"line": line})
            found.append(address)
        return "\n".join(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        """Fields the chosen transport cannot do without."""
        data = super().clean() or self.cleaned_data
        for name in NEEDED.get(data.get("transport", ""), ()):
            if not data.get(name):
                self.add_error(name, forms.ValidationError(_("This field is needed."), code="required"))
        for name in ("maildir_in", "maildir_out"):
            if data.get(name) and not Path(data[name]).is_absolute():
                self.add_error(name, forms.ValidationError(_("Write the whole path, from the root.")))
        same = data.get("maildir_in") and data.get("maildir_in") == data.get("maildir_out")
        if data.get("transport") == "maildir" and same:
            self.add_error("maildir_out", forms.ValidationError(_("Incoming and outgoing mail need two folders.")))
        return data
