"""Identity of the installation, languages and time."""

from django.utils.translation import gettext_lazy as _

from .env import BASE_DIR, HOME, env

VERSION = "0.1.0"
HUIYIN_HOME = HOME
# Demo: fictional bank, printed passwords, embedded mailbox. Refused in production (console/settings/security.py).
HUIYIN_DEMO = env.bool("HUIYIN_DEMO", default=False)
# How the organisation calls itself in what it sends.
HUIYIN_BANK_NAME = env.str("HUIYIN_BANK_NAME", default="")
HUIYIN_BANK_NAME_EN = env.str("HUIYIN_BANK_NAME_EN", default="")
HUIYIN_HOTLINE = env.str("HUIYIN_HOTLINE", default="")
# Where letters look for fonts; one with Chinese letters must be there (Debian: fonts-noto-cjk).
LETTER_FONTS = env.list("HUIYIN_LETTER_FONTS", default=["/usr/share/fonts/opentype/noto", str(HOME / "fonts")])
HUIYIN_SAFE_MODE = env.bool("HUIYIN_SAFE_MODE", default=False)
HUIYIN_PLUGINS = env.list("HUIYIN_PLUGINS", default=[])
HUIYIN_METRICS_FROM = env.list("HUIYIN_METRICS_FROM", default=[])
HUIYIN_BASE_URL = env.str("HUIYIN_BASE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}")

USE_I18N = True
# A case type is edited on one page: each of its rows brings a dozen fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000
USE_TZ = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
WAGTAIL_SITE_NAME = "Huiyin"
# Language and time zone are set once, in the account; one choice each takes them off Wagtail's account page.
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES[:1]
WAGTAIL_USER_TIME_ZONES = ["Asia/Shanghai"]
# Nothing asks the internet, and nothing advertises another product's news.
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILADMIN_BASE_URL = HUIYIN_BASE_URL
WAGTAILDOCS_SERVE_METHOD = "serve_view"
LOCALE_PATHS = [BASE_DIR / "console" / "locale"]
TIME_ZONE = env.str("HUIYIN_TIME_ZONE", default="Asia/Shanghai")

EMAIL_CONFIG = env.email("EMAIL_URL", default="dummymail://")
globals().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="huiyin@localhost")
