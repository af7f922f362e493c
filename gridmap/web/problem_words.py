"""What a problem says, in the language of the reader.

Details arise in English, where a service knows nothing of languages: a noun and its number, fixed
words, a sentence with values, or a place of the input and what is wrong there. Here they are
recognised, taken apart and said again. What people wrote stays as they wrote it.
"""

import re
from collections.abc import Mapping

from flask_babel import gettext

from gridmap.web.language import locale
from gridmap.web.problem_nouns import NOUNS, PLACES, STATES, VERBS
from gridmap.web.problem_sentences import SENTENCES
from gridmap.web.problem_texts import TEXTS

_LONGEST = 4000  # of a detail; a longer one is no sentence of ours

_NOUN = re.compile(rf"({'|'.join(sorted(NOUNS, key=len, reverse=True))}) ([\w-]{{1,40}})", re.ASCII)
_VALUE = re.compile(r"\{(\w+)\}")
_WORD = r"[\w-]{1,40}"
_TEXT = r"(?:(?!; ).){1,600}"  # never over the end of a fault into the next
_NUMBER = r"[\d,]{1,20}"
_FORMS = {  # every other value is one piece without a space
    "state": _WORD,
    "next": _WORD,
    "verb": _WORD,
    "names": _TEXT,
    "known": _TEXT,
    "text": _TEXT,
    "one": _TEXT,
    "other": _TEXT,
    "who": r".{1,80}",
    "low": _NUMBER,
    "high": _NUMBER,
    "n": _NUMBER,
    "lengths": r"\d{1,3}(?: or \d{1,3}){0,9}",
}
_WORDS: dict[str, Mapping[str, str]] = {"state": STATES, "next": STATES, "verb": VERBS}


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _VALUE.split(sentence)  # words and names of values by turns
    written = [
        f"(?P<{part}>{_FORMS.get(part, r'[^ ]{1,80}')})" if odd % 2 else re.escape(part)
        for odd, part in enumerate(parts)
    ]
    return re.compile("".join(written))


def _own(sentence: str) -> int:
    return len(_VALUE.sub("", sentence))


# one with more words of its own is the narrower one, and is tried first
_KNOWN = tuple(
    (_pattern(sentence), sentence) for sentence in sorted(SENTENCES, key=_own, reverse=True)
)
_FIXED = frozenset(TEXTS)


def said(detail: str) -> str:
    """Give a detail in the language of the reader; one that is not known stays as it is."""
    if locale() == "en" or len(detail) > _LONGEST:  # they arise in English
        return detail
    whole = _line(detail)
    if whole is not None:
        return whole
    # several faults of an input, one after the other
    lines = [(_line(each), each) for each in detail.split("; ")]
    if not any(found for found, _each in lines):
        return detail
    return str(gettext("; ")).join(found or each for found, each in lines)


def said_failure(error: str) -> str:
    """Give why a job failed in the language of the reader: workers know no languages."""
    title, colon, detail = error.partition(": ")
    heading = _sentence(title) if colon and locale() != "en" else None
    if heading is None:
        return said(error)
    return str(gettext("{place}: {why}")).format(place=heading, why=said(detail))


def said_place(place: str) -> str:
    """Give the place of a fault: fields that people meet have words, others their name."""
    if locale() == "en":
        return place
    return " ".join(_piece(each) for each in re.split(r", |\.", place.removeprefix("fields.")))


def _piece(name: str) -> str:
    row = re.fullmatch(r"row (\d{1,12})", name)
    if row is not None:
        return str(gettext("row {n}")).format(n=row[1])
    return str(gettext(PLACES[name])) if name in PLACES else name


def _line(detail: str) -> str | None:
    where, colon, reason = detail.partition(": ")
    known = bool(colon) and re.split(r", |\.", where)[0] in PLACES
    why = _sentence(reason) if known else None
    if why is None:
        whole = _sentence(detail)
        if whole is not None or known or not colon:
            return whole
        why = _sentence(reason)
        if why is None:
            return None
    place = said_place(where)
    # a reason that names its place need not have it twice
    return why if place in why else str(gettext("{place}: {why}")).format(place=place, why=why)


def _sentence(detail: str) -> str | None:
    noun = _NOUN.fullmatch(detail)
    if noun is not None:
        return str(gettext(NOUNS[noun[1]])).format(id=noun[2])
    if detail in _FIXED:
        return str(gettext(detail))
    for pattern, sentence in _KNOWN:
        found = pattern.fullmatch(detail)
        if found is not None:
            values = {name: _value(name, value) for name, value in found.groupdict().items()}
            return str(gettext(sentence)).format(**values)
    # titles and details that are written out where they are raised
    written = str(gettext(detail)) if detail else detail
    return written if written != detail else None


def _value(name: str, value: str) -> str:
    if name == "names":
        # a list of what may be chosen: its words of between are nobody's
        return re.sub(r"'(?:, | or )'", "'、'", value)
    words = _WORDS.get(name, {})
    return str(gettext(words[value])) if value in words else value
