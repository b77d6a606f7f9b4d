"""The contact form: from the page to a case, once, whatever the line does; and what becomes of what is odd."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from console.cases import config
from console.cases.models import Case
from console.channels.models import Attachment, Delivery, Envelope, EnvelopeStatus, Message
from console.customers.models import Identity
from console.portal import posted
from console.portal.models import PortalPolicy, UrgentMatter

from .conftest import work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]
URL = "/contact/write/complaint/"
TEXT = "小额免密关不掉，要求自己控制。请尽快处理。"


def opened(visitor, url=URL):
    page = visitor.get(url).content.decode()
    return re.search(r'name="form" value="([^"]+)"', page)[1]


def filled(token, **more):
    return {"form": token, "text": TEXT, "email": "lin@customer.example", "name": "林晓", **more}


def sent(visitor, url=URL, **more):
    return visitor.post(url, filled(opened(visitor, url), **more))


def photo(name="账单.png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 300):
    return SimpleUploadedFile(name, content, "image/png")


def test_a_form_becomes_a_case_with_fields_files_clocks_and_an_acknowledgement(form, mailbox, visitor):
    answer = sent(visitor, **{"f-amount": "300", "f-occurred_on": "2026-11-20", "files": photo()})
    assert answer.status_code == 302
    work()
    case = Case.objects.get()
    assert (case.type.code, case.data, case.account) == (
        "complaint",
        {"amount": 300, "occurred_on": "2026-11-20"},
        form,
    )
    assert case.subject == "我要投诉：小额免密关不掉，要求自己控制"
    assert case.team == form.team
    assert case.clocks.filter(kind="decision", state="running").exists()
    assert case.origin.text.startswith(TEXT)
    assert "涉及金额（元）：300" in case.origin.text
    assert Attachment.objects.get(message=case.origin).name == "账单.png"
    acknowledgement = Delivery.objects.get(purpose="notice.acknowledgement")
    assert acknowledgement.account == mailbox
    assert acknowledgement.identity.address == "lin@customer.example"
    assert case.number in acknowledgement.message.subject


def test_a_photo_of_an_iphone_is_taken_as_it_is(form, visitor):
    heic = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"0" * 300
    assert sent(visitor, files=SimpleUploadedFile("IMG_0001.HEIC", heic, "")).status_code == 302
    work()
    file = Attachment.objects.get()
    assert (file.name, file.content_type, file.size) == ("IMG_0001.HEIC", "image/heic", len(heic))
    assert file.offered


def test_the_receipt_has_the_reference_at_once_and_the_number_when_it_exists(form, visitor):
    page = visitor.get(sent(visitor)["Location"]).content.decode()
    envelope = Envelope.objects.get()
    assert envelope.public_ref in page
    assert "几分钟内生成" in page
    before = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", page)
    assert len(before) == 2
    work()
    again = visitor.get(reverse("portal:received", args=[_token(visitor)])).content.decode()
    assert Case.objects.get().number in again
    assert re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", again) == before


def _token(visitor):
    from console.portal import tokens

    return tokens.make_receipt(f"{Envelope.objects.get().public_ref}:complaint")


def test_pressing_twice_is_one_case_also_with_files(form, visitor):
    token = opened(visitor)
    first = visitor.post(URL, filled(token, files=photo()))
    second = visitor.post(URL, filled(token, files=photo()))
    assert first["Location"].split("/")[-2][:8] == second["Location"].split("/")[-2][:8]
    work()
    assert (Envelope.objects.count(), Message.objects.count(), Case.objects.count()) == (1, 1, 1)


def test_words_changed_after_the_first_press_join_the_same_case(form, visitor):
    token = opened(visitor)
    visitor.post(URL, filled(token))
    work()
    visitor.post(URL, filled(token, text=f"{TEXT}补充：昨天又扣了一笔。"))
    work()
    assert Case.objects.count() == 1
    assert Message.objects.filter(entry__conversation=Case.objects.get().conversation, direction="in").count() == 2


def test_two_forms_of_one_person_are_two_cases(form, visitor):
    sent(visitor)
    sent(visitor, text="另外一件事：年费为何没有减免？")
    work()
    assert Case.objects.count() == 2
    assert Identity.objects.count() == 1


def test_the_trap_is_stored_and_shown_but_opens_nothing(form, visitor):
    assert sent(visitor, **{posted.TRAP_FIELD: "https://spam.example"}).status_code == 302
    work()
    assert Message.objects.get().automatic == "trap"
    assert not Case.objects.exists()


def test_too_quick_is_asked_again_and_nothing_is_lost(form, visitor, monkeypatch):
    monkeypatch.setattr("console.portal.tokens.OpenForm.age", property(lambda self: 0.4))
    answer = sent(visitor, files=photo())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert TEXT in page
    assert "账单.png" in page
    assert not Envelope.objects.exists()


def test_an_old_or_foreign_form_token_is_asked_again_with_the_words_kept(form, visitor):
    answer = visitor.post(URL, filled("not-a-token"))
    assert answer.status_code == 422
    assert TEXT in answer.content.decode()
    fresh = re.search(r'name="form" value="([^"]+)"', answer.content.decode())[1]
    assert visitor.post(URL, filled(fresh)).status_code == 302


def test_too_many_forms_are_stopped_with_the_words_kept(form, visitor):
    PortalPolicy.objects.create(forms_per_address=2)
    statuses = [sent(visitor, text=f"{TEXT} {n}").status_code for n in range(3)]
    assert statuses == [302, 302, 429]
    assert Envelope.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"text": ""}, "请告诉我们发生了什么"),
        ({"email": ""}, "请留下邮箱或电话"),
        ({"email": "lin"}, "这不是有效的邮箱"),
        ({"f-amount": "-5"}, "0"),
    ],
)
def test_what_is_missing_is_said_in_words(form, visitor, values, said):
    answer = sent(visitor, **values)
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_a_telephone_alone_is_enough(form, visitor):
    assert sent(visitor, email="", phone="138 0013 8000").status_code == 302
    work()
    assert Case.objects.get().origin.identity.channel_kind == "phone"


def test_numbers_typed_into_words_and_fields_are_masked_in_store(form, visitor):
    sent(visitor, text="我的卡 6222 0212 3456 7890 128 被盗刷。", **{"f-branch": "电话13800138000的那家"})
    work()
    case = Case.objects.get()
    assert "7890" not in case.origin.text
    assert "13800138000" not in str(case.data)


def test_what_cannot_be_read_waits_in_quarantine(form, visitor):
    sent(visitor)
    envelope = Envelope.objects.get()
    Envelope.objects.filter(pk=envelope.pk).update(raw=b"huiyin-form/1\n{broken\n")
    work()
    envelope.refresh_from_db()
    assert envelope.status == EnvelopeStatus.QUARANTINED
    assert "The form is not whole" in envelope.reason


def test_a_field_that_is_gone_by_then_stays_in_the_words(form, visitor, monkeypatch):
    sent(visitor, **{"f-amount": "300"})
    spec = config.active_spec("complaint")
    monkeypatch.setattr(spec, "fields", [field for field in spec.fields if field.code != "amount"])
    work()
    case = Case.objects.get()
    assert case.data == {}
    assert "涉及金额（元）：300" in case.origin.text


def test_only_types_with_words_for_customers_are_offered(form, visitor):
    page = visitor.get("/contact/").content.decode()
    assert "我要投诉" in page
    assert "我想咨询" in page
    assert visitor.get("/contact/write/secret/").status_code == 302


def test_urgent_matters_stand_first_with_their_number(form, visitor):
    UrgentMatter.objects.filter(code="card-lost").update(phone="95599")
    page = visitor.get("/contact/").content.decode()
    assert page.index("卡片丢失或被盗") < page.index("我要投诉")
    assert 'href="tel:95599"' in page


def test_without_a_form_account_the_other_ways_are_shown(form, mailbox, visitor):
    form.state = "paused"
    form.save()
    page = visitor.get("/contact/").content.decode()
    assert mailbox.address in page
    assert "我要投诉" not in page
    assert visitor.get(URL).status_code == 302


def test_english_has_its_own_words(form, visitor):
    page = visitor.get("/en/contact/write/complaint/").content.decode()
    assert "What happened, and what do you ask for?" in page
    assert not re.findall(r"[\u4e00-\u9fff]", re.sub(r'lang="zh-hans">[^<]+', "", page.partition("<main")[2]))


def test_a_guessed_receipt_finds_nothing(form, visitor):
    sent(visitor)
    assert visitor.get(reverse("portal:received", args=["x" * 40])).status_code == 404


def test_the_disk_is_full_and_the_words_stay_on_the_page(form, visitor, monkeypatch):
    def full(*args, **options):
        raise OSError("no space")

    monkeypatch.setattr("console.portal.services.submitting.accept", full)
    answer = sent(visitor)
    assert answer.status_code == 503
    assert TEXT in answer.content.decode()


def test_large_type_is_remembered(form, visitor):
    assert visitor.get("/plain/?on=1&next=/contact/")["Location"] == "/contact/"
    assert 'data-size="large"' in visitor.get("/contact/").content.decode()
    assert visitor.get("/plain/?on=0&next=https://evil.example/")["Location"] == "/"
    assert 'data-size="large"' not in visitor.get("/contact/").content.decode()
