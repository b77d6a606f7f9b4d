"""/my/: codes, sessions, what a customer sees and does, and that nobody sees what is another's."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from console.cases import services as cases
from console.cases.models import Case, Task
from console.channels.models import Delivery, Envelope, Message
from console.conversations.services import move_message
from console.customers.models import Identity
from console.events import Actor
from console.events.models import Event
from console.portal.models import Challenge, CustomerSession, PortalPolicy
from console.portal.services import codes
from tests.console.channels.plugins.wire.plugin import line as the_line
from tests.factories.channels import message_in
from tests.factories.customers import make_customer
from tests.factories.staff import make_user

from .conftest import work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient", "mailbox")]
LIN = "lin@customer.example"
URL = "/contact/write/complaint/"


def token_in(page):
    return re.search(r'name="form" value="([^"]+)"', page.content.decode())[1]


def write(client, text="小额免密关不掉。", email=LIN, url=URL, **more):
    answer = client.post(url, {"form": token_in(client.get(url)), "text": text, "email": email, **more})
    assert answer.status_code == 302, answer.content.decode()
    work()
    return Case.objects.order_by("-id").first()


def code_sent():
    """The digits of the code that went out last."""
    message = next(one for one in reversed(the_line.sent) if one.send_class == "security_code")
    return re.search(r"\d{6}", message.text)[0]


def sign_in(client, address=LIN):
    client.post("/my/sign-in/", {"address": address})
    work()
    return client.post("/my/code/", {"code": code_sent()})


@pytest.fixture
def case(form, visitor):
    return write(visitor)


@pytest.fixture
def customer(case):
    client = Client()
    assert sign_in(client)["Location"] == "/my/"
    return client


def decided(case, form):
    officer = make_user("complaint_officer", team=form.team)
    cases.transition(case, "accept", officer)
    cases.transition(
        case, "decide", officer, {"outcome": "upheld", "root_cause": "systems", "decision": "已为您关闭小额免密支付。"}
    )
    work()
    case.refresh_from_db()
    return case


def test_a_code_opens_the_list_and_a_matter_with_stages_dates_and_words(case, customer):
    page = customer.get("/my/").content.decode()
    assert case.number in page
    assert case.subject in page
    page = customer.get(f"/my/{case.number}/").content.decode()
    assert "小额免密关不掉。" in page
    assert "已收到您的来信" in page or "已收到" in page
    assert len(re.findall(r"告知您处理决定的时间不晚于", page)) == 1
    assert 'aria-current="step"' in page


def test_the_code_is_nowhere_readable_for_staff(case, customer):
    delivery = Delivery.objects.get(send_class="security_code")
    code = code_sent()
    assert code not in delivery.message.text + delivery.message.subject + str(delivery.message.meta)
    assert code not in str(list(Event.objects.values_list("body", flat=True)))
    assert code not in str(list(Challenge.objects.values()))
    assert not Message.objects.filter(entry__isnull=False, text__contains=code).exists()


@pytest.mark.parametrize("address", ["stranger@nowhere.example", "13900139000", LIN])
def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(
    case, address, django_assert_num_queries, visitor
):
    PortalPolicy.objects.create()
    visitor.get("/my/sign-in/")
    with django_assert_num_queries(SAME_WORK):
        answer = visitor.post("/my/sign-in/", {"address": address})
    assert (answer.status_code, answer["Location"]) == (302, "/my/code/")
    work()
    page = visitor.get("/my/code/").content.decode()
    assert "验证码正在发往该处" in page
    assert Delivery.objects.filter(send_class="security_code").exists() == (address == LIN)


SAME_WORK = 4


def test_a_wrong_code_five_times_ends_the_right_one_too(case, visitor):
    visitor.post("/my/sign-in/", {"address": LIN})
    work()
    right = code_sent()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        assert visitor.post("/my/code/", {"code": wrong}).status_code == 422
    assert visitor.post("/my/code/", {"code": right}).status_code == 422
    assert not CustomerSession.objects.exists()


def test_a_code_works_once_and_not_after_its_time(case, visitor):
    visitor.post("/my/sign-in/", {"address": LIN})
    work()
    challenge = Challenge.objects.get()
    assert codes.prove(challenge.uid, code_sent()) is not None
    assert codes.prove(challenge.uid, code_sent()) is None
    visitor.post("/my/sign-in/", {"address": LIN})
    work()
    late = Challenge.objects.order_by("-id").first()
    Challenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert codes.prove(late.uid, code_sent()) is None


def test_a_code_nobody_was_sent_cannot_be_answered(case, visitor):
    visitor.post("/my/sign-in/", {"address": "stranger@nowhere.example"})
    work()
    for code in ("", "-", "000000"):
        assert codes.prove(Challenge.objects.get().uid, code) is None


def test_codes_are_limited_alike_for_everybody(case, visitor):
    PortalPolicy.objects.create(codes_per_address=2)
    for address in (LIN, "stranger@nowhere.example"):
        statuses = [visitor.post("/my/sign-in/", {"address": address}).status_code for _ in range(3)]
        assert statuses == [302, 302, 429]


def test_codes_are_not_held_by_the_loop_guard(case, visitor):
    PortalPolicy.objects.create(codes_per_address=20)
    for _ in range(7):
        visitor.post("/my/sign-in/", {"address": LIN})
    work()
    assert not Delivery.objects.filter(send_class="security_code", status="held").exists()


def test_nobody_sees_anothers_matter(case, form, visitor):
    other = write(Client(), "年费为何没有减免？", "wang@customer.example")
    mine = Client()
    sign_in(mine)
    assert other.number not in mine.get("/my/").content.decode()
    for path in ("", "withdraw/", "recheck/", "files/1/"):
        assert mine.get(f"/my/{other.number}/{path}").status_code == 404
        assert mine.post(f"/my/{other.number}/{path}", {"text": "x"}).status_code == 404
    assert visitor.get(f"/my/{case.number}/")["Location"] == "/my/sign-in/"
    assert visitor.get(f"/my/{case.number}/files/1/")["Location"] == "/my/sign-in/"


def test_the_staff_cookie_opens_nothing_here_and_this_one_nothing_there(case, customer):
    staff = Client()
    staff.force_login(make_user("administrator"))
    assert staff.get("/my/")["Location"] == "/my/sign-in/"
    assert "login" in customer.get("/console/")["Location"]
    assert customer.get("/api/v1/cases/").status_code in (401, 403)


def test_a_sender_filed_under_somebody_else_sees_only_what_came_from_that_address(case, form):
    known = make_customer(email="zhao@customer.example", site=form.site)
    theirs = write(Client(), "这是赵先生的事。", "zhao@customer.example")
    assert theirs.customer == known
    # An address a colleague never bound and nobody put on file, standing at the same customer.
    identity = Identity.objects.get(customer=case.customer)
    identity.customer = known
    identity.save()
    Case.objects.filter(pk=case.pk).update(customer=known)
    client = Client()
    sign_in(client)
    page = client.get("/my/").content.decode()
    assert case.number in page
    assert theirs.number not in page
    assert client.get(f"/my/{theirs.number}/").status_code == 404


def test_an_address_on_file_opens_all_of_the_customers_matters(form, mailbox):
    known = make_customer(email="zhao@customer.example", site=form.site)
    by_form = write(Client(), "这是赵先生的事。", "zhao@customer.example")
    other = cases.open_case("enquiry", known, subject="柜台代录的一件事", site=form.site)
    client = Client()
    sign_in(client, "zhao@customer.example")
    page = client.get("/my/").content.decode()
    assert by_form.number in page
    assert other.number in page
    assert Identity.objects.get(customer=known).current_level == 3


def test_one_case_is_followed_by_number_or_reference_and_the_address_it_came_from(case, visitor):
    write(Client(), "另外一件事。")
    for number in (case.number.lower(), Envelope.objects.order_by("id").first().public_ref, case.public_ref):
        client = Client()
        client.post("/my/follow/", {"number": number, "address": LIN})
        work()
        assert client.post("/my/code/", {"code": code_sent()})["Location"] == f"/my/{case.number}/"
        assert client.get("/my/")["Location"] == f"/my/{case.number}/"
        assert client.get(f"/my/{Case.objects.order_by('-id').first().number}/").status_code == 404


@pytest.mark.parametrize(
    ("number", "address"),
    [("HY-2026-999999", LIN), ("{case}", "wang@customer.example"), ("EN-00000-00000-0", LIN), ("%00'--", LIN)],
)
def test_a_guessed_number_or_another_address_gets_no_code(case, visitor, number, address):
    answer = visitor.post("/my/follow/", {"number": number.format(case=case.number), "address": address})
    assert answer["Location"] == "/my/code/"
    work()
    assert not Delivery.objects.filter(send_class="security_code").exists()


def test_words_and_files_added_join_the_same_case_once(case, customer):
    url = f"/my/{case.number}/"
    token = token_in(customer.get(url))
    for _ in range(2):
        files = SimpleUploadedFile("凭证.pdf", b"%PDF-1.4 voucher", "application/pdf")
        answer = customer.post(url, {"form": token, "text": "补充：昨天又扣了一笔。", "files": files})
        assert answer["Location"].endswith("?done=said")
    work()
    assert Case.objects.count() == 1
    message = Message.objects.filter(direction="in").latest("id")
    assert message.entry.conversation == case.conversation
    page = customer.get(url).content.decode()
    assert "补充：昨天又扣了一笔。" in page
    link = re.search(rf"{url}files/\d+/", page)[0]
    download = customer.get(link)
    assert b"".join(download.streaming_content) == b"%PDF-1.4 voucher"
    assert download["Content-Disposition"].startswith("attachment")
    assert Client().get(link)["Location"] == "/my/sign-in/"


def test_another_site_cannot_make_a_customer_say_something(case, customer, visitor):
    url = f"/my/{case.number}/"
    foreign = token_in(visitor.get(URL))
    before = Envelope.objects.count()
    assert customer.post(url, {"form": foreign, "text": "x"}).status_code == 422
    assert customer.post(f"{url}withdraw/", {"form": foreign}).status_code == 422
    assert Envelope.objects.count() == before


def test_a_note_or_a_word_to_others_is_never_shown(case, customer, form):
    agent = make_user("agent", team=form.team)
    cases.add_note(case, "客户情绪激动，注意措辞。", agent)
    page = customer.get(f"/my/{case.number}/").content.decode()
    assert "注意措辞" not in page


def test_our_answer_is_shown(case, customer, form, mailbox):
    agent = make_user("agent", team=form.team)
    cases.reply(case, "您好，已为您核实。", agent)
    work()
    assert "已为您核实" in customer.get(f"/my/{case.number}/").content.decode()
    delivery = Delivery.objects.filter(send_class="reply").get()
    assert delivery.account == mailbox


def test_an_answer_by_mail_to_what_we_sent_goes_on_with_the_same_case(case, mailbox):
    sent = Delivery.objects.get(purpose="notice.acknowledgement").message
    from console.channels.tokens import make_token

    message_in(mailbox, "m1", sender=LIN, text="谢谢，再补充一点。", tokens=[make_token(sent.thread)])
    work()
    assert Case.objects.count() == 1


def test_withdrawing_ends_it_today_and_keeps_the_reason(case, customer):
    url = f"/my/{case.number}/withdraw/"
    answer = customer.post(url, {"form": token_in(customer.get(url)), "text": "已自行解决。"})
    assert answer["Location"].endswith("?done=withdraw")
    work()
    case.refresh_from_db()
    assert (case.state, case.is_open) == ("withdrawn", False)
    event = Event.objects.get(type="case.withdrawn")
    assert event.actor_kind == "customer"
    assert Message.objects.filter(text="已自行解决。").exists()
    assert customer.get(url).status_code == 302


LAWYER = "li@lawyer.example"


def follow(case, address):
    """Somebody who wrote in the matter follows it by its number and their own address."""
    client = Client()
    client.post("/my/follow/", {"number": case.number, "address": address})
    work()
    assert client.post("/my/code/", {"code": code_sent()})["Location"] == f"/my/{case.number}/"
    return client


@pytest.fixture
def lawyer(case, mailbox):
    """An agent of the customer who has written into the customer's matter."""
    words = message_in(mailbox, "m9", sender=LAWYER, text="我是客户的代理人。")
    work()
    move_message(words.entry, case.conversation, Actor("system"), "代理人来信")
    return words.identity


