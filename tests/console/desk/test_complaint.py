"""The regulated complaint at the desk: each act where it belongs, refused with its reason where it is not allowed."""

import re

import pytest
from django.urls import reverse

from console.cases import services
from console.cases.models import Case
from console.channels.models import Attachment
from console.outreach import letters
from console.outreach.services import SYSTEM
from tests.factories.cases import make_case, make_message
from tests.factories.staff import TeamFactory, make_user


@pytest.fixture
def case(preset, agent, team):
    return make_case(team=team, owner=agent)


def act(desk, case, which, row="", /, **data):
    case.refresh_from_db()
    url = reverse("desk:act", args=[case.number, which]) + (f"?row={row}" if row else "")
    answer = desk.post(url, data | {"revision": case.revision}, headers={"HX-Request": "true"})
    case.refresh_from_db()
    return answer


def dialog(desk, case, name):
    return desk.get(reverse("desk:act", args=[case.number, name]), headers={"HX-Request": "true"}).content.decode()


def page(desk, case):
    return desk.get(reverse("desk:case", args=[case.number])).content.decode()


def side(desk, case):
    return desk.get(reverse("desk:case-side", args=[case.number])).content.decode()


@pytest.fixture
def officer(team):
    return make_user("complaint_officer", team=team)


def test_accepting_is_the_primary_step(desk, case):
    shown = page(desk, case)
    primary = re.search(r'class="btn btn-primary" type="button" hx-get="([^"]+)"', shown)[1]
    assert primary == reverse("desk:act", args=[case.number, "move-accept"])
    assert act(desk, case, "move-accept", words="我们会联系您。").status_code == 200
    assert case.acceptance == "accepted"
    assert "我们会联系您。" in side(desk, case)


def test_not_accepting_asks_for_grounds_and_a_second_person(desk, case, supervisor):
    shown = dialog(desk, case, "move-not_accept")
    assert "不属于本机构的产品或服务" in shown
    refused = act(desk, case, "move-not_accept", grounds="other_bank", words="")
    assert (refused.status_code, case.state) == (422, "received")
    assert act(desk, case, "move-not_accept", grounds="other_bank", words="该商户不是本行合作机构。").status_code == 200
    assert case.state == "received"
    desk.force_login(supervisor)
    waiting = desk.get(reverse("desk:approvals")).content.decode()
    assert "该商户不是本行合作机构。" in waiting
    approval = case.approvals.get()
    desk.post(reverse("desk:approval", args=[approval.pk]), {"verdict": "approve", "reason": ""})
    case.refresh_from_db()
    assert case.state == "not_accepted"
    assert "不属于本机构的产品或服务" in side(desk, case)


def test_only_what_the_bank_does_not_have_can_be_asked(desk, case):
    shown = dialog(desk, case, "move-ask_material")
    assert 'value="merchant_proof"' in shown
    assert 'value="contract"' not in shown
    assert "与本行签订的合同" in shown
    assert act(desk, case, "move-ask_material", materials=["merchant_proof"], words="").status_code == 200
    assert case.state == "supplementing"
    assert "商户凭证或订单" in side(desk, case)


def test_a_file_of_the_customer_is_put_on_file(desk, case):
    message = make_message(case.conversation, account=case.account, customer=case.customer)
    file = Attachment.objects.create(
        message=message, name="小票.jpg", content_type="image/jpeg", size=9, sha256="0" * 64, state="clean"
    )
    assert "小票.jpg" in dialog(desk, case, "material")
    act(desk, case, "material", kind="merchant_proof", attachment=file.pk, note="")
    assert reverse("desk:attachment", args=[file.pk]) in side(desk, case)


def test_declaring_an_interest_leads_away_from_what_is_hidden(desk, case, agent):
    answer = act(desk, case, "interest", user=agent.pk, reason="当事人是我的亲属")
    assert answer["HX-Redirect"] == reverse("desk:home")
    assert desk.get(reverse("desk:case", args=[case.number])).status_code == 404


def test_who_may_look_is_told_to_keep_out(client, preset, team, agent):
    case = make_case("enquiry", team=team, owner=agent)
    services.declare_interest(case, agent, "亲属", agent)
    client.force_login(agent)
    shown = page(client, case)
    assert "您与此事项有利害关系" in shown
    assert reverse("desk:act", args=[case.number, "assign"]) not in shown
    assert act(client, case, "retitle", subject="改了").status_code == 403
    assert case.subject != "改了"


