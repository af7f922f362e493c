"""Marks words of problems for the catalogue where they stand in tables, long before a request."""


def gettext(words: str) -> str:
    """Mark words for the catalogue; they are looked up when they are said."""
    return words
