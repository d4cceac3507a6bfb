"""Spelling out what writing abbreviates, the same way in every language.

`normalize(text, forms)` runs the shared passes with a language's words (`octet.text.normalization.forms.Forms`). The
result has no digits, no punctuation but , . ? !, and is left as it is by a second run.
"""

from octet.text.normalization.forms import Clock, Currency, Date, Forms, Noun, Number
from octet.text.normalization.pipeline import normalize

__all__ = ["Clock", "Currency", "Date", "Forms", "Noun", "Number", "normalize"]
