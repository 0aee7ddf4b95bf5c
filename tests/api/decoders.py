"""Judges an answer as real apps' decoders do: one wrong type, and they drop it whole or crash.

Each function takes the parsed JSON (and the status where the app looks at it) and raises
AssertionError that names the path that would break a client.
"""

import base64
import json
from collections.abc import Mapping

USER_TEXT = (
    *("id", "userId", "anonymousId", "gluId", "userName", "email", "phone", "cookieId", "appVersion"),
    *("client", "referralLink", "referredBy", "sessionId", "deviceId", "deviceType", "deviceName"),
)
PROFILE_TEXT = ("firstName", "lastName", "age", "city", "country", "timezone")
IDENTITY_TEXT = (
    *("facebook_id", "google_id", "android_id", "ios_id"),
    *("clevertap_id", "mparticle_id", "segment_id", "moengage_id"),
)
BANNER_TEXT = (
    *("title", "body", "imageUrl", "totalUsers", "completedUsers", "inProgressUsers", "totalSteps"),
    *("stepsCompleted", "stepsRemaining", "tag", "userCampaignStatus"),
)
CONFIG_TRUTH = (
    *("disableSdk", "enableAnalytics", "enableEntryPoints", "enableSentry", "enableSse"),
    *("forceUserRegistration", "allowUserRegistration", "enableDarkMode", "listenToSystemDarkLightMode"),
    *("isDiagnosticsEnabled", "isMetricsEnabled", "isCrashLoggingEnabled", "enableMqtt"),
    *("allowAnonymousRegistration", "enableSslPinning", "allowProxy", "preloadWebView"),
)
CONFIG_WHOLE = ("errorCodeForDomain", "allowedRetryCount", "campaignCount", "entryPointCount")
CONFIG_TEXT = (
    *("loaderColor", "loadScreenColor", "lightBackground", "darkBackground", "androidStatusBarColor"),
    *("androidStatusBarLightColor", "androidStatusBarDarkColor", "errorMessageForDomain", "secretKey"),
    *("callbackConfigurationUrl", "deeplinkUrl", "derCertificate"),
)
CONFIG_TEXTS = ("whiteListedDomains", "testUserIds", "mqttEnabledComponents")
CONFIG_PLATFORMS = ("activityIdList", "bannerIds", "embedIds")


def registration(status, answer):
    """iOS CGRegistrationModel, and Android, which takes no status but 200."""
    assert status == 200
    assert answer["success"] is True
    data = answer["data"]
    token(data["token"])
    texts_or_null("data.user", data["user"], USER_TEXT)
    texts_or_null("data.user.profile", data["user"]["profile"], PROFILE_TEXT)
    texts_or_null("data.user.identities", data["user"]["identities"], IDENTITY_TEXT)


def token(text):
    """What apps read of a token without verifying it."""
    assert isinstance(text, str)
    assert text.count(".") == 2, "iOS crashes on a token without dots"
    middle = text.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert whole(claims["exp"]) and claims["exp"] < 2**31, "Android reads exp into 32 bits"
    assert isinstance(claims["userId"], str)
    assert isinstance(claims.get("anonymousId", ""), str)
    return claims


def wallet(status, answer):
    """iOS CGCampaignsModel and Android's RewardModel."""
    assert status == 200
    assert answer["success"] is True
    absolute_with_query("defaultUrl", answer["defaultUrl"])
    for key in ("liveCampaignCount", "totalRewardCount"):
        assert whole(answer["defaultBanner"][key]), f"defaultBanner.{key} must be a whole number"
    assert isinstance(answer["campaigns"], list)
    for at, campaign in enumerate(answer["campaigns"]):
        for key in ("campaignId", "url", "type", "status"):
            assert isinstance(campaign[key], str), f"campaigns[{at}].{key} must be text"
        absolute_with_query(f"campaigns[{at}].url", campaign["url"])
        if campaign.get("banner") is not None:
            texts_or_null(f"campaigns[{at}].banner", campaign["banner"], BANNER_TEXT)