def authority(case, *scope):
    party = cases.add_party(case, "agent", "李律师", contact=LAWYER, scope=["speak", *scope])
    for kind in ("authorisation", "agent_identity"):
        cases.record_material(case, kind, party=party, original_seen=True)
    return party


@pytest.mark.parametrize("scope", [None, (), ("withdraw",)])
def test_whoever_else_wrote_withdraws_only_with_the_authority(case, lawyer, scope):
    if scope is not None:
        authority(case, *scope)
    client, url = follow(case, LAWYER), f"/my/{case.number}/withdraw/"
    may = bool(scope)
    assert (f'href="{url}"' in client.get(f"/my/{case.number}/").content.decode()) is may
    page = client.get(url)
    if not may:
        assert page["Location"] == f"/my/{case.number}/"
        page = client.get(f"/my/{case.number}/")
    client.post(url, {"form": token_in(page), "text": ""})
    case.refresh_from_db()
    assert (case.state == "withdrawn") is may


@pytest.mark.parametrize("scope", [None, (), ("receive",)])
def test_whoever_else_wrote_reads_the_decision_only_with_the_authority(case, form, lawyer, scope):
    if scope is not None:
        authority(case, *scope)
    decided(case, form)
    page = follow(case, LAWYER).get(f"/my/{case.number}/").content.decode()
    assert ("已为您关闭小额免密支付。" in page) is bool(scope)


