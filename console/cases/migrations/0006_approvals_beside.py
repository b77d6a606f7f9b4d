from django.db import migrations


def note_approvals(apps, schema_editor):
    """Pages ask for approvals only where a case says it has some."""
    Case, Approval = apps.get_model("cases", "Case"), apps.get_model("cases", "Approval")
    asked = Approval.objects.values_list("case", flat=True).distinct().order_by("case")
    for case in Case.objects.filter(pk__in=asked, beside__isnull=False).only("pk", "beside").iterator(500):
        case.beside = sorted({*case.beside, "approvals"})
        case.save(update_fields=["beside"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_repeat_contact")]

    operations = [migrations.RunPython(note_approvals, migrations.RunPython.noop)]
