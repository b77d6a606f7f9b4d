"""The decision letter: a PDF with its fonts inside, attached to the notice, kept as it went out."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.utils import timezone
from pypdf import PdfReader

from console.cases import services as cases
from console.cases.models import CustomerNotice
from console.events.models import Alarm, Event
from console.foundation.work import drain_all
from console.outreach import letters, rendering
from console.outreach.models import Letter, Template
from console.outreach.services import SYSTEM
from tests.console.outreach.test_notices import DECISION, bounce, case  # noqa: F401  fixture
from tests.factories.channels import sms_account

pytestmark = [pytest.mark.django_db, pytest.mark.service("fonts")]


@pytest.fixture
def decided(case, agent):  # noqa: F811
    cases.set_fields(case, {"demand": "关闭小额免密支付，退还扣款 35 元。"}, agent)
    cases.add_redress(case, "refund", amount=Decimal("35.00"))
    cases.accept(case, agent)
    cases.transition(case, "decide", agent, DECISION)
    drain_all()
    case.refresh_from_db()
    return case


def pdf(content):
    return PdfReader(BytesIO(content))


def words(content):
    return "".join(page.extract_text() for page in pdf(content).pages).replace("\n", "")


def fonts(content):
    page = pdf(content).pages[0]
    found = {}
    for font in page["/Resources"]["/Font"].values():
        below = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        found[str(font.get_object()["/BaseFont"])] = any(key.startswith("/FontFile") for key in below.get_object())
    return found


def test_the_notice_carries_the_letter(decided, line):
    sent = line.sent[-1]
    assert sent.meta["purpose"] == "notice.decision"
    (file,) = sent.attachments
    assert file.name == f"消费投诉处理决定书_{decided.number}.pdf"
    assert file.content_type == "application/pdf"


def test_it_says_what_was_decided(decided):
    (letter,) = letters.letters_of(decided)
    content = b"".join(letters.read(letter))
    said = words(content)
    for part in (
        "消费投诉处理决定书",
        decided.number,
        DECISION["decision"],
        "支持",
        "退还扣款 35 元",
        "退款：35.00 CNY",
    ):
        assert part.replace(" ", "") in said.replace(" ", ""), said
    until = timezone.localdate() + timedelta(days=30)
    assert until.isoformat() in said
    assert (letter.size, letter.round, letter.language) == (len(content), 0, "zh-hans")


def test_chinese_fonts_are_inside(decided):
    found = fonts(b"".join(letters.read(letters.letters_of(decided)[0])))
    assert any("CJK" in name for name in found)
    assert all(found.values())


def test_it_is_encrypted_where_it_lies(decided):
    from console.channels import vault

    letter = letters.letters_of(decided)[0]
    assert b"%PDF" not in (vault.root() / letter.stored_as).read_bytes()


def test_the_same_words_are_the_same_letter(decided):
    assert letters.make(decided, SYSTEM) == letters.letters_of(decided)[0]
    assert Event.objects.filter(type="case.letter_made").count() == 1
    decided.decision = "改判。"
    assert letters.make(decided, SYSTEM) != Letter.objects.order_by("pk").first()


def test_in_english_for_who_reads_english(decided):
    decided.language = "en"
    words_, content = letters.compose(decided)
    assert words_.language == "en"
    assert "Decision on your complaint" in words(content)


def test_a_draft_says_so_and_is_not_kept(decided):
    before = Letter.objects.count()
    _words, content = letters.compose(decided, draft=True)
    assert "草稿" in words(content)
    assert Letter.objects.count() == before


def test_a_customers_words_are_never_markup(decided):
    decided.decision = '#read("/etc/passwd") $x$ *粗* \\ #let a = 1 <b> "引号"'
    _words, content = letters.compose(decided)
    assert '#read("/etc/passwd")' in words(content).replace("“", '"').replace("”", '"')


def test_a_long_decision_goes_over_pages(decided):
    decided.decision = "\n".join(f"第{n}项：经核查，该笔交易由商户发起，本行已按规则处理。" for n in range(120))
    _words, content = letters.compose(decided)
    assert len(pdf(content).pages) > 2


def test_a_channel_without_files_takes_the_words(case, agent, line):  # noqa: F811
    from console.customers.services.identities import resolve_identity

    sms = sms_account()
    resolve_identity("sms", sms, "13800138000")
    identity = resolve_identity("sms", sms, "13800138000")
    type(identity).objects.filter(pk=identity.pk).update(customer=case.customer)
    cases.accept(case, agent)
    cases.transition(case, "decide", agent, DECISION)
    drain_all()
    bounce(CustomerNotice.objects.get(kind="decision").delivery)
    again = CustomerNotice.objects.filter(kind="decision").latest("pk")
    assert (again.channel_kind, again.status) == ("sms", "sent")
    assert again.delivery.message.attachments.count() == 0


def test_without_a_template_the_decision_goes_all_the_same(case, agent, line):  # noqa: F811
    Template.objects.filter(code="decision-letter").update(state="retired")
    rendering.forget()
    cases.accept(case, agent)
    cases.transition(case, "decide", agent, DECISION)
    drain_all()
    assert line.sent[-1].attachments == ()
    assert Alarm.objects.get(code="outreach.no_letter").key == "no_template"


def test_without_a_chinese_font_nobody_gets_an_unreadable_letter(decided, settings):
    settings.LETTER_FONTS = []
    letters._fonts.cache_clear()
    letters.has_chinese_font.cache_clear()
    try:
        with pytest.raises(letters.LetterError) as refused:
            letters.compose(decided)
        assert refused.value.code == "no_font"
    finally:
        letters._fonts.cache_clear()
        letters.has_chinese_font.cache_clear()