def test_the_decision_is_read_and_looked_at_again(case, customer, form):
    decided(case, form)
    page = customer.get(f"/my/{case.number}/").content.decode()
    assert "已为您关闭小额免密支付。" in page
    assert "支持" in page
    url = f"/my/{case.number}/recheck/"
    answer = customer.post(url, {"form": token_in(customer.get(url)), "text": "昨天又扣款了，并没有关闭。"})
    assert answer["Location"].endswith("?done=recheck")
    work()
    case.refresh_from_db()
    assert (case.state_class, case.reopened) == ("open", 1)
    assert Task.objects.get(key="recheck:1").case == case
    assert "并没有关闭" in customer.get(f"/my/{case.number}/").content.decode()


def test_a_decision_not_yet_told_is_not_shown(case, customer, form):
    decided(case, form)

    Case.objects.filter(pk=case.pk).update(told="exempt")
    assert "已为您关闭" not in customer.get(f"/my/{case.number}/").content.decode().partition("沟通记录")[0]


def test_a_lost_address_becomes_a_case_and_the_proof_joins_it(case, visitor):
    page = visitor.get("/my/lost/")
    words = {"address": "new@customer.example", "name": "林晓", "text": "旧邮箱已注销，十一月写过小额免密的事。"}
    assert visitor.post("/my/lost/", {"form": token_in(page), **words})["Location"] == "/my/code/"
    work()
    request = Case.objects.latest("id")
    assert request.type.code == "enquiry"
    assert request.origin.meta["purpose"] == "change"
    answer = visitor.post("/my/code/", {"code": code_sent()})
    assert "/contact/received/" in answer["Location"]
    assert request.number in visitor.get(answer["Location"]).content.decode()
    work()
    assert Case.objects.count() == 2
    assert "已通过验证码验证" in Message.objects.filter(direction="in").latest("id").text
    assert not CustomerSession.objects.exists()


