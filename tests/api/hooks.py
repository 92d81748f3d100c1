"""What the API is not asked, because its description has no words for it."""

import unicodedata

import schemathesis


@schemathesis.hook
def filter_case(_, case):
    """Texts are counted in their normal form (ADR 21), a schema counts them as they come: only those where
    both are the same are sent."""
    return is_normal(case.body)


def is_normal(value):
    if isinstance(value, str):
        return (
            unicodedata.is_normalized("NFC", value)
            and value == value.strip()
            and not any(is_changed(character) for character in value)
        )
    if isinstance(value, dict):
        return all(is_normal(key) and is_normal(member) for key, member in value.items())
    if isinstance(value, list):
        return all(is_normal(item) for item in value)
    return True


def is_changed(character):
    """Control characters, marks that cannot be seen, and line ends of other systems."""
    return character != "\n" and unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")
