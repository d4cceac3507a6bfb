"""E-mail and web addresses, and telephone numbers."""

from __future__ import annotations

import re

from octet.text.normalization.forms import Forms
from octet.text.normalization.numbers import join, put, spell_digits

# Endings that an address without "https://" or "www." may have, without those that are common words as well.
_ENDINGS = "com|org|net|edu|gov|io|ai|app|dev|info|biz|kr|jp|cn|uk|eu|tv|de|fr|es"
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]*\w@\w[\w-]*(?:\.\w[\w-]*)+")
_URL = re.compile(
    r"(?:https?|ftp)://[^\s<>\"'()]*[\w/]"
    rf"|(?<![\w@.-])www\.[\w-]+(?:\.[\w-]+)+(?:/[^\s<>\"'()]*[\w/])?"
    rf"|(?<![\w@.-])(?:[a-z0-9](?:[\w-]*[a-z0-9])?\.)+(?:{_ENDINGS})(?![\w-]|\.\w)(?:/[^\s<>\"'()]*[\w/]|/)?",
)
_FILE = re.compile(
    r"(?<![\w@./-])\w[\w-]*\.(?:js|ts|py|txt|pdf|png|jpe?g|gif|svg|mp3|mp4|wav|flac|ogg|csv|json|xml|html?|md|zip|exe|docx?|xlsx?|pptx?)(?![\w-]|\.\w)"
)
_SCHEME = re.compile(r"^(?:https?|ftp)://")
_PART = re.compile(r"[^\W_]+|.")
_PHONES = (
    r"(?<![\w+])\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6}(?![\w]|[.,]\d)",
    r"(?<![\w(])\(\d{2,5}\) ?\d{2,5}(?:[ .-]?\d{2,5}){1,3}(?!\w)",
    r"(?<![\w.,/-])\d{3}[-.]\d{3}[-.]\d{4}(?![\w-])",
    r"(?<![\w.,/-])\d{3}-\d{4}(?![\w-])",
    r"(?<![\w.,/-])(?<!\d )0\d{1,4}(?:[ /-]\d{2,8}){1,4}(?![\w/-]|[.,]\d)",
)


def addresses(text: str, forms: Forms) -> str:
    """ "a.b@c.de" -> "a dot b at c dot D E" in the language's words; short endings and "www" are spelled."""
    text = _FILE.sub(lambda match: put(match, _address(match.group(), forms)), text)
    text = _EMAIL.sub(lambda match: put(match, _address(match.group(), forms)), text)
    return _URL.sub(lambda match: put(match, _address(_SCHEME.sub("", match.group()).rstrip("/"), forms)), text)


def telephones(text: str, forms: Forms) -> str:
    """Telephone numbers, group by group with pauses: "555-1234" -> "five five five, one two three four"."""
    for pattern in (*_PHONES, *forms.phones):
        text = re.sub(pattern, lambda match: put(match, telephone(match.group(), forms)), text)
    return text


def telephone(written: str, forms: Forms) -> str:
    """The groups of a telephone number in words, divided by commas."""
    read = forms.phone_group or (lambda group: spell_digits(group, forms))
    groups = [read(group) for group in re.findall(r"\d+", written)]
    if written.lstrip(" (").startswith("+"):
        groups[0] = join([forms.symbols["+"], groups[0]], forms)
    return ", ".join(groups)


def _address(address: str, forms: Forms) -> str:
    words = []
    parts = _PART.findall(address)
    for index, part in enumerate(parts):
        if not part.isalnum():
            words.append(forms.web.get(part, ""))
        elif part == "www" or (len(part) == 2 and index and parts[index - 1] == "." and part.islower()):
            words += [forms.letters.get(letter, letter) for letter in part.upper()]
        else:
            words.append(part)
    return " ".join(word for word in words if word)
