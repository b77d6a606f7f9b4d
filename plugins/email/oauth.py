"""A bearer token for XOAUTH2: fetched over the host's HTTP, kept encrypted, renewed once when refused."""

from __future__ import annotations

from django.utils.translation import gettext as _

from console.plugin_api.channels import AccountView, PluginContext
from console.plugin_api.errors import AuthenticationFailed, ConfigurationError, RetryLater

STORE_KEY = "oauth"
EARLY = 120


class TokenSource:
    """Gives a valid access token; `forget` drops the kept one after the server refused it."""

    def __init__(self, account: AccountView, ctx: PluginContext) -> None:
        self.account = account
        self.ctx = ctx

    def __call__(self) -> str:
        """The kept token, or a new one. Raises the contract's errors."""
        kept = self.ctx.store.get(STORE_KEY)
        if kept:
            return str(kept)
        with self.ctx.lock("oauth"):
            return str(self.ctx.store.get(STORE_KEY) or self._fetch())

    def forget(self) -> None:
        """Drop the kept token."""
        self.ctx.store.delete(STORE_KEY)

    def _fetch(self) -> str:
        config, secrets = self.account.config, self.account.secrets
        if not config.get("oauth_token_url"):
            raise ConfigurationError(_("The address for tokens is missing."), field="oauth_token_url")
        refresh = secrets.get("oauth_refresh_token", "")
        fields = {
            "grant_type": "refresh_token" if refresh else "client_credentials",
            "client_id": config.get("oauth_client_id", ""),
            "client_secret": secrets.get("oauth_client_secret", ""),
            "scope": config.get("oauth_scope", ""),
            **({"refresh_token": refresh} if refresh else {}),
        }
        answer = self.ctx.http.post(
            config["oauth_token_url"], data={name: value for name, value in fields.items() if value}
        )
        if answer.status_code >= 500 or answer.status_code == 429:
            raise RetryLater(120, _("The token server answers %(code)s.") % {"code": answer.status_code})
        body = answer.json() if answer.status_code == 200 else {}
        if not body.get("access_token"):
            raise AuthenticationFailed(_("No token was given (%(code)s).") % {"code": answer.status_code})
        self.ctx.store.set(STORE_KEY, body["access_token"], seconds=max(60, int(body.get("expires_in", 3600)) - EARLY))
        return body["access_token"]
