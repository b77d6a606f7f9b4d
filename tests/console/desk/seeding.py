"""A desk full of work, for pictures and counts: cases in every turn, a long talk, a bounced answer, approvals."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from console.cases import services
from console.cases.models import Case
from console.channels.models import Attachment, Delivery, Message, MessageParticipant, Receipt
from console.conversations.models import Conversation, Entry, Note
from console.customers.models import Customer, Tag
from console.customers.services import consents, profile
from console.customers.services.identities import resolve_identity
from tests.factories.cases import make_account, make_case, make_message
from tests.factories.customers import make_customer
from tests.factories.staff import TeamFactory, make_user

SUBJECTS = [
    (
        "小额免密关不掉,要求自己控制",
        "您好,我在手机银行里找了半天也找不到关闭小额免密支付的地方,上次柜台说已经关了,昨天又被扣了 35 元。"
        "请你们告诉我到底怎么关,并且说明为什么没有经过我同意就开通。",
    ),
    ("账单重复入账两笔 1,280 元", "十一月账单里同一家商户出现了两笔一样的金额,我只刷过一次卡,请核实并退回。"),
    ("年费是不是刷满六次就免", "想问一下白金卡的年费怎么免,是刷满六次还是要达到金额?"),
    ("提前还款违约金算错了", "合同里写的是一年以后免收,你们还是扣了我 2,300 元违约金。"),
    ("网点排队两个小时没人管", "周六上午在城东支行排队两个多小时,只开了一个窗口,大厅经理也不解释。"),
    ("手机银行转账提示系统异常", "转账一直提示 E1023,换了手机也不行,钱没有转出去但是余额少了。"),
    ("信用卡被盗刷,要求赔付", "半夜收到三条境外消费短信,我人在国内,卡也在手上。"),
    ("表扬南湖支行的小陈", "老人不会用手机银行,小陈耐心教了一个多小时,希望转达感谢。"),
    ("征信记录有误,影响房贷", "我早就结清了,征信上还是逾期,现在房贷批不下来,麻烦尽快处理。"),
    ("客服电话一直占线", "打了十几次都是占线,语音菜单绕来绕去找不到人工。"),
]
LONG = (
    "关于二〇二六年九月至十一月期间本人名下尾号账户多次被收取短信服务费、账户管理费、跨行转账手续费以及在本人"
    "从未签署任何书面协议的情况下被自动开通的所谓增值服务费用并且在本人先后三次前往网点两次致电客服热线要求关"
    "闭与退还均未获得明确答复的情况说明与退费请求以及对相关工作人员服务态度的投诉和对后续处理时限的要求请贵行"
    "务必在规定期限内予以书面答复谢谢"
)


class Desk:
    """The people and what they work on."""

    def __init__(self, cases: int = 36) -> None:
        self.team = TeamFactory(
            code="cards-1", name="信用卡一组", name_en="Cards 1", site__name="上海中心", site__name_en="Shanghai"
        )
        self.agent = make_user(
            "agent", team=self.team, username="agent", last_name="王", first_name="敏", job_title="客服代表"
        )
        self.supervisor = make_user(
            "supervisor", team=self.team, username="supervisor", last_name="赵", first_name="洁", job_title="主管"
        )
        self.officer = make_user(
            "complaint_officer", team=self.team, username="officer", last_name="周", first_name="正"
        )
        self.participant = make_user(
            "participant", username="participant", last_name="孙", first_name="强", site=self.team.site
        )
        self.admin = make_user("administrator", username="admin", last_name="管", first_name="理", site=self.team.site)
        self.account = make_account(name="客户服务邮箱", address="service@huiyin.example")
        self.main = self.complaint()
        self.cases = [self.plain(number) for number in range(cases)]

    def customer(self, name: str, number: int, **values: Any) -> Customer:
        return make_customer(
            display_name=name, phone=f"1380013{number:04d}", email=f"lin{number}@mail.example", site=self.team.site,
            team=self.team, **values,
        )  # fmt: skip

    def mail(
        self, customer: Customer, conversation: Conversation | None, subject: str, text: str, **values: Any
    ) -> Message:
        number = Message.objects.count()
        identity = resolve_identity("email", self.account, f"lin{customer.pk}@mail.example")
        message = make_message(
            conversation, account=self.account, customer=customer, identity=identity, subject=subject, text=text,
            wire_id=f"<{number}@mail.example>", **values,
        )  # fmt: skip
        MessageParticipant.objects.create(message=message, role="from", identity=identity, label="l***@mail.example")
        MessageParticipant.objects.create(message=message, role="to", own=True, label=self.account.address)
        return message

    def plain(self, number: int) -> Case:
        subject, text = SUBJECTS[number % len(SUBJECTS)]
        now = timezone.now()
        reached = now - timedelta(hours=5 * number + 1, minutes=7 * number)
        customer = self.customer("林陈王李赵周吴郑孙钱"[number % 10] + "晓华", number + 10)
        message = self.mail(
            customer, None, LONG if number == 7 else subject, text, reached_at=reached, occurred_at=reached
        )
        kind = "complaint" if number % 3 else "enquiry"
        owner = [self.agent, None, self.agent, self.supervisor][number % 4]
        return make_case(kind, message=message, team=self.team, owner=owner)

    def complaint(self) -> Case:
        subject, text = SUBJECTS[0]
        now = timezone.now()
        customer = self.customer("林女士", 1, tier="diamond", is_sensitive=True, do_not_market=True)
        at = now - timedelta(days=3, hours=2)
        message = self.mail(
            customer,
            None,
            subject,
            text,
            reached_at=at,
            occurred_at=at,
            quoted_text="> 尊敬的客户,您的小额免密支付功能已开通……",
        )
        Attachment.objects.create(
            message=message, name="扣款短信截图.png", content_type="image/png", size=184_320, sha256="0" * 64,
            stored_as="aa/x", state="clean",
        )  # fmt: skip
        case = make_case("complaint", message=message, team=self.team, owner=self.agent, grade=2)
        self.talk(case, customer, at)
        profile.add_note(self.agent, customer, "请在 18:00 后致电,白天上课不便接听。", pinned=True)
        profile.add_tag(self.agent, customer, Tag.objects.get_or_create(code="vip", defaults={"name": "重点客户"})[0])
        consents.record_consent(customer, "survey", granted=True, source="desk", actor=self.agent)
        services.add_task(
            case,
            "请核实免密支付开通时的签约记录",
            self.agent,
            assignee=self.participant,
            due_at=now + timedelta(hours=20),
        )
        return Case.objects.get(pk=case.pk)

    def talk(self, case: Case, customer: Customer, start: Any) -> None:
        talk = case.conversation
        Entry.objects.filter(conversation=talk).update(at=start)
        note = "已查到 11 月 3 日柜面关闭记录,但 11 月 20 日系统升级后重新打开,请技术核实。"
        first = "林女士,您好。您反映的问题我们已经收到,正在核实关闭未生效的原因,今天 18:00 前给您答复。"
        second = "林女士,补充一下:扣款 35 元已为您申请退回,预计三个工作日到账。"
        again = "谢谢,但是我要的是自己能控制开关,不是每次都打电话。另外请说明为什么会重新打开。"
        self.note(talk, self.agent, note, start + timedelta(hours=1))
        self.answer(talk, first, start + timedelta(hours=2), "delivered")
        self.answer(talk, second, start + timedelta(days=1), "failed", bounced=True)
        late = start + timedelta(days=2)
        message = self.mail(customer, talk, f"回复: {SUBJECTS[0][0]}", again, reached_at=late, occurred_at=late)
        Entry.objects.filter(message=message).update(at=late)

    def note(self, conversation: Conversation, author: Any, text: str, at: Any) -> None:
        note = Note.objects.create(author=author, text=text, created_at=at)
        Entry.objects.create(conversation=conversation, kind="note", note=note, at=at)

    def answer(self, conversation: Conversation, text: str, at: Any, status: str, bounced: bool = False) -> None:
        message = Message.objects.create(
            account=self.account,
            customer=conversation.customer,
            direction="out",
            subject="Re: 小额免密关不掉,要求自己控制",
            text=text,
            occurred_at=at,
            reached_at=at,
            correlation_id="seed",
            language="zh-hans",
        )
        Entry.objects.create(conversation=conversation, kind="message", message=message, at=at)
        delivery = Delivery.objects.create(
            message=message,
            account=self.account,
            send_class="reply",
            key=f"seed{message.pk}",
            status=status,
            sent_at=at,
            give_up_at=at + timedelta(days=3),
            correlation_id="seed",
            created_by="王敏",
            reason="550 mailbox unavailable" if bounced else "",
        )
        state = "failed" if bounced else "delivered"
        Receipt.objects.create(
            account=self.account,
            delivery=delivery,
            status=state,
            at=at + timedelta(minutes=2),
            code="5.1.1" if bounced else "",
        )
