"""`make screenshots`: pictures of the running demo bank for README and docs, in both languages and widths."""

import sys
import tempfile
from pathlib import Path

from tests.browser import chromium, open_page, sign_in
from tests.product import Product, make_product, remove

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COOKIE = "huiyin_my"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
SPEAK = "from console.staff.models import User; User.objects.update(language='{}')"
NUMBER = (
    "from console.cases.models import Case; "
    "print(Case.objects.filter(owner__username='agent', state='investigating').order_by('due_key').first().number)"
)
# A customer of the demo bank whose complaint is decided, signed in: number, cookie and the survey's link.
CUSTOMER = """
from console.cases.models import Case
from console.outreach import surveys
from console.portal.models import Challenge
from console.portal.services import sessions
decided = Case.objects.filter(type__code="complaint", state="decided", told="told", origin__identity__isnull=False)
case = decided.order_by("-decided_at").first()
identity = case.origin.identity
challenge = Challenge(purpose="sign_in", kind=identity.channel_kind, identity=identity)
print(case.number, sessions.begin(challenge), surveys.link(case).rpartition("/survey/")[2] or "-")
"""
ME = "customer"
# name: (address, who looks: a member of staff, a customer or nobody)
SCREENS = {
    "desk": ("/console/desk/?view=team", "agent"),
    "case": ("/console/desk/cases/{number}/", "agent"),
    "approvals": ("/console/desk/approvals/", "supervisor"),
    "plugins": ("/console/plugin_host/pluginstate/", "admin"),
    "home": ("/", None),
    "article": ("/cards/no-pin-switch/", None),
    "contact": ("/contact/", None),
    "form": ("/contact/write/complaint/", None),
    "my": ("/my/", ME),
    "matter": ("/my/{mine}/", ME),
    "survey": ("/survey/{survey}", None),
}


def shoot(product: Product, short: str, values: dict[str, str]) -> None:
    """Every screen in one language: wide, and narrow for those people open on a telephone."""
    language = LANGUAGES[short]
    product.ask(SPEAK.format(language))
    with chromium() as browser:
        for name, (address, person) in SCREENS.items():
            for width in (1440, 360):
                page = open_page(browser, product.url, language, width)
                if person == ME:
                    page.context.add_cookies([{"name": COOKIE, "value": values["cookie"], "url": product.url}])
                elif person:
                    sign_in(page, person, product.password)
                prefix = "/en" if language == "en" and person in (None, ME) else ""
                answer = page.goto(prefix + address.format_map(values))
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
        number = product.ask(NUMBER)
        for short in LANGUAGES:
            customer = product.ask(CUSTOMER)
            shoot(
                product,
                short,
                {"number": number} | dict(zip(("mine", "cookie", "survey"), customer.split(), strict=True)),
            )
    finally:
        remove(product)
    return 0


if __name__ == "__main__":
    sys.exit(main())
