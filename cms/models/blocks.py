"""Building blocks of an article, made for support: steps, a notice, questions and answers."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

PLAIN = ["bold", "link", "ol", "ul"]


class Step(blocks.StructBlock):
    text = blocks.RichTextBlock(features=PLAIN, label=_("what to do"))
    picture = ImageChooserBlock(required=False, label=_("picture"))

    class Meta:
        label = _("step")


class Steps(blocks.StructBlock):
    title = blocks.CharBlock(required=False, label=_("title"))
    steps = blocks.ListBlock(Step(), label=_("steps"))

    class Meta:
        icon = "list-ol"
        label = _("steps")
        template = "cms/blocks/steps.html"


class Notice(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        choices=[("info", _("information")), ("warning", _("warning"))], default="info", label=_("kind")
    )
    text = blocks.RichTextBlock(features=PLAIN, label=_("text"))

    class Meta:
        icon = "warning"
        label = _("notice")
        template = "cms/blocks/notice.html"


class Question(blocks.StructBlock):
    question = blocks.CharBlock(label=_("question"))
    answer = blocks.RichTextBlock(features=PLAIN, label=pgettext_lazy("question", "answer"))

    class Meta:
        icon = "help"
        label = _("question and answer")
        template = "cms/blocks/question.html"


class Body(blocks.StreamBlock):
    heading = blocks.CharBlock(icon="title", label=_("heading"), template="cms/blocks/heading.html")
    text = blocks.RichTextBlock(features=PLAIN, icon="pilcrow", label=_("text"))
    steps = Steps()
    notice = Notice()
    question = Question()
