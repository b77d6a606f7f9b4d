"""What customers of the demo bank said of cases that came to an end."""

import random
from datetime import timedelta

from console.cases.models import Case
from console.outreach.models import SurveyAnswer, SurveyInvitation, SurveyRule

ANSWERED, WORDS = 0.42, 0.3
SCORES = {5: 46, 4: 31, 3: 11, 2: 7, 1: 5}
SAID = {
    "zh-hans": {
        True: ("回复很清楚，谢谢。", "处理得比预想的快。", "专人跟进，很放心。"),
        False: ("等得太久了。", "说了几遍才明白。", "结果不满意。"),
    },
    "en": {True: ("Clear and quick, thank you.",), False: ("It took too long.",)},
}


def load_surveys(seed: int = 11) -> int:
    """Invitations and answers for closed cases of types that are asked about, unless some are there."""
    if SurveyInvitation.objects.exists():
        return 0
    dice, answers, invitations = random.Random(seed), [], []
    for rule in SurveyRule.objects.filter(is_active=True):
        reasons = [code for code, _words in rule.options()]
        rows = Case.objects.filter(type_id=rule.type_id, closed_at__isnull=False, withdrawn_at=None, set_aside="")
        for case in rows.order_by("id"):
            invitations.append(SurveyInvitation(case=case, round=case.reopened, created_at=case.closed_at))
            if dice.random() < ANSWERED:
                answers.append(_answer(case, reasons, dice))
    SurveyInvitation.objects.bulk_create(invitations)
    SurveyAnswer.objects.bulk_create(answers)
    return len(answers)


def _answer(case: Case, reasons: list[str], dice: random.Random) -> SurveyAnswer:
    score = dice.choices(list(SCORES), list(SCORES.values()))[0]
    said = SAID.get(case.language, SAID["zh-hans"])[score > 3]
    return SurveyAnswer(
        case=case,
        round=case.reopened,
        score=score,
        reason=dice.choice(reasons) if reasons else "",
        text=dice.choice(said) if dice.random() < WORDS else "",
        language=case.language,
        answered_at=case.closed_at + timedelta(minutes=dice.randint(3, 2000)),
    )
