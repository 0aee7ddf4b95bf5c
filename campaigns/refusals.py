"""Why a play does not take place, as answers: a stable code each, and what to do about it."""

from campaigns import answers
from campaigns.eligibility import Standing
from glu_admin.api.errors import ApiError

CLOSED = {
    "ended": ("campaign_ended", "This campaign has ended."),
    "paused": ("campaign_paused", "This campaign is paused. Try again later."),
    "not_started": ("not_started", "This campaign has not started yet."),
    "not_eligible": ("not_eligible", "This campaign is not for this user."),
    "no_plays_left": ("no_plays_left", "All plays of this campaign are used up."),
    "no_plays_today": ("no_plays_today", "All plays of today are used up."),
    "locked": ("campaign_locked", "Another campaign has to be completed first."),
    "done": ("campaign_completed", "This person has done all there is to do here."),
}


def closed(stands: Standing) -> ApiError:
    """The campaign or its limits do not allow a play now."""
    code, message = CLOSED[stands.reason]
    if stands.next_play_at:
        message += f" You can play from {answers.timestamp(stands.next_play_at)}."
    return ApiError(code, message, status=409)


def not_accepted() -> ApiError:
    message = 'This campaign begins when the person accepts: send {"action": {"accept": true}}.'
    return ApiError("not_accepted", message, status=409, field="action.accept")


def not_found() -> ApiError:
    return ApiError("campaign_not_found", "There is no campaign with this id or tag.", status=404)


def key_reused() -> ApiError:
    message = "This Idempotency-Key was used with another body. Send a new key for a new play."
    return ApiError("idempotency_key_reused", message, status=422, field="Idempotency-Key")


def in_progress() -> ApiError:
    message = "Another play of this person is still running. Send the same key again in a moment."
    return ApiError("play_in_progress", message, status=409)


def busy() -> ApiError:
    refusal = ApiError("busy", "The service is busy. Send the same key again in a moment.", status=503)
    refusal.headers["Retry-After"] = "1"
    return refusal
