"""What can be said of an event that was taken all the same. Pure.

A remark is a stable code, or `code:field`; that is how events keep it. `explain` says it in words.
"""

MESSAGES = {
    "clock_ahead": "The timestamp is more than 5 minutes in the future. Compare the clocks.",
    "late": "The event happened more than 24 hours before it was sent.",
    "timestamp_without_zone": "The timestamp names no time zone and was read as UTC. End it with Z.",
    "timestamp_as_number": "The timestamp is a number and was read as a Unix time. Send ISO 8601 text.",
    "timestamp_format": "The timestamp is not ISO 8601 and was read as a date of mail and web headers.",
    "timestamp_missing": "No time was sent; the time of arrival was taken.",
    "event_id_missing": "No id was sent; one was made from the event's content, to find duplicates by.",
    "unknown_field": "{field} is no field of an event and was not kept. Put it into the properties.",
    "property_name": "{field} is kept, but a rule can't name it: use 1 to 128 characters, not only"
    " digits, without control characters.",
    "property_missing": "The definition of this event asks for the property {field}.",
    "property_type": "The property {field} is not of the type that the definition of this event names.",
    "user_unknown": "Nobody is registered with this id yet. The event is kept for 24 hours and counts"
    " as soon as the user registers.",
}
LONGEST_FIELD = 64


def remark(code: str, field: str = "") -> str:
    return f"{code}:{field[:LONGEST_FIELD]}" if field else code


def explain(text: str) -> dict[str, str]:
    """A remark for an answer: {"code", "field" if it has one, "message"}."""
    code, _, field = text.partition(":")
    message = MESSAGES.get(code, code).format(field=field)
    return {"code": code, "field": field, "message": message} if field else {"code": code, "message": message}
