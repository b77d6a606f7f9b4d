import pytest
from django.urls import reverse

from console.cases.models import CaseType, CaseTypeVersion, CategoryTree, GradeScale, IntakeRule, Transition
from console.cases.services import versions
from tests.factories.cases import make_case
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(make_user(is_superuser=True, is_staff=True))
    return client


@pytest.fixture
def active(preset):
    return CaseTypeVersion.objects.get(type__code="complaint", state="active")


def change(obj):
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


@pytest.mark.parametrize(
    "model",
    [
        "case", "casetype", "casetypeversion", "categorytree", "gradescale", "intakerule", "task", "approval",
        "escalation", "recompute", "messagemark",
    ],
)  # fmt: skip
def test_every_list_opens(admin, preset, model):
    make_case("complaint")
    assert admin.get(reverse(f"admin:cases_{model}_changelist")).status_code == 200


def test_the_pages_of_the_configuration_open(admin, active):
    pages = [active, active.type, CategoryTree.objects.first(), GradeScale.objects.first(), make_case("complaint")]
    pages.append(IntakeRule.objects.create(name="mail", type=active.type))
    for obj in pages:
        assert admin.get(change(obj)).status_code == 200, obj


@pytest.mark.parametrize("model", ["intakerule", "gradescale"])
def test_a_new_row_has_the_builder_of_its_condition(admin, preset, model):
    page = admin.get(reverse(f"admin:cases_{model}_add")).content.decode()
    assert "data-group" in page
    assert ">\nnull</textarea>" not in page


def test_an_active_version_offers_a_draft_and_no_typing(admin, active):
    page = admin.get(change(active)).content.decode()
    assert reverse("admin:cases_casetypeversion_draft", args=[active.pk]) in page
    assert 'name="reopen_days"' not in page


def test_a_draft_is_a_copy_to_work_on(admin, active):
    url = reverse("admin:cases_casetypeversion_draft", args=[active.pk])
    admin.post(url)
    draft = CaseTypeVersion.objects.get(state="draft")
    assert versions.read(draft) == versions.read(active)
    admin.post(url)
    assert CaseTypeVersion.objects.filter(state="draft").count() == 1
    page = admin.get(change(draft)).content.decode()
    assert 'name="reopen_days"' in page


def form_of(page):
    """Every value of the page's form, as a browser would send it."""
    found = {}
    context = page.context
    forms = [context["adminform"].form]
    for formset in (item.formset for item in context["inline_admin_formsets"]):
        forms += [formset.management_form, *formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                found[bound.html_name] = "on"
            elif value is not None and value is not False:
                found[bound.html_name] = value
    return found


def test_saving_a_draft_unchanged_keeps_it(admin, active):
    admin.post(reverse("admin:cases_casetypeversion_draft", args=[active.pk]))
    draft = CaseTypeVersion.objects.get(state="draft")
    before = versions.read(draft)
    answer = admin.post(change(draft), form_of(admin.get(change(draft))))
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert versions.read(draft) == before


def test_a_draft_is_changed_checked_and_activated(admin, active):
    admin.post(reverse("admin:cases_casetypeversion_draft", args=[active.pk]))
    draft = CaseTypeVersion.objects.get(state="draft")
    data = form_of(admin.get(change(draft))) | {"reopen_days": "7"}
    assert admin.post(change(draft), data).status_code == 302
    url = reverse("admin:cases_casetypeversion_activate", args=[draft.pk])
    assert admin.get(url).status_code == 200
    admin.post(url, {"reason": "缩短期限"})
    draft.refresh_from_db()
    active.refresh_from_db()
    assert (draft.state, draft.reopen_days, draft.reason, active.state) == ("active", 7, "缩短期限", "retired")


def test_what_is_wrong_stands_on_the_page_and_nothing_is_activated(admin, active):
    draft = versions.draft_of(active.type)
    Transition.objects.filter(version=draft, target="closed").delete()
    Transition.objects.filter(version=draft, target="withdrawn").delete()
    url = reverse("admin:cases_casetypeversion_activate", args=[draft.pk])
    answer = admin.post(url, {"reason": "x"})
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert len(answer.context["wrong"]) >= 2


def test_a_condition_in_a_form_is_checked(admin, active):
    draft = versions.draft_of(active.type)
    data = form_of(admin.get(change(draft)))
    guard = next(name for name in data if name.endswith("-guard"))
    answer = admin.post(change(draft), data | {guard: '{"field": "nothing", "op": "eq", "value": 1}'})
    assert answer.status_code == 200


def test_a_new_type_begins_with_a_draft(admin, preset):
    data = {"code": "praise", "name": "表扬", "name_en": "Praise", "is_active": "on", "order": "3", "description": ""}
    inline = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
    answer = admin.post(reverse("admin:cases_casetype_add"), data | inline)
    draft = CaseTypeVersion.objects.get(type=CaseType.objects.get(code="praise"))
    assert answer.url == change(draft)


def test_an_agent_may_look_at_cases_but_not_at_others(client, preset, team):
    agent = make_user("agent", team=team, is_staff=True)
    client.force_login(agent)
    mine, other = make_case("complaint", team=team), make_case("complaint")
    assert client.get(change(mine)).status_code in (200, 302)
    assert client.get(change(other)).status_code == 302
    draft = CaseTypeVersion.objects.get(type__code="complaint")
    assert client.post(reverse("admin:cases_casetypeversion_draft", args=[draft.pk])).status_code == 403
