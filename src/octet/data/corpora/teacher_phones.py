"""What the teachers' own phone names mean in the shared inventory.

flite's are the ARPAbet of CMU's lexicon in lower case. espeak's IPA names are read by `octet.text.espeak_ipa` after
each language's replacements below: espeak writes tense, aspirated and retroflex sounds of Korean and Mandarin in ASCII.
"""

from __future__ import annotations

import re

from octet.text.espeak_ipa import Replacements, tokenise
from octet.text.phonemes import SILENCE, Phone

_ARPABET = {
    **{"aa": "ɑː", "ae": "æ", "ah": "ʌ", "ao": "ɔː", "aw": "aʊ", "ax": "ə", "axr": "ɚ", "ay": "aɪ", "eh": "ɛ"},
    **{"er": "ɝ", "ey": "eɪ", "ih": "ɪ", "iy": "iː", "ow": "oʊ", "oy": "ɔɪ", "uh": "ʊ", "uw": "uː"},
    **{"b": "b", "ch": "tʃ", "d": "d", "dh": "ð", "dx": "ɾ", "f": "f", "g": "ɡ", "hh": "h", "hv": "h", "jh": "dʒ"},
    **{"k": "k", "l": "l", "m": "m", "n": "n", "ng": "ŋ", "nx": "n", "p": "p", "r": "ɹ", "s": "s", "sh": "ʃ"},
    **{"t": "t", "th": "θ", "v": "v", "w": "w", "y": "j", "z": "z", "zh": "ʒ", "el": "l", "em": "m", "en": "n"},
    **{"pau": SILENCE, "ssil": SILENCE, "brth": SILENCE, "h#": SILENCE},
}

_ESPEAK: dict[str, Replacements] = {
    "ko": {
        **{"q": ("k̚",), "q-": ("k͈",), "k-": ("k͈",), "t-": ("t͈",), "d-": ("t͈",), "p-": ("p͈",), "s-": ("s͈",)},
        **{
            "tɕ-": ("tɕ͈",),
            "tʃ-": ("tɕ͈",),
            "tʃ": ("tɕʰ",),
            "tɕh": ("tɕʰ",),
            "ph": ("pʰ",),
            "th": ("tʰ",),
            "kh": ("kʰ",),
        },
    },
    "zh": {
        **{
            "s.": ("ʂ",),
            "ts.": ("ʈʂ",),
            "ts.h": ("ʈʂʰ",),
            "tɕh": ("tɕʰ",),
            "tsh": ("tsʰ",),
            "th": ("tʰ",),
            "ph": ("pʰ",),
        },
        **{
            "kh": ("kʰ",),
            "χ": ("x",),
            "i.": ("ʐ̩",),
            "i̪": ("z̩",),
            "ɑu": ("aʊ",),
            "iou": ("j", "oʊ"),
            "uei": ("w", "eɪ"),
        },
        **{
            "uai": ("w", "aɪ"),
            "uo": ("w", "o"),
            "ua": ("w", "a"),
            "uə": ("w", "ə"),
            "iɛ": ("j", "ɛ"),
            "iɑ": ("j", "a"),
        },
        **{"yɛ": ("ɥ", "ɛ"), "yæ": ("ɥ", "ɛ"), "onɡ": ("ʊ", "ŋ"), "o-": ("ɤ",), "ər": ("ɚ",), "uɑ": ("w", "ɑ")},
        **{"iɑu": ("j", "aʊ"), "iæ": ("j", "ɛ")},
    },
    "ja": {"ä": ("a",), "ɯᵝ": ("ɯ",), "ɯᵝː": ("ɯː",), "ʲ": ("j",), "ũ": ("ɴ",), "ĩ": ("ɴ",)},
    "de": {"ɜ": ("ɐ",), "ʊɐ": ("ʊ", "ɐ")},
}
_STRESSED = ("en", "de", "es")
_SWITCH = re.compile(r"\([a-z-]+\)")


def from_flite(name: str) -> tuple[Phone, ...]:
    """The phones of one flite segment.

    >>> from_flite("ow"), from_flite("pau")[0].is_pause
    ((Phone(symbol='oʊ', accent=''),), True)

    Raises:
        ValueError: flite has no such phone, which is a fault of this table.
    """
    if name not in _ARPABET:
        raise ValueError(f"unknown flite phone {name!r}")
    return (Phone(_ARPABET[name]),)


def from_espeak(name: str, language: str) -> tuple[Phone, ...]:
    """The phones of one espeak phoneme event; none for the marks that fill no time of their own.

    >>> [phone.symbol for phone in from_espeak("ˈyɛ", "zh")]
    ['ɥ', 'ɛ']
    """
    if _SWITCH.fullmatch(name):
        return ()
    phones = tokenise(name, _ESPEAK.get(language), accents=language in _STRESSED).phones
    return phones if name else (Phone(SILENCE),)
