"""Who gets in: allauth, second factor, brute force, idle time-out, single sign-on."""

from .env import env

DEMO = env.bool("HUIYIN_DEMO", default=False)

AUTHENTICATION_BACKENDS = ["console.staff.backends.StaffBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
# Not the sign-in page itself: it would send back whoever is signed in and may not edit, in a circle.
WAGTAILADMIN_LOGIN_URL = "/cms/login/"
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False

ACCOUNT_ADAPTER = "console.staff.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_FORMS = {"login": "console.staff.forms.LoginForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
# A centre of hundreds sits behind one address, so the limit per address is wide and the one per account narrow.
ACCOUNT_RATE_LIMITS = {
    "login": f"{env.int('HUIYIN_SIGN_INS_PER_IP', default=300)}/m/ip",
    "login_failed": f"{env.int('HUIYIN_FAILURES_PER_IP', default=60)}/m/ip,5/300s/key",
    "reset_password": "20/m/ip,3/m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("HUIYIN_PROXIES", default=0)

MFA_ADAPTER = "console.staff.adapters.MFAAdapter"
MFA_FORMS = {
    "add_webauthn": "console.staff.forms.AddWebAuthnForm",
    "authenticate": "console.staff.forms.AuthenticateForm",
    "reauthenticate": "console.staff.forms.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = env.str("HUIYIN_SITE_NAME", default="Huiyin")
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
# Roles that must set up a second factor before anything else; "*" is everybody, empty nobody.
HUIYIN_REQUIRE_MFA = env.list("HUIYIN_REQUIRE_MFA", default=[] if DEMO else ["*"])
# A single sign-on that asks for its own second factor needs none of ours.
HUIYIN_OIDC_IS_SECOND_FACTOR = env.bool("HUIYIN_OIDC_IS_SECOND_FACTOR", default=True)

# Minutes without a deed until a session ends; roles may shorten it; 0 switches it off.
HUIYIN_IDLE_MINUTES = env.int("HUIYIN_IDLE_MINUTES", default=480 if DEMO else 30)
HUIYIN_UNMASK_PER_HOUR = env.int("HUIYIN_UNMASK_PER_HOUR", default=30)

SOCIALACCOUNT_ADAPTER = "console.staff.adapters.SocialAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
# One click: a form could not lead to the directory, for the content policy keeps forms in the house. What comes back
# is bound to this browser by state and PKCE.
SOCIALACCOUNT_LOGIN_ON_GET = True
# The claim that names our username.
HUIYIN_OIDC_USERNAME_CLAIM = env.str("HUIYIN_OIDC_USERNAME_CLAIM", default="preferred_username")
SOCIALACCOUNT_PROVIDERS = {}
if env.str("HUIYIN_OIDC_URL", default=""):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env.str("HUIYIN_OIDC_NAME", default="SSO"),
                "client_id": env.str("HUIYIN_OIDC_CLIENT_ID"),
                "secret": env.str("HUIYIN_OIDC_SECRET", default=""),
                "settings": {"server_url": env.str("HUIYIN_OIDC_URL")},
            }
        ],
    }

# Sessions are read from where they can be revoked: process-local caches would keep a revoked one alive.
SESSION_ENGINE = (
    "django.contrib.sessions.backends.cached_db"
    if env.str("REDIS_URL", default="")
    else "django.contrib.sessions.backends.db"
)
