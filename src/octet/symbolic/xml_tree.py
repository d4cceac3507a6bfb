"""XML of strangers as a tree, with expat: no entities of its own, nothing fetched, within bounds.

A document type is let pass, as MusicXML files name one, but is never loaded; an entity that it declares is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from octet.core.errors import InvalidInput

MOST_ELEMENTS = 2_000_000  # the tree of which takes some 400 MB
_DEEPEST = 64


def parse(data: bytes) -> Element:
    """The root of a document.

    Raises:
        InvalidInput: not well-formed (with its line and column), declaring entities, or with elements beyond measure.
    """
    return _Document().read(data)


class _Document:
    def __init__(self) -> None:
        self._builder = TreeBuilder()
        self._elements = self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._builder.data
        self._parser.EntityDeclHandler = self._refuse_entity

    def read(self, data: bytes) -> Element:
        try:
            self._parser.Parse(data, True)
        except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: encodings that none knows
            raise InvalidInput(f"this is no well-formed XML ({error}); export it again") from None
        return self._builder.close()

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        if self._elements > MOST_ELEMENTS or self._depth > _DEEPEST:
            raise InvalidInput(
                f"this XML has more than {MOST_ELEMENTS} elements or {_DEEPEST} levels, which no score needs"
            )
        self._builder.start(name, dict(attributes))

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._builder.end(name)

    def _refuse_entity(self, name: str, *_rest: object) -> NoReturn:
        raise InvalidInput(f"this XML declares an entity ({name[:40]!r}), which no score needs; it is not read")
