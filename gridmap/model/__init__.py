"""Nouns of the field: frozen dataclasses, enumerations, legal transitions; no I/O."""
