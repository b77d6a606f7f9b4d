"""`make screenshots`: pictures of the running demo bank for README and docs, in both languages and widths."""

import sys
import tempfile
from pathlib import Path

from tests.browser import chromium, open_page, sign_in
from tests.product import Product, make_product, remove

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
SPEAK = "from console.staff.models import User; User.objects.update(language='{}')"
NUMBER = (
    "from console.cases.models import Case; "
    "print(Case.objects.filter(owner__username='agent', state='investigating').order_by('due_key').first().number)"
)
# name: (address, person, full page)
SCREENS = {
    "desk": ("/console/desk/?view=team", "agent"),
    "case": ("/console/desk/cases/{number}/", "agent"),
    "approvals": ("/console/desk/approvals/", "officer"),
    "plugins": ("/console/plugin_host/pluginstate/", "admin"),
    "home": ("/", None),
    "article": ("/cards/no-pin-switch/", None),
}


def shoot(product: Product, short: str, number: str) -> None:
    """Every screen in one language: wide, and narrow for those people open on a telephone."""
    language = LANGUAGES[short]
    product.manage("shell", "-v0", "-c", SPEAK.format(language))
    with chromium() as browser:
        for name, (address, person) in SCREENS.items():
            for width in (1440, 360):
                page = open_page(browser, product.url, language, width)
                if person:
                    sign_in(page, person, product.password)
                prefix = "/en" if language == "en" and not person else ""
                answer = page.goto(prefix + address.format(number=number))
                if answer.status != 200:
                    print(f"not taken: {name} answered {answer.status}")
                    continue
                page.wait_for_load_state("networkidle")
                suffix = "" if width == 1440 else "-narrow"
                page.screenshot(path=PICTURES / f"{name}-{short}{suffix}.png")
                page.context.close()


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    product = make_product(Path(tempfile.mkdtemp(prefix="huiyin-pictures-")), backend="sqlite")
    try:
        product.start()
        number = product.manage("shell", "-v0", "-c", NUMBER).strip().splitlines()[-1]
        for short in LANGUAGES:
            shoot(product, short, number)
    finally:
        remove(product)
    return 0


if __name__ == "__main__":
    sys.exit(main())
