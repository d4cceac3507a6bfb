"""The order of the passes. Each finds what is unambiguous before the next, more general one."""

from __future__ import annotations

from octet.text.normalization import amounts, calendar, contact, letters, numbers
from octet.text.normalization.clean import clean, punctuate
from octet.text.normalization.forms import Forms

_MOST_ROUNDS = 6


def normalize(text: str, forms: Forms) -> str:
    """Spell out a text in the language of `forms`. Never raises, whatever the characters.

    Characters that no language here can say, such as pictographs, stay where they are. The result is a fixed point:
    what one round leaves may complete a pattern ("Dr/A" -> "Dr A" -> "Doctor A"), so rounds go on until one
    changes nothing.
    """
    for _ in range(_MOST_ROUNDS):
        before, text = text, _round(text, forms)
        if text == before:
            break
    return text


def _round(text: str, forms: Forms) -> str:
    text = contact.addresses(clean(text), forms)
    for language_pass in forms.before:
        text = language_pass(text)
    text = calendar.times(calendar.dates(text, forms), forms)
    text = contact.telephones(text, forms)
    text = numbers.ranges(amounts.money_ranges(text, forms), forms)
    text = amounts.units(amounts.money(text, forms), forms)
    text = numbers.fractions(text, forms)
    text = numbers.plain_numbers(letters.apart(numbers.scientific(text)), forms)
    text = letters.symbols(letters.acronyms(text, forms), forms)
    for language_pass in forms.after:
        text = language_pass(text)
    return punctuate(text)
