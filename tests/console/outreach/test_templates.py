import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from console.lowcode.blueprints import bundle
from console.lowcode.blueprints import services as blueprints
from console.outreach import rendering, services
from console.outreach.models import Template, TemplateText
from console.outreach.variables import LIST, examples
from tests.factories.cases import PRESET, cn_bank, make_case
from tests.factories.staff import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def preset(db):
    cn_bank()


def make_template(body, language="zh-hans", subject="", code="hello", **values):
    template = Template.objects.create(code=code, name=code, **values)
    TemplateText.objects.create(template=template, language=language, subject=subject, body=body)
    return services.activate_template(template, reason="test")


def test_every_shipped_template_has_both_languages(preset):
    for template in Template.objects.filter(state="active"):
        assert {text.language for text in template.texts.all()} == {"zh-hans", "en"}, template


def test_the_blueprint_carries_templates_both_ways(preset):
    wanted = bundle.load(PRESET.read_text()).sections["templates"]
    exported = blueprints.export(only=["templates"]).sections["templates"]
    assert sorted(exported, key=lambda item: item["key"]) == sorted(wanted, key=lambda item: item["key"])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", ["acknowledgement", "decision", "extension", "closing", "update"])
def test_shipped_words_are_fit_to_send(preset, code, language):
    words = rendering.render(code, language, examples())
    assert words.language == language
    assert "{{" not in words.subject + words.body
    assert "!" not in words.body
    assert "！" not in words.body
    if language == "zh-hans":
        assert "您" in words.body


def test_variables_come_from_the_case(preset):
    case = make_case("complaint")
    words = rendering.render("acknowledgement", "zh-hans", case)
    assert words.subject == f"[{case.number}] 已收到您的来信"
    assert "小额免密关不掉" in words.body


def test_names_of_codes_follow_the_language_of_the_text(preset):
    case = make_case("complaint")
    case.outcome, case.decision = "upheld", "Switched off."
    assert "Outcome: Upheld" in rendering.render("decision", "en", case).body
    assert "处理结果：支持" in rendering.render("decision", "zh-hans", case).body


def test_a_line_with_nothing_to_say_is_left_out(db):
    make_template("您好\n电话 {{ hotline }}\n编号 {{ number }}")
    words = rendering.render("hello", "zh-hans", {"number": "HY-1"})
    assert words.body == "您好\n编号 HY-1"


def test_a_missing_language_falls_back_and_says_so(db):
    make_template("您好 {{ number }}")
    words = rendering.render("hello", "en", {"number": "HY-1"})
    assert words.fallback
    assert words.body.startswith("This notice is not available in English yet")
    assert words.body.endswith("您好 HY-1")


def test_values_are_no_templates(db):
    make_template("{{ subject }}")
    assert rendering.render("hello", "zh-hans", {"subject": "{{ decision }}"}).body == "{{ decision }}"


def test_a_subject_stays_one_line(db):
    make_template("x", subject="[{{ number }}] {{ subject }}")
    values = {"number": "1", "subject": "a\nBcc: b@example.org"}
    assert "\n" not in rendering.render("hello", "zh-hans", values).subject


@pytest.mark.parametrize("body", ["{{ password }}", "{{ number", "{% load x %}{{ number.__class__ }}"])
def test_only_listed_variables_are_accepted(db, body):
    text = TemplateText(template=Template.objects.create(code="bad", name="bad"), language="zh-hans", body=body)
    with pytest.raises(ValidationError):
        text.clean()


def test_a_template_for_one_channel_comes_first(db):
    make_template("全部")
    make_template("短信", number=2, channel_kinds=["sms"])
    assert rendering.render("hello", "zh-hans", {}, "sms").body == "短信"
    assert rendering.render("hello", "zh-hans", {}, "email").body == "全部"


def test_nothing_fits_says_so(db):
    with pytest.raises(rendering.NoTemplate):
        rendering.render("nothing", "zh-hans", {})


def test_an_active_template_is_never_changed(preset):
    text = Template.objects.get(code="decision", number=1).texts.first()
    text.body = "别的"
    with pytest.raises(ValidationError):
        text.save()


def test_a_new_edition_replaces_the_old(preset):
    old = Template.objects.get(code="decision", number=1)
    draft = services.draft_template(old)
    text = draft.texts.get(language="zh-hans")
    text.body = "决定：{{ decision }}"
    text.save()
    with pytest.raises(services.TemplateRefused):
        services.activate_template(draft)
    services.activate_template(draft, reason="更短")
    old.refresh_from_db()
    assert (old.state, draft.state, draft.number) == ("retired", "active", 3)
    assert rendering.render("decision", "zh-hans", {"decision": "好"}).body == "决定：好"


def test_a_template_without_chinese_is_not_activated(db):
    template = Template.objects.create(code="only", name="only")
    TemplateText.objects.create(template=template, language="en", body="Hello")
    with pytest.raises(services.TemplateRefused):
        services.activate_template(template, reason="x")


def test_a_wrong_template_in_a_blueprint_is_named(preset):
    loaded = bundle.load(PRESET.read_text())
    loaded.sections["templates"][0]["texts"]["en"]["body"] = "{{ secret }}"
    found = [str(problem) for problem in blueprints.check(loaded)]
    assert len(found) == 1
    assert "acknowledgement" in found[0]


def test_every_variable_reads_a_fresh_case(preset):
    case = make_case("complaint")
    assert all(isinstance(variable.read(case), str) for variable in LIST)


def test_the_editor_previews_drafts_and_activates(preset, client):
    client.force_login(make_user(is_superuser=True, is_staff=True))
    template = Template.objects.get(code="decision", number=1)
    page = client.get(reverse("admin:outreach_template_change", args=[template.pk])).content.decode()
    assert "HY-2026-004217" in page
    client.post(reverse("admin:outreach_template_draft", args=[template.pk]))
    draft = Template.objects.get(code="decision", state="draft")
    client.post(reverse("admin:outreach_template_activate", args=[draft.pk]), {"reason": "复核"})
    draft.refresh_from_db()
    assert draft.state == "active"
    assert client.get(reverse("admin:outreach_template_changelist")).status_code == 200


def test_the_brand_page_says_how_notices_call_the_bank(preset, settings):
    from wagtail.models import Site

    from cms.models import Brand

    case = make_case("complaint")
    settings.HUIYIN_BANK_NAME, settings.HUIYIN_HOTLINE = "环境里的银行", "10086"
    letter = Template(code="letter", number=1, send_class="service")
    text = TemplateText(template=letter, language="zh-hans", subject="{{ bank }}", body="请拨 {{ hotline }}")
    assert rendering.render_text(letter, text, case).subject == "环境里的银行"
    brand = Brand.for_site(Site.objects.get(is_default_site=True))
    brand.bank_zh, brand.hotline = "云杉银行", "95000"
    brand.save()
    rendering.forget()
    words = rendering.render_text(letter, text, case)
    assert (words.subject, words.body) == ("云杉银行", "请拨 95000")
