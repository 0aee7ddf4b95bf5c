"""The least that a Django view can cost: a constant, without middleware. What we are measured against."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

if not settings.configured:
    settings.configure(
        ROOT_URLCONF=__name__,
        SECRET_KEY="hello",
        ALLOWED_HOSTS=["*"],
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
        LOGGING_CONFIG=None,
    )


def hello(request):
    return HttpResponse(b'{"success":true}', content_type="application/json")


urlpatterns = [path("hello", hello)]
application = get_wsgi_application()
