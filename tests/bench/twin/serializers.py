from rest_framework import serializers

from tests.bench.twin.models import Campaign, Person


class RegistrationSerializer(serializers.Serializer):
    userId = serializers.CharField(max_length=255)
    writeKey = serializers.CharField(max_length=64)
    userName = serializers.CharField(max_length=255, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=64, required=False, allow_blank=True)
    deviceId = serializers.CharField(max_length=255, required=False)
    deviceType = serializers.ChoiceField(choices=["android", "ios", "default"], required=False)
    appVersion = serializers.CharField(max_length=255, required=False)
    profile = serializers.DictField(required=False)
    customAttributes = serializers.DictField(required=False)


class PersonSerializer(serializers.ModelSerializer):
    userId = serializers.CharField(source="user_id")
    gluId = serializers.UUIDField(source="glu_id")
    userName = serializers.CharField(source="user_name")
    deviceId = serializers.CharField(source="device_id")
    deviceType = serializers.CharField(source="device_type")
    appVersion = serializers.CharField(source="app_version")
    customAttributes = serializers.JSONField(source="attributes")

    class Meta:
        model = Person
        fields = [
            "userId", "gluId", "userName", "email", "phone", "deviceId", "deviceType", "appVersion",
            "profile", "customAttributes",
        ]  # fmt: skip


class BannerSerializer(serializers.Serializer):
    title = serializers.CharField(default="")
    body = serializers.CharField(default="")
    imageUrl = serializers.CharField(default="")
    tag = serializers.CharField(default="")


class CampaignSerializer(serializers.ModelSerializer):
    campaignId = serializers.UUIDField(source="id")
    banner = BannerSerializer()
    status = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Campaign
        fields = ["campaignId", "type", "status", "url", "banner"]

    def get_status(self, campaign):
        own = campaign.own
        return own[0].status if own else "pristine"

    def get_url(self, campaign):
        request, token = self.context["request"], self.context["token"]
        return request.build_absolute_uri(f"/reward/?token={token}&campaignId={campaign.id}")
