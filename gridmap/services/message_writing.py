"""Letters about an emergency, written in the language of each reader."""

from collections.abc import Iterable, Mapping
from typing import Any

from gridmap.model import message_words as words
from gridmap.services import message_ways
from gridmap.services.messages import Letter, Recipient
from gridmap.store import message_people
from gridmap.store.database import Row, Transaction

# Loudspeakers speak both: who lives there is not asked which one they read.
SPOKEN = ("zh_CN", "en")


class Desk:
    """What letters about one hazard share: its name and level, their key, whose they are.

    Parameters
    ----------
    head
        `kind`, `name`, `name_en`, `severity`, `exercise` of the hazard.
    key
        What makes these letters what they are; the same is told once to each.
    about
        What they are about, where that is not what they are queued with.
    """

    def __init__(self, tx: Transaction, head: Row, key: str, about: str | None = None) -> None:
        self.tx = tx
        self.head = head
        self.key = key
        self.about = about

    def to(  # noqa: PLR0913 - who is told what about which part
        self,
        to: Recipient,
        kind: str,
        values: Mapping[str, Any],
        *,
        area_code: str | None = None,
        part: str = "",
        subject: str | None = None,
    ) -> Letter:
        """Write a letter; values that are callable are asked for the reader's language."""
        language = to.language or self.tx.language
        said = {
            name: value(language) if callable(value) else value for name, value in values.items()
        }
        text = words.fill(kind, language, {**self._named(language), **said})
        key = f"{self.key}-{part}" if part else self.key
        return Letter(to, key, kind, text, area_code, subject, about=self.about)

    def _named(self, language: str) -> dict[str, Any]:
        name = self.name(language)
        return {
            "hazard": name,
            "danger": words.danger(name, self.head["severity"], language),
            "exercise": bool(self.head["exercise"]),
        }

    def name(self, language: str) -> str:
        """Give what people call the hazard; its kind where it has no name in the language."""
        if language == "en":
            return str(self.head["name_en"] or words.hazard(self.head["kind"], language))
        return str(self.head["name"])

    def aloud(
        self, codes: Iterable[str], kind: str, values: Mapping[str, Mapping[str, Any]] | None = None
    ) -> list[Letter]:
        """Write what is said aloud in communities, once in each language.

        Parameters
        ----------
        values
            By community, what is said there beside its name.
        """
        found = []
        for row in message_people.places(self.tx, sorted(codes)):
            for language in SPOKEN:
                name = row["name_en"] if language == "en" else row["name"]
                given = {
                    "place": name,
                    "nowhere": name is None,
                    **(values or {}).get(row["code"], {}),
                }
                to = message_ways.loudspeaker(row, language)
                found.append(self.to(to, kind, given, area_code=row["code"], part=language))
        return found


def grid_label(code: str) -> str:
    """Give the short name of a grid, or of a community for who lives in none."""
    return f"{code[9:12]}-{code[12:15]}" if len(code) == 15 else code[9:12]