def test_a_lead_ends_a_recusal_and_its_own_subject_does_not(client, case, agent, supervisor):
    row = services.declare_interest(case, agent, "亲属", agent)
    client.force_login(supervisor)
    assert reverse("desk:act", args=[case.number, "interest-end"]) in side(client, case)
    act(client, case, "interest-end", row.pk, reason="登记有误")
    assert case.recused == []


def test_an_agent_without_papers_is_missing_for_closing(desk, case):
    act(desk, case, "party", role="agent", name="李律师", scope=["speak"], contact="", note="")
    shown = page(desk, case)
    assert 'href="#parties"' in shown
    beside = side(desk, case)
    assert "李律师" in beside
    assert "授权委托书原件" in beside
    party = case.parties.get()
    act(desk, case, "party-end", party.pk)
    assert 'href="#parties"' not in page(desk, case)


def test_a_row_of_another_case_is_not_found(desk, case, team):
    other = make_case(team=team)
    party = services.add_party(other, "agent", "李律师", scope=["speak"])
    assert act(desk, case, "party-end", party.pk).status_code == 404


def test_redress_is_approved_and_paid_on_the_page(client, case, supervisor, officer):
    client.force_login(supervisor)
    act(client, case, "redress", kind="compensation", amount="5000", note="误工")
    assert "补偿 5000" in page(client, case)
    client.force_login(officer)
    client.post(reverse("desk:approval", args=[case.approvals.get().pk]), {"verdict": "approve", "reason": ""})
    assert 'href="#redress"' in page(client, case)
    row = case.redress.get()
    act(client, case, "pay", row.pk, paid_on="", reference="FT1")
    assert "FT1" in side(client, case)


def test_a_forwarded_item_shows_number_and_deadline(desk, case):
    act(desk, case, "forwarding", authority="12378", number="沪118", reached_at="", answer_by="")
    assert "沪118" in side(desk, case)
    assert "答复监管" in page(desk, case)
    row = case.forwardings.get()
    act(desk, case, "regulator-answered", row.pk, answered_on="", reference="复1")
    assert "复1" in side(desk, case)


def test_mediation_is_a_step_of_the_status_menu(desk, case):
    act(desk, case, "move-accept", words="")
    act(desk, case, "move-mediate", body="上海银行业纠纷调解中心", reference="调8", started_on="")
    assert case.state == "mediation"
    assert "上海银行业纠纷调解中心" in side(desk, case)


def decided(case):
    services.accept(case)
    services.transition(case, "decide", data={"outcome": "upheld", "root_cause": "rules", "decision": "退还。"})
    return Case.objects.get(pk=case.pk)


@pytest.mark.service("fonts")
def test_the_letter_is_previewed_and_downloaded(desk, case):
    act(desk, case, "decide", outcome="upheld", root_cause="rules", decision="退还。")
    draft = desk.get(reverse("desk:letter-preview", args=[case.number]))
    assert (draft.status_code, draft.content[:5]) == (200, b"%PDF-")
    made = letters.make(decided(case), SYSTEM)
    url = reverse("desk:letter", args=[made.pk])
    assert url in side(desk, case)
    answer = desk.get(url)
    assert b"".join(answer.streaming_content)[:5] == b"%PDF-"
    assert "attachment" in answer["Content-Disposition"]
    desk.force_login(make_user("agent", team=TeamFactory()))
    assert desk.get(url).status_code == 404


def test_a_recheck_opens_with_the_superior_team(desk, case):
    TeamFactory(code="recheck")
    assert "recheck" not in [entry.name for entry in _menu(case, desk)]
    case = decided(case)
    assert act(desk, case, "recheck", reason="认定事实有误").status_code == 200
    second = case.rechecks.get().case
    assert second.number in side(desk, case)


def _menu(case, desk):
    from console.desk.acts import menu_of
    from console.staff.models import User

    return menu_of(User.objects.get(pk=desk.session["_auth_user_id"]), case)


def test_limits_name_their_source_on_the_clock(desk, case):
    assert "银保监会令2020年第3号" in page(desk, case)
