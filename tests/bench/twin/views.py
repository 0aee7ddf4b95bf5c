from datetime import timedelta

import jwt
from django.db import transaction
from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import authentication, exceptions, permissions
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from tests.bench.twin.models import App, Campaign, Participation, Person
from tests.bench.twin.segments import fits
from tests.bench.twin.serializers import CampaignSerializer, PersonSerializer, RegistrationSerializer

SENT = {
    "userName": "user_name",
    "email": "email",
    "phone": "phone",
    "deviceId": "device_id",
    "deviceType": "device_type",
    "appVersion": "app_version",
}


class UserThrottle(SimpleRateThrottle):
    scope = "user"

    def get_cache_key(self, request, view):
        return f"user:{request.user.pk or self.get_ident(request)}"


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        try:
            claimed = jwt.decode(token, options={"verify_signature": False})
            person = Person.objects.select_related("app").get(glu_id=claimed["gluId"])
            jwt.decode(token, person.app.secret, algorithms=["HS256"])
        except (jwt.InvalidTokenError, KeyError, Person.DoesNotExist):
            raise exceptions.AuthenticationFailed from None
        person.is_authenticated = True
        return person, token


def issue(person, kind="user"):
    now = timezone.now()
    claims = {
        "userId": person.user_id,
        "gluId": str(person.glu_id),
        "kind": kind,
        "iat": now,
        "exp": now + timedelta(days=30),
    }
    return jwt.encode(claims, person.app.secret, algorithm="HS256")


class RegisterView(APIView):
    authentication_classes = []
    throttle_classes = [UserThrottle]

    def post(self, request):
        form = RegistrationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        app = get_object_or_404(App, write_key=sent["writeKey"])
        with transaction.atomic():
            person, _ = Person.objects.select_for_update().get_or_create(app=app, user_id=sent["userId"])
            for name, column in SENT.items():
                if name in sent:
                    setattr(person, column, sent[name])
            person.profile |= sent.get("profile", {})
            person.attributes |= sent.get("customAttributes", {})
            person.save()
        person.app = app
        return Response(
            {"success": True, "data": {"token": issue(person), "user": PersonSerializer(person).data}}
        )


class WalletView(APIView):
    authentication_classes = [TokenAuthentication]
    permission_classes = [permissions.IsAuthenticated]
    throttle_classes = [UserThrottle]

    def get(self, request):
        now = timezone.now()
        live = (
            Campaign.objects.filter(app=request.user.app, status="live")
            .filter(Q(starts_at=None) | Q(starts_at__lte=now), Q(ends_at=None) | Q(ends_at__gt=now))
            .select_related("segment")
            .prefetch_related(
                Prefetch("participations", Participation.objects.filter(person=request.user), to_attr="own")
            )
        )
        live = [each for each in live if each.segment is None or fits(each.segment.rule, request.user)]
        page_token = issue(request.user, "page")
        context = {"request": request, "token": page_token}
        return Response(
            {
                "success": True,
                "defaultUrl": request.build_absolute_uri(f"/wallet/?token={page_token}"),
                "defaultBanner": {
                    "liveCampaignCount": len(live),
                    "totalRewardCount": request.user.rewards.count(),
                },
                "campaigns": CampaignSerializer(live, many=True, context=context).data,
            }
        )
