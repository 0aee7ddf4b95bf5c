"""The addresses of jobs."""

from django.urls import URLPattern, URLResolver, path

from glu_admin.jobs import api

JOB = "api/v1/jobs/<uuid:job_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/jobs", api.JobsView.as_view(), name="v1-jobs"),
    path(JOB, api.JobView.as_view(), name="v1-job"),
    path(f"{JOB}/cancel", api.CancelView.as_view(), name="v1-job-cancel"),
    path(f"{JOB}/file", api.FileView.as_view(), name="v1-job-file"),
]
