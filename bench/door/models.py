from django.db import models


class Bare(models.Model):
    """One row an unverified, unparsed request leaves in a view that does nothing else."""

    body = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "door"
