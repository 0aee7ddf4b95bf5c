"""Signs of life that only the database can pass on, from workers to web processes."""

from django.db import models


class Heartbeat(models.Model):
    """When a kind of process was last seen; one row a kind."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"