def sdk_config(status, answer, host):
    """The mobile part of the SDK's configuration, and what it takes to load campaigns at all."""
    assert status == 200
    assert answer["success"] is True
    mobile = answer["data"]["mobile"]
    for key in CONFIG_TRUTH:
        assert isinstance(mobile.get(key, True), bool), f"{key} must be true or false"
    for key in CONFIG_WHOLE:
        assert whole(mobile.get(key, 0)), f"{key} must be a whole number"
    for key in CONFIG_TEXT:
        assert isinstance(mobile.get(key, ""), str), f"{key} must be text"
    for key in CONFIG_TEXTS:
        assert all(isinstance(each, str) for each in mobile.get(key, [])), f"{key} must be a list of texts"
    for key in CONFIG_PLATFORMS:
        for platform, ids in mobile.get(key, {}).items():
            assert platform in {"android", "ios"} and all(isinstance(each, str) for each in ids), key
    assert mobile["campaignCount"] >= 1, "iOS never loads campaigns"
    assert mobile["entryPointCount"] >= 1, "iOS never loads entry points"
    assert mobile["enableSslPinning"] is False, "a missing key means pinning to another host's certificate"
    assert any(host.endswith(domain) for domain in mobile["whiteListedDomains"]), "pages would not open"


def entry_points(status, answer):
    """The list of entry points; iOS unwraps both keys by force."""
    assert status == 200
    assert isinstance(answer["success"], bool)
    assert isinstance(answer["data"], list)
    for point in answer["data"]:
        mobile = point["mobile"]
        container = mobile["container"]
        assert container["type"] in {"FLOATING", "POPUP", "PIP", "AD_POPUP", "BANNER", "EMBEDDED"}
        for key in ("bannerId", "height", "width", "position", "borderRadius"):
            assert isinstance(container.get(key, ""), str), f"container.{key} must be text"
        for content in mobile["content"]:
            for key in ("_id", "campaignId", "openLayout", "url"):
                assert isinstance(content[key], str), f"content.{key} must be text"


def entry_point_state(status, answer):
    """In iOS 3.1 nothing is drawn unless this decodes."""
    assert status == 200
    assert isinstance(answer["success"], bool)
    assert isinstance(answer["data"], list)
    for row in answer["data"]:
        for key in ("entryPointClicked", "entryPointCompleteStateViewed"):
            assert isinstance(row[key], bool), f"{key} must be true or false"
        for key in ("entrypointId", "userId", "campaignId", "client", "id"):
            assert isinstance(row.get(key, ""), str), f"{key} must be text"


def refusal(status, answer, *, entry_point=False):
    """Any refusal: iOS unwraps `success` by force, and `data` on entry-point paths."""
    assert status not in {408, 429, 502}, "clients repeat these without end"
    assert status >= 400
    assert answer["success"] is False
    assert isinstance(answer["message"], str) and answer["message"]
    assert isinstance(answer["error"]["message"], str)
    assert isinstance(answer["error"]["code"], str)
    assert "defaultUrl" not in answer, "iOS would take the refusal for a wallet"
    if entry_point:
        assert answer["data"] == []


def texts_or_null(path, part, keys):
    assert isinstance(part, Mapping), f"{path} must be an object"
    for key in keys:
        value = part.get(key)
        assert value is None or isinstance(value, str), f"{path}.{key} is {value!r}; iOS demands text"


def absolute_with_query(path, url):
    assert isinstance(url, str), f"{path} must be text"
    assert url.startswith(("http://", "https://")), f"{path} must be absolute"
    assert "?" in url, f"{path} must hold a ?, since iOS appends &darkMode=…"


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def taken(status, answer):
    """iOS CGAddCartModel (two texts) and Android's (success, data an object), of one same answer."""
    assert status == 200
    assert answer["success"] is True
    texts_or_null("", answer, ("SequenceNumber", "ShardId"))
    assert isinstance(answer["data"], dict)
