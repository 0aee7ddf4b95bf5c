"""One address that says whom a token names: what every address behind a token does first."""

from django.urls import path

from glu_admin.api.json import answer
from glu_admin.api.views import JsonView
from users import people, tokens


class WhoAmI(JsonView):
    def get(self, request):
        person = people.load(tokens.identify(request))
        return answer({"success": True, "userId": person.user_id})


urlpatterns = [path("reward/v1.1/whoami", WhoAmI.as_view())]
