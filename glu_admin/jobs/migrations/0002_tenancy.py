"""A piece of a file stays in the environment of its job."""

from django.db import migrations

from glu_admin.tenancy import tenant_key


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]

    operations = [tenant_key("jobs_jobfile", "job_id", "jobs_job", "CASCADE")]
