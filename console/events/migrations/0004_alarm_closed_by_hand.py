from django.db import migrations, models


class Migration(migrations.Migration):
    """Expand: who closed an alarm by hand, and what was done."""

    dependencies = [("events", "0003_leases_name_their_holder")]

    operations = [
        migrations.AddField(
            "alarm", "closed_by", models.CharField(blank=True, db_default="", default="", max_length=150, verbose_name="closed by")
        ),
        migrations.AddField(
            "alarm",
            "closing_note",
            models.CharField(blank=True, db_default="", default="", max_length=300, verbose_name="what was done"),
        ),
    ]
