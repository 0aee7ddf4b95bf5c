"""Whether a person fits a segment's rule, as most people would write it: one function down the tree."""

COMPARE = {
    "is": lambda found, value: found == value,
    "is_not": lambda found, value: found != value,
    "at_least": lambda found, value: found is not None and found >= value,
}


def fits(rule, person):
    if "all" in rule:
        return all(fits(each, person) for each in rule["all"])
    if "any" in rule:
        return any(fits(each, person) for each in rule["any"])
    if "not" in rule:
        return not fits(rule["not"], person)
    name = rule["field"].removeprefix("attributes.")
    return COMPARE[rule["operator"]](person.attributes.get(name), rule["value"])