NEW = "new@customer.example"


@pytest.fixture
def request_of_change(case, visitor):
    """Somebody lost the old address, asked for a change, and proved the new one."""
    words = {"address": NEW, "name": "林晓", "text": "旧邮箱已注销，十一月写过小额免密的事。"}
    visitor.post("/my/lost/", {"form": token_in(visitor.get("/my/lost/")), **words})
    work()
    visitor.post("/my/code/", {"code": code_sent()})
    work()
    return Case.objects.latest("id")


def join(client, request, case, **more):
    url = f"/console/desk/cases/{request.number}/do/known-customer/"
    page = client.get(url).content.decode()
    answer = client.post(url, {"number": case.number, "how": "已按预留电话回拨核实。", **more})
    return page, answer


def test_an_agent_works_a_changed_address_to_its_end(case, form, request_of_change):
    agent, request = make_user("agent", team=form.team), request_of_change
    client = Client()
    client.force_login(agent)
    page, answer = join(client, request, case, retire="on")
    assert "该地址已通过验证码证实" in page
    assert answer.status_code == 302, answer.content.decode()
    request.refresh_from_db()
    assert request.customer == case.customer
    event = Event.objects.get(type="case.customer_known")
    assert (event.data["other_id"], event.data["retired"]) == (case.pk, True)
    # The new address opens the matter, the old one opens nothing and is told nothing any more.
    theirs = Client()
    sign_in(theirs, NEW)
    assert case.number in theirs.get("/my/").content.decode()
    codes_before = Delivery.objects.filter(send_class="security_code").count()
    Client().post("/my/sign-in/", {"address": LIN})
    work()
    assert Delivery.objects.filter(send_class="security_code").count() == codes_before
    decided(case, form)
    assert Delivery.objects.get(purpose="notice.decision").identity.address == NEW
    cases.reply(request, "已为您更新联系地址。", agent, then="close")
    work()
    request.refresh_from_db()
    assert request.state_class == "closed"


