"""A browser's own description of itself, as a person would say it."""

import re

BROWSERS = [
    (r"Edg(?:e|A|iOS)?/(\d+)", "Edge"),
    (r"MicroMessenger/(\d+)", "WeChat"),
    (r"(?:OPR|Opera)/(\d+)", "Opera"),
    (r"Firefox/(\d+)", "Firefox"),
    (r"(?:Chrome|CriOS)/(\d+)", "Chrome"),
    (r"Version/(\d+).*Safari", "Safari"),
]
SYSTEMS = [
    (r"HarmonyOS", "HarmonyOS"),
    (r"Android", "Android"),
    (r"iPhone|iPad", "iOS"),
    (r"Windows", "Windows"),
    (r"Mac OS X", "macOS"),
    (r"Linux", "Linux"),
]


def device_of(user_agent: str) -> str:
    """ "Chrome 120 · Windows"; the first forty characters of something unknown."""
    browser = next(
        (f"{name} {found.group(1)}" for pattern, name in BROWSERS if (found := re.search(pattern, user_agent))),
        "",
    )
    system = next((name for pattern, name in SYSTEMS if re.search(pattern, user_agent)), "")
    return " · ".join(part for part in (browser, system) if part) or user_agent[:40]
