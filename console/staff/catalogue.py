"""The roles and permissions as shipped. Rows made from this are the bank's to change in the hub."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .permissions import Text, register
from .scopes import Reach


@dataclass(frozen=True)
class ShippedRole:
    """A role every installation starts with. `name` and `name_en` are data, so both languages are written here."""

    code: str
    name: str
    name_en: str
    reach: Reach
    description: Text


ROLES = [
    ShippedRole("agent", "客服代表", "Agent", Reach.TEAM, _("Answers customers and works cases.")),
    ShippedRole("supervisor", "主管", "Supervisor", Reach.SITE, _("Leads teams, assigns and approves.")),
    ShippedRole(
        "complaint_officer",
        "投诉管理岗",
        "Complaint officer",
        Reach.EVERYTHING,
        _("Decides complaints and answers for their deadlines."),
    ),
    ShippedRole("knowledge_editor", "知识编辑", "Knowledge editor", Reach.OWN, _("Writes and publishes articles.")),
    ShippedRole("product_owner", "产品经理", "Product owner", Reach.OWN, _("Learns from cases about their products.")),
    ShippedRole("participant", "协办人员", "Participant", Reach.OWN, _("Does tasks other departments ask for.")),
    ShippedRole("auditor", "审计员", "Auditor", Reach.EVERYTHING, _("Reads everything, changes nothing.")),
    ShippedRole(
        "administrator", "管理员", "Administrator", Reach.EVERYTHING, _("Runs and configures the installation.")
    ),
]

# How the first word of a permission is called in the permission table.
GROUPS = {
    "hub": _("Hub"),
    "case": _("Cases"),
    "conversation": _("Conversations"),
    "message": _("Messages"),
    "channel": _("Channels"),
    "envelope": _("Envelopes"),
    "plugin": _("Plugins"),
    "customer": _("Customers"),
    "template": _("Templates"),
    "portal": _("Customers' pages"),
    "knowledge": _("Knowledge"),
    "rule": _("Rules"),
    "view": _("Views"),
    "blueprint": _("Configuration"),
    "alarm": _("Alarms"),
    "event": _("Events"),
    "audit": _("Audit"),
    "report": _("Reports"),
    "export": _("Export"),
    "staff": _("Staff"),
    "role": _("Roles"),
    "api": _("API"),
}

EVERYBODY = tuple(role.code for role in ROLES)
DESK = ("agent", "supervisor", "complaint_officer")
LEAD = ("supervisor", "complaint_officer")
OFFICER = ("complaint_officer",)
READERS = (*DESK, "product_owner", "participant", "auditor")
NOBODY_ELSE = ()
EDITORS = ("knowledge_editor",)

register("hub.use", _("Open the hub"), roles=EVERYBODY)
register("hub.administer", _("Open every admin page"), roles=NOBODY_ELSE, doors=["*"])

register("case.view", _("See cases"), roles=READERS, doors=["cases.view_*"])
register("case.open", _("Open a case"), roles=(*DESK, "participant"))
register("case.work", _("Work on cases"), roles=DESK)
register("case.task", _("Do tasks of a case"), roles=(*DESK, "participant", "product_owner"))
register("case.assign", _("Assign cases"), roles=DESK)
register("case.mark", _("Mark messages as spam, automatic, thanks or duplicate"), roles=DESK)
register("case.close", _("Close cases"), roles=DESK)
register("case.reopen", _("Reopen cases"), roles=DESK)
register("case.grade", _("Set the grade of a case"), roles=DESK)
register("case.extend", _("Ask for an extension"), roles=DESK)
register("case.approve", _("Approve transitions and extensions"), roles=LEAD)
register("case.redress", _("Record redress"), roles=LEAD)
register("case.merge", _("Merge, split and link cases"), roles=DESK)
register("case.recuse", _("Record a colleague's interest in a case, and end it"), roles=LEAD)
register("case.withdraw", _("Withdraw cases"), roles=DESK)
register("case.export", _("Export cases"), roles=(*LEAD, "auditor"))
register("case.bulk", _("Change many cases at once"), roles=LEAD)
register("case.configure", _("Change case types, flows and clocks"), roles=OFFICER, doors=["cases.*"])

register("conversation.view", _("See conversations"), roles=READERS, doors=["conversations.view_*"])
register("conversation.work", _("Answer in conversations"), roles=DESK)
register("conversation.note", _("Write internal notes"), roles=(*DESK, "participant", "product_owner"))
register("conversation.assign", _("Assign conversations"), roles=DESK)
register("conversation.move", _("Move a message to another conversation"), roles=DESK)

register(
    "message.view",
    _("See messages"),
    roles=READERS,
    doors=[
        f"channels.view_{name}"
        for name in ("message", "attachment", "delivery", "receipt", "messageparticipant", "arrival")
    ],
)
register("message.send", _("Send messages"), roles=DESK)
register("message.view_original", _("See the original of a masked message"), roles=(*LEAD, "auditor"))
register("message.decide_unknown", _("Decide deliveries whose fate is unknown"), roles=LEAD)

register(
    "channel.view",
    _("See channels and envelopes"),
    roles=(*LEAD, "auditor"),
    doors=["channels.view_*", "plugin_host.view_*"],
)
register("channel.configure", _("Configure channels"), roles=NOBODY_ELSE, doors=["channels.*"])
register("channel.policy", _("Change sending policy and banned words"), roles=OFFICER)
register("envelope.view", _("See raw envelopes"), roles=("auditor",))
register("envelope.replay", _("Replay quarantined envelopes"), roles=("supervisor",))
register("plugin.view", _("See plugins"), roles=("auditor",), doors=["plugin_host.view_*"])
register("plugin.enable", _("Enable and disable plugins"), roles=NOBODY_ELSE, doors=["plugin_host.*"])

register("customer.find", _("Find a customer by exact identifier"), roles=(*DESK, "participant"))
register(
    "customer.view",
    _("See customers"),
    roles=(*DESK, "auditor"),
    doors=["customers.view_*"],
)
register(
    "customer.edit",
    _("Edit customers"),
    roles=DESK,
    doors=[
        f"customers.{action}_{name}"
        for action in ("add", "change")
        for name in ("customer", "contact", "authorisation")
    ],
)
register("customer.note", _("Write notes about a customer"), roles=DESK)
register("customer.tag", _("Tag customers"), roles=DESK)
register("customer.consent", _("Record consent"), roles=DESK)
register("customer.open_with_reason", _("Open a customer outside one's scope, with a reason"), roles=DESK)
register("customer.unmask", _("See masked values, with a reason"), roles=(*DESK, "auditor"))
register("customer.clear_name", _("See customers' names in full"), roles=(*DESK, "auditor"))
register(
    "customer.clear_contact",
    _("See telephone numbers and e-mail addresses in full"),
    roles=OFFICER,
    administrator=False,
)
register(
    "customer.clear_document",
    _("See identity and card numbers in full"),
    roles=NOBODY_ELSE,
    administrator=False,
)
register("customer.flag", _("Set customer flags and tier"), roles=LEAD)
register("customer.export", _("Export customers"), roles=OFFICER)
register("customer.configure", _("Manage tags"), roles=LEAD, doors=["customers.add_tag", "customers.change_tag"])

register("template.view", _("See message templates"), roles=(*DESK, *EDITORS), doors=["outreach.view_*"])
register("template.edit", _("Write message templates"), roles=(*OFFICER, *EDITORS), doors=["outreach.*"])

register("portal.configure", _("Configure the customers' pages"), roles=OFFICER, doors=["portal.*"])

register(
    "knowledge.edit",
    _("Edit knowledge"),
    roles=EDITORS,
    doors=[
        "wagtailadmin.access_admin",
        "cms.*",
        *(
            f"{app}.{action}_{name}"
            for app, name in (("wagtailimages", "image"), ("wagtaildocs", "document"))
            for action in ("add", "change", "choose", "view")
        ),
    ],
)
register("knowledge.publish", _("Publish knowledge"), roles=EDITORS)

register("rule.edit", _("Edit rules"), roles=LEAD)
register("view.share", _("Share saved views"), roles=LEAD, doors=["lowcode.*_savedview"])
register("blueprint.view", _("See and export the configuration"), roles=(*OFFICER, "auditor"))
register("blueprint.apply", _("Apply a blueprint"), roles=NOBODY_ELSE, doors=["lowcode.*", "foundation.*"])

register(
    "alarm.view",
    _("See alarms"),
    roles=(*LEAD, "auditor"),
    doors=["events.view_alarm", "events.view_alarmnotice"],
)
register("alarm.handle", _("Handle alarms"), roles=("supervisor",))
register("event.view", _("See the record of events"), roles=(*OFFICER, "auditor"), doors=["events.view_*"])
register("event.replay", _("Replay failed event deliveries"), roles=NOBODY_ELSE)
register("audit.read", _("Read everything for an audit"), roles=("auditor",), doors=["*.view_*"])
register("report.view", _("See reports"), roles=(*LEAD, "product_owner", "auditor"))
register("export.data", _("Export lists"), roles=(*LEAD, "auditor"))

register("staff.view", _("See colleagues"), roles=(*LEAD, "auditor"), doors=["staff.view_*"])
register(
    "staff.manage",
    _("Manage staff, teams and sites"),
    roles=NOBODY_ELSE,
    doors=["staff.*", "usersessions.*", "cases.*_productowner"],
)
register("staff.sessions", _("End colleagues' sessions"), roles=("supervisor",))
register("staff.hand_over", _("Hand over the work of somebody who leaves"), roles=("supervisor",))
register("role.manage", _("Change roles and permissions"), roles=NOBODY_ELSE)
register("api.use", _("Use the API"), roles=EVERYBODY)
register("api.token", _("Make API tokens"), roles=(*LEAD, "auditor"), doors=["api.*_apitoken"])
register(
    "api.webhook",
    _("Set up webhooks: what happens here, told to others"),
    roles=NOBODY_ELSE,
    doors=["api.*_webhook", "api.view_webhookdelivery"],
)