@pytest.mark.parametrize("wrong", [{"how": " "}, {"number": "HY-2026-999999"}, {"number": "{request}"}])
def test_nobody_is_joined_on_a_word(case, form, request_of_change, wrong):
    client = Client()
    client.force_login(make_user("agent", team=form.team))
    values = {name: value.format(request=request_of_change.number) for name, value in wrong.items()}
    url = f"/console/desk/cases/{request_of_change.number}/do/known-customer/"
    answer = client.post(url, {"number": case.number, "how": "已核实。"} | values)
    assert answer.status_code == 422
    request_of_change.refresh_from_db()
    assert request_of_change.customer != case.customer


def test_the_address_of_a_customer_on_file_is_not_taken_from_them(case, form):
    known = make_customer(email="zhao@customer.example", site=form.site)
    theirs = write(Client(), "这是赵先生的事。", "zhao@customer.example")
    agent = make_user("agent", team=form.team)
    with pytest.raises(cases.CaseError) as refused:
        cases.join_customer(theirs, case, "x", agent)
    assert refused.value.code == "known"
    theirs.refresh_from_db()
    assert theirs.customer == known


def test_a_session_ends_by_leaving_and_by_idle_time(case, customer):
    CustomerSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert customer.get("/my/")["Location"] == "/my/sign-in/"
    sign_in(customer)
    assert customer.get("/my/").status_code == 200
    kept = customer.cookies["huiyin_my"].value
    customer.post("/my/leave/")
    customer.cookies["huiyin_my"] = kept
    assert customer.get("/my/")["Location"] == "/my/sign-in/"


def test_who_is_signed_in_need_not_say_again_where_we_answer(case, customer):
    page = customer.get(URL)
    assert "l***@customer.example" in page.content.decode()
    assert 'name="email"' not in page.content.decode()
    # Somebody else's address typed into the request counts for nothing.
    words = {"form": token_in(page), "text": "另外一件事。", "email": "wang@customer.example"}
    assert customer.post(URL, words).status_code == 302
    work()
    new = Case.objects.latest("id")
    assert new.pk != case.pk
    assert new.origin.identity == case.origin.identity


def test_the_cookie_is_for_this_site_alone_and_out_of_reach_of_scripts(case):
    client = Client()
    sign_in(client)
    cookie = client.cookies["huiyin_my"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie.value not in str(list(CustomerSession.objects.values()))
