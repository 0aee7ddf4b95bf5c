"""How a person is shown to those who may not see personal fields. Pure."""


def person(name: str | None, user_id: str | None, *, in_full: bool) -> str:
    """A name in full or as "Mia K."; else the client's id, in full or with its middle hidden."""
    if name:
        return name if in_full else _short(name)
    if not user_id:
        return "a visitor"
    return user_id if in_full else masked(user_id)


def masked(text: str) -> str:
    """The first two and the last characters: enough to recognise, too little to use."""
    return f"{text[:2]}…{text[-1:]}" if len(text) > 4 else f"{text[:1]}…"


def _short(name: str) -> str:
    first, *rest = name.split()
    return f"{first} {rest[-1][0]}." if rest else masked(first)
