"""The demo bank's ways in: a mailbox that is a Maildir under HUIYIN_HOME, so no mail server is needed, and the form."""

from pathlib import Path

from django.conf import settings

from console.cases.models import CaseType, IntakeRule
from console.channels.models import ChannelAccount
from console.channels.models.account import WORKING
from console.channels.services import accounts
from console.events import Actor
from console.staff.models import Team

ADDRESS = "service@spruce.example"
DEMO = Actor("system", "", "demo")
# Words that make a letter an enquiry are rare and those of a complaint many: what is not plainly a question is handled
# with the stricter clocks.
ENQUIRY = {
    "not": {
        "any": [
            {"field": field, "op": "contains", "value": word}
            for field in ("subject", "text")
            for word in ("投诉", "退还", "退款", "赔", "骗", "complain", "refund")
        ]
    }
}


def mail_folders() -> tuple[Path, Path]:
    """(in, out): a file put into in/new is a mail received; what the bank sends lands in out/new."""
    root = Path(settings.HUIYIN_HOME) / "mail"
    for folder in (root / "in", root / "out"):
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True, exist_ok=True)
    return root / "in", root / "out"


def load_mailbox() -> ChannelAccount:
    """Configure, test and activate the mailbox, and let its mails become cases. Idempotent."""
    inbox, outbox = mail_folders()
    account = ChannelAccount.objects.filter(address=ADDRESS).first()
    if account is None:
        account = ChannelAccount(
            connector="email",
            name="客户服务邮箱",
            address=ADDRESS,
            team=Team.objects.get(code="card-1"),
            poll_seconds=5,
        )
        config = {
            "address": ADDRESS,
            "from_name": "云杉银行客户服务",
            "transport": "maildir",
            "maildir_in": str(inbox),
            "maildir_out": str(outbox),
            "thread_by": "plus",
        }
        accounts.configure(account, config, {}, DEMO)
    if account.state not in WORKING:
        accounts.activate(account, DEMO)
    _rules(account)
    return account


def load_form() -> ChannelAccount:
    """Configure and open the contact form of the bank's pages. Idempotent."""
    account = ChannelAccount.objects.filter(connector="webform").first()
    if account is None:
        account = ChannelAccount(connector="webform", name="网上联系表单", team=Team.objects.get(code="card-1"))
        accounts.configure(account, {"max_file_mb": 20, "max_total_mb": 50}, {}, DEMO)
    if account.state not in WORKING:
        accounts.activate(account, DEMO)
    return account


def _rules(account: ChannelAccount) -> None:
    types = CaseType.objects.in_bulk(field_name="code")
    team = account.team
    for order, (name, code, condition) in enumerate(
        [("来信中的问询", "enquiry", ENQUIRY), ("其余来信按投诉受理", "complaint", {})]
    ):
        IntakeRule.objects.get_or_create(
            name=name,
            account=account,
            defaults={"type": types[code], "team": team, "condition": condition, "order": order},
        )
