"""`POST /user/v1/user/sdk`: what apps call at every start to make a person known."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api.auth import header, open_with_write_key
from glu_admin.api.json import answer, load_object
from glu_admin.api.throttles import limit
from glu_admin.api.views import JsonView
from users import tokens
from users.answers import registered_body
from users.documents import REGISTER
from users.identity import signed
from users.registration import register
from users.registration_form import parse


class RegisterView(JsonView):
    """Registers a person, or says more of one who is known.

    A token that comes along is ignored: apps send old ones of other people.
    """

    @extend_schema(**REGISTER)
    def post(self, request: Request) -> HttpResponse:
        body = load_object(request)
        config = open_with_write_key(request, body.get("writeKey") or header(request, "X-API-KEY"))
        form = signed.checked(config, parse(body))
        limit("user", f"{config.id_as_text}:{form.user_id or form.anonymous_id}", path=request.path)
        now = timezone.now()
        registered = register(config, form, now=now)
        token = tokens.issue(config, registered.subject, now=now)
        return answer(registered_body(config, registered, token))
