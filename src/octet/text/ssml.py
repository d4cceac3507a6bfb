"""SSML to fragments: the part of the W3C's Speech Synthesis Markup Language 1.1 that has a meaning here.

    speak, p, s                 the document, paragraphs, sentences (p and s end a sentence)
    break                       time="500ms" or "1s"; strength="none, x-weak ... x-strong"
    prosody                     rate="1.2, 120%, +20%, slow ...", pitch="+2st, +10%, high ...", volume="+6dB, 50%, ..."
    phoneme                     ph="IPA", alphabet="ipa"
    say-as                      interpret-as (see `octet.text.normalization.say_as.KINDS`), format
    sub                         alias
    lang                        xml:lang
    voice                       name

Read with expat, which gives the places of faults. A document type (and with it every entity but XML's own five) is
refused, as are documents beyond a megabyte or a hundred levels deep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn
from xml.parsers import expat

from octet.core.errors import InvalidInput
from octet.text.espeak_ipa import read_ipa
from octet.text.fragments import Boundary, Fragment, Pause, Speech, Style, duration_seconds
from octet.text.normalization.say_as import KINDS
from octet.text.phonemes import LANGUAGES
from octet.text.prosody import changed

LARGEST_CHARACTERS = 1_000_000
_DEEPEST = 100
_STRENGTH_SECONDS = {"none": 0.0, "x-weak": 0.1, "weak": 0.25, "medium": 0.5, "strong": 0.75, "x-strong": 1.25}
_ATTRIBUTES: dict[str, frozenset[str]] = {
    "speak": frozenset(("version", "xmlns", "xml:lang", "xmlns:xsi", "xsi:schemaLocation", "xml:base")),
    "p": frozenset(("xml:lang",)),
    "s": frozenset(("xml:lang",)),
    "break": frozenset(("time", "strength")),
    "prosody": frozenset(("rate", "pitch", "volume")),
    "phoneme": frozenset(("alphabet", "ph")),
    "say-as": frozenset(("interpret-as", "format", "detail")),
    "sub": frozenset(("alias",)),
    "lang": frozenset(("xml:lang",)),
    "voice": frozenset(("name", "xml:lang")),
}
_REQUIRED = {"phoneme": "ph", "say-as": "interpret-as", "sub": "alias", "lang": "xml:lang"}
_TEXT_ONLY = frozenset(("phoneme", "say-as", "sub"))
_LANGUAGE_TAGS = {code: code for code in LANGUAGES} | {"cmn": "zh", "jp": "ja", "kr": "ko"}


def parse(text: str) -> list[Fragment]:
    """The fragments of an SSML document.

    >>> [type(part).__name__ for part in parse('<speak>One <break time="1s"/> two</speak>')]
    ['Speech', 'Pause', 'Speech']

    Raises:
        InvalidInput: not well-formed, an unknown element, attribute or value (with line and column), or too large.
    """
    if len(text) > LARGEST_CHARACTERS:
        raise InvalidInput(
            f"SSML of {len(text)} characters is too large; at most {LARGEST_CHARACTERS} are read at once"
        )
    return _Document().read(text.strip())


class _Document:
    """The state of reading one document: a stack of open elements with the style inside each."""

    def __init__(self) -> None:
        self._fragments: list[Fragment] = []
        self._open: list[tuple[str, Mapping[str, str], Style]] = []
        self._text: list[str] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self, text: str) -> list[Fragment]:
        try:
            self._parser.Parse(text.encode("utf-8", errors="replace"), True)
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code]
            raise InvalidInput(
                f"SSML, line {error.lineno}, column {error.offset + 1}: {reason}; "
                "SSML is one <speak> element, in whose text < and & are written &lt; and &amp;"
            ) from None
        return self._fragments

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._flush()
        self._check(name, attributes)
        style = self._style(name, attributes)
        if name == "break":
            self._break(attributes)
        elif name in ("p", "s"):
            self._fragments.append(Boundary())
        self._open.append((name, attributes, style))

    def _end(self, name: str) -> None:
        self._flush()
        self._open.pop()
        if name in ("p", "s"):
            self._fragments.append(Boundary())

    def _flush(self) -> None:
        """Emit the text since the last tag, in the style of the element that it stands in."""
        text = "".join(self._text)
        self._text.clear()
        if not text or not self._open:
            return
        name, attributes, style = self._open[-1]
        text = (" " if text[0].isspace() else "") + " ".join(text.split()) + (" " if text[-1].isspace() else "")
        if name == "break" and text.strip():
            self._fail("<break/> is empty; put the text after it")
        if name == "phoneme":
            self._fragments.append(Speech(text, style, read_ipa(attributes["ph"], self._place())))
        elif name == "sub":
            self._fragments.append(Speech(attributes["alias"], style))
        elif text.strip():
            self._fragments.append(Speech(text, style))
        elif self._fragments and isinstance(last := self._fragments[-1], Speech):
            self._fragments[-1] = replace(last, text=last.text + " ")

    def _check(self, name: str, attributes: Mapping[str, str]) -> None:
        if name not in _ATTRIBUTES:
            self._fail(f"<{name}> is not supported; use {', '.join(_ATTRIBUTES)}")
        if (name == "speak") != (not self._open):
            self._fail("SSML is one <speak> element with all others inside it")
        if self._open and self._open[-1][0] in _TEXT_ONLY:
            self._fail(f"<{self._open[-1][0]}> holds text only, no <{name}>")
        if len(self._open) >= _DEEPEST:
            self._fail(f"elements are nested more than {_DEEPEST} deep")
        unknown = sorted(set(attributes) - _ATTRIBUTES[name])
        if unknown:
            self._fail(f"<{name}> has no attribute {unknown[0]!r}; it may have {', '.join(sorted(_ATTRIBUTES[name]))}")
        if name in _REQUIRED and _REQUIRED[name] not in attributes:
            self._fail(f"<{name}> needs the attribute {_REQUIRED[name]!r}")

    def _style(self, name: str, attributes: Mapping[str, str]) -> Style:
        style = self._open[-1][2] if self._open else Style()
        if "xml:lang" in attributes:
            style = replace(style, language=self._language(attributes["xml:lang"]))
        match name:
            case "prosody":
                return replace(style, prosody=changed(style.prosody, attributes, self._place()))
            case "voice":
                return replace(style, voice=attributes.get("name", style.voice))
            case "say-as":
                kind = attributes["interpret-as"].lower()
                if kind not in KINDS:
                    self._fail(f"interpret-as={kind!r} is not supported; use {', '.join(KINDS)}")
                return replace(style, interpret_as=kind, format=attributes.get("format", "").lower())
            case "phoneme" if attributes.get("alphabet", "ipa").lower() != "ipa":
                self._fail(f'alphabet={attributes["alphabet"]!r} is not supported; write IPA with alphabet="ipa"')
        return style

    def _break(self, attributes: Mapping[str, str]) -> None:
        strength = attributes.get("strength", "medium")
        if strength not in _STRENGTH_SECONDS:
            self._fail(f"strength={strength!r} is not supported; use {', '.join(_STRENGTH_SECONDS)}")
        seconds = _STRENGTH_SECONDS[strength]
        if "time" in attributes:
            seconds = duration_seconds(attributes["time"], self._place())
        if seconds:
            self._fragments.append(Pause(seconds))

    def _language(self, tag: str) -> str:
        code = _LANGUAGE_TAGS.get(tag.replace("_", "-").split("-")[0].lower())
        if code is None:
            self._fail(f"xml:lang={tag!r} is not spoken here; use {', '.join(LANGUAGES)}")
        return code

    def _refuse_doctype(self, *_: object) -> NoReturn:
        self._fail("a document type is not allowed; leave out <!DOCTYPE ...> and entities")

    def _place(self) -> str:
        return f"SSML, line {self._parser.CurrentLineNumber}, column {self._parser.CurrentColumnNumber + 1}"

    def _fail(self, reason: str) -> NoReturn:
        raise InvalidInput(f"{self._place()}: {reason}")
