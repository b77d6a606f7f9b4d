from django.db import migrations, models

from console.foundation.indexes import AddIndexAside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0007_product_owners")]

    operations = [
        AddIndexAside(
            "case",
            models.Index(
                fields=["due_key", "id"],
                condition=models.Q(("is_open", True), ("owner__isnull", True)),
                name="case_unowned_due",
            ),
        ),
        AddIndexAside(
            "case",
            models.Index(fields=["due_key", "id"], condition=models.Q(("breached", True)), name="case_breached_due"),
        ),
    ]
