"""Weaker parts of what is told: words of others as they came."""


def as_it_was_said(text: str) -> str:
    """What an exchange says is kept as it was said."""
    return text
