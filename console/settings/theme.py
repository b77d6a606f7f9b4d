"""The admin theme: unfold speaks our colours, words and navigation (values equal console/static/huiyin/tokens.css)."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from .env import env

HUIYIN_SITE_NAME = env.str("HUIYIN_SITE_NAME", default="Huiyin 回音")
# What stands in the corner so nobody works in the wrong house: "training", "test" …; empty in production.
HUIYIN_ENVIRONMENT = env.str("HUIYIN_ENVIRONMENT", default="")

PRIMARY = {
    "50": "#f0faf8",
    "100": "#e2f3f0",
    "200": "#b7e4dd",
    "300": "#5eead4",
    "400": "#2dd4bf",
    "500": "#2dd4bf",
    "600": "#0f766e",
    "700": "#0b625b",
    "800": "#0b5d57",
    "900": "#10302e",
    "950": "#04211d",
}
BASE = {
    "50": "#f5f7f9",
    "100": "#eef2f5",
    "200": "#dfe5ea",
    "300": "#c5ced7",
    "400": "#95a3b1",
    "500": "#5b6978",
    "600": "#455363",
    "700": "#28343f",
    "800": "#1b252f",
    "900": "#141c24",
    "950": "#0e141a",
}


UNFOLD = {
    "SITE_TITLE": HUIYIN_SITE_NAME,
    "SITE_HEADER": HUIYIN_SITE_NAME,
    "SITE_SUBHEADER": _("Every matter gets an answer"),
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("huiyin/brand.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("huiyin/brand.svg")}],
    "SITE_SYMBOL": "graphic_eq",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "THEME": None,
    "ENVIRONMENT": "console.desk.theme.environment",
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("huiyin/unfold.css")],
    "COLORS": {"base": BASE, "primary": PRIMARY},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": True,
        "navigation": "console.desk.theme.navigation",
    },
    "ACCOUNT": {"navigation": "console.desk.theme.account_links"},
}
