from django.db import models

from console.foundation.models import WorkRow


class Job(WorkRow):
    """One piece of work that only notes when it was committed and when it began."""

    committed = models.FloatField(default=0)
    began = models.FloatField(default=0)

    class Meta(WorkRow.Meta):
        pass
