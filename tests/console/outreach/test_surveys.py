"""The survey: asked once by a link only the customer reads, answered once, and a low score opens a case."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from console.cases import services as cases
from console.cases.models import Case, CaseLink, CaseType, IntakeRule
from console.channels.models import Delivery
from console.events import Actor
from console.events.models import Event
from console.foundation import crypto
from console.foundation.work import drain_all
from console.lowcode.blueprints import bundle
from console.lowcode.blueprints import services as blueprints
from console.outreach import surveys
from console.outreach.models import SurveyAnswer, SurveyInvitation, SurveyRule
from tests.factories.cases import PRESET
from tests.factories.channels import take_in
from tests.factories.staff import TeamFactory, make_user

pytestmark = pytest.mark.django_db
LINK = re.compile(r"/survey/([\w-]+)/")


def decide(case, officer):
    cases.transition(case, "accept", officer)
    cases.transition(
        case, "decide", officer, {"outcome": "upheld", "root_cause": "systems", "decision": "已为您关闭。"}
    )
    drain_all()


@pytest.fixture
def case(account, team):
    take_in(account, "m1", text="小额免密关不掉")
    drain_all()
    case = Case.objects.get()
    decide(case, make_user("complaint_officer", team=team))
    case.refresh_from_db()
    return case


@pytest.fixture
def token(case, line):
    sent = next(one for one in reversed(line.sent) if one.send_class == "statutory_notice")
    return LINK.search(sent.text)[1]


def post(token, client=None, **words):
    return (client or Client()).post(f"/survey/{token}/", {"score": "5", **words})


def test_the_link_goes_out_and_staff_see_dots(case, token, line):
    stored = Delivery.objects.get(purpose="notice.decision").message
    assert token not in stored.text + str(stored.meta) + stored.html
    assert "••••••" in stored.text
    assert SurveyInvitation.objects.get().case == case


def test_looking_records_nothing_and_an_answer_counts_once(case, token):
    page = Client().get(f"/survey/{token}/?score=4").content.decode()
    assert case.number in page
    assert not SurveyAnswer.objects.exists()
    assert post(token, score="4", reason="speed", text="很快，卡号6222021234567890128。").status_code == 200
    answer = SurveyAnswer.objects.get()
    assert (answer.case, answer.score, answer.reason, answer.language) == (case, 4, "speed", "zh-hans")
    assert "6222021234567890128" not in answer.text
    assert "您已评价过" in post(token, score="1").content.decode()
    assert SurveyAnswer.objects.get().score == 4
    event = Event.objects.get(type="survey.answered")
    assert (event.stream, event.actor_kind) == (case.stream, "customer")


@pytest.mark.parametrize(
    "words", [{"score": ""}, {"score": "6"}, {"score": "-1"}, {"score": "x"}, {"reason": "made-up"}]
)
def test_what_is_no_answer_is_asked_again(token, words):
    assert post(token, **words).status_code == 422
    assert not SurveyAnswer.objects.exists()


def test_a_changed_old_or_foreign_link_is_no_longer_good(case, token):
    foreign = crypto.sign("something else", f"{case.pk}:0".encode(), 60)
    old = crypto.sign(surveys.PURPOSE, f"{case.pk}:0".encode(), -5)
    gone = crypto.sign(surveys.PURPOSE, b"999999:0", 60)
    for bad in (token[:-2] + "xx", foreign, old, gone, "x", "%00"):
        assert Client().get(f"/survey/{bad}/").status_code == 404
        assert post(bad).status_code == 404


def test_a_low_score_opens_a_case_that_follows_with_the_words(case, token):
    team = TeamFactory(site=case.site)
    SurveyRule.objects.update(low_team=team)
    post(token, score="2", reason="result", text="并没有解决。")
    drain_all()
    opened = SurveyAnswer.objects.get().opened
    assert (opened.type.code, opened.team, opened.customer, opened.grade) == ("enquiry", team, case.customer, 3)
    assert CaseLink.objects.get(case=opened).other == case
    note = opened.conversation.entries.filter(kind="note").latest("id").note
    assert "2" in note.text
    assert "并没有解决。" in note.text
    surveys.follow_up(SurveyAnswer.objects.get())
    assert Case.objects.count() == 2


@pytest.mark.parametrize("score", [3, 5])
def test_other_scores_open_nothing(token, score):
    post(token, score=str(score))
    drain_all()
    assert Case.objects.count() == 1


def test_no_rule_no_question(account, team, line):
    SurveyRule.objects.update(is_active=False)
    take_in(account, "m1", text="小额免密关不掉")
    drain_all()
    decide(Case.objects.get(), make_user("complaint_officer", team=team))
    sent = next(one for one in line.sent if one.send_class == "statutory_notice")
    assert "/survey/" not in sent.text
    assert "评价" not in sent.text
    assert not SurveyInvitation.objects.exists()


def test_a_case_taken_up_again_is_asked_about_again(case, token, team, line):
    post(token)
    cases.reopen(case, None)
    officer = make_user("complaint_officer", team=team)
    cases.transition(case, "decide", officer, {"decision": "这次真的关闭了。"})
    drain_all()
    again = LINK.search(next(one for one in reversed(line.sent) if one.send_class == "statutory_notice").text)[1]
    assert again != token
    assert post(again, score="3").status_code == 200
    assert sorted(SurveyAnswer.objects.values_list("round", "score")) == [(0, 5), (1, 3)]


def test_figures_count_what_they_say(case, token):
    post(token, score="4")
    SurveyInvitation.objects.create(case=case, round=7)
    SurveyAnswer.objects.create(case=case, round=8, score=1, answered_at=timezone.now() - timedelta(days=200))
    found = surveys.figures(SurveyAnswer.objects.all(), SurveyInvitation.objects.all())
    assert (found["answers"], found["mean"], found["satisfied"]) == (1, 4.0, 100.0)
    assert (found["asked"], found["response"]) == (2, 50.0)


def test_results_are_seen_by_those_who_may_see_the_case(case, token, team):
    post(token, score="2", text="太慢")
    ours, others = make_user("agent", team=team), make_user("agent", team=TeamFactory())
    for user, seen in ((ours, True), (others, False)):
        client = Client()
        client.force_login(user)
        page = client.get("/console/outreach/surveyanswer/").content.decode()
        assert ("太慢" in page) is seen
        rows = client.get("/api/v1/survey-answers/").json()["results"]
        assert [row["case"] for row in rows] == ([case.number] if seen else [])
        assert client.post("/console/outreach/surveyanswer/add/").status_code == 403


def test_rules_travel_in_blueprints(case):
    loaded = bundle.load(PRESET.read_text())
    assert blueprints.diff(loaded) == []
    loaded.sections["surveys"][0]["low_score"] = 9
    assert [str(problem) for problem in blueprints.check(loaded)]
    loaded.sections["surveys"][0]["low_score"] = 1
    blueprints.apply(loaded, Actor("system"), reason="fewer")
    assert SurveyRule.objects.get(type__code="complaint").low_score == 1


@pytest.fixture
def enquiry(account, team):
    """An enquiry that closed with its answer."""
    IntakeRule.objects.update(type=CaseType.objects.get(code="enquiry"))
    take_in(account, "m2", text="年费怎么减免？")
    drain_all()
    case = Case.objects.get()
    cases.reply(case, "消费满六次即可减免。", make_user("agent", team=team), then="close")
    drain_all()
    case.refresh_from_db()
    return case


def closing_of(case):
    return Delivery.objects.get(purpose="notice.closing", message__entry__conversation__case_links__case=case)


def test_an_enquiry_is_asked_about_some_hours_after_its_answer(enquiry, line):
    waiting = closing_of(enquiry)
    ahead = waiting.not_before - timezone.now()
    assert timedelta(hours=1, minutes=59) < ahead <= timedelta(hours=2, minutes=1)
    assert not any("/survey/" in sent.text for sent in line.sent)
    Delivery.objects.filter(pk=waiting.pk).update(not_before=None, next_attempt_at=timezone.now())
    drain_all()
    token = LINK.search(line.sent[-1].text)[1]
    post(token, score="1", reason="answer", text="没看懂。")
    drain_all()
    opened = SurveyAnswer.objects.get(case=enquiry).opened
    assert (opened.type.code, opened.grade) == ("enquiry", 3)
    assert surveys.link(opened) == ""


def test_the_rule_says_when(enquiry):
    assert surveys.wait(enquiry) == 2 * 3600
    SurveyRule.objects.filter(type=enquiry.type).update(hours_after=0)
    assert surveys.wait(enquiry) == 0


def test_taken_up_again_meanwhile_nobody_is_asked(enquiry, line):
    cases.reopen(enquiry, None, "客户追问")
    drain_all()
    assert closing_of(enquiry).status == "cancelled"
    assert enquiry.notices.get(kind="closing").status == "skipped"
    cases.reply(enquiry, "已为您减免。", make_user("agent", team=enquiry.team), then="close")
    drain_all()
    first, again = Delivery.objects.filter(purpose="notice.closing").order_by("id")
    assert (again.status, again.identity_id) == ("queued", first.identity_id)


def test_machines_are_not_asked(account, team, line):
    case = cases.open_case("enquiry", subject="x", suppress_reply=True, team=team, account=account)
    cases.transition(case, "withdraw", None)
    drain_all()
    assert not case.notices.filter(kind="closing").exists()
