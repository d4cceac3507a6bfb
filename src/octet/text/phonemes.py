"""One phoneme inventory for seven languages, and the types in which front ends answer.

A *phone* is an IPA symbol with an accent: word stress (English, German, Spanish), lexical tone (Mandarin)
or pitch height (Japanese). Sound and accent are kept apart so that languages can share the sounds
("ma" is the same m and a in all seven) and a model can give each its own embedding.

Conventions
    * Affricates, diphthongs, long, aspirated, tense and nasal sounds are one symbol each.
    * `sil` is silence without punctuation, at the edges of an utterance. The punctuation marks
      `, . ? !` are pauses too: they carry the intonation that a writer meant.
    * Korean tense consonants carry the IPA extension "͈" (p͈), unreleased codas "̚" (p̚).
    * Mandarin's apical vowels are z̩ (zi, ci, si) and ʐ̩ (zhi, chi, shi, ri).
    * Japanese sokuon is ʔ, the moraic nasal ɴ.
"""

from __future__ import annotations

from dataclasses import dataclass

PAD = "<pad>"
SILENCE = "sil"
PAUSES = (SILENCE, ",", ".", "?", "!")

CONSONANTS = (
    *("p", "b", "t", "d", "k", "ɡ", "ʔ", "m", "n", "ŋ", "ɲ", "ɴ"),
    *("f", "v", "θ", "ð", "s", "z", "ʃ", "ʒ", "ɕ", "ʑ", "ʂ", "ʐ", "ç", "x", "ɣ", "h", "ɸ", "β"),
    *("r", "ɾ", "ʁ", "ɹ", "l", "ʎ", "j", "w", "ɥ", "ɰ"),
    *("ts", "dz", "tʃ", "dʒ", "tɕ", "dʑ", "ʈʂ", "pf"),
    *("pʰ", "tʰ", "kʰ", "tsʰ", "tɕʰ", "ʈʂʰ"),
    *("p͈", "t͈", "k͈", "s͈", "tɕ͈"),
    *("p̚", "t̚", "k̚"),
)
VOWELS = (
    *("i", "iː", "ɪ", "y", "yː", "ʏ", "e", "eː", "ɛ", "ɛː", "ø", "øː", "œ", "æ", "a", "aː"),
    *("ɑ", "ɑː", "ʌ", "ə", "ɚ", "ɝ", "ɐ", "o", "oː", "ɔ", "ɔː", "u", "uː", "ʊ", "ɯ", "ɯː", "ɤ"),
    *("z̩", "ʐ̩", "eɪ", "aɪ", "ɔɪ", "aʊ", "oʊ", "ɑ̃", "ɛ̃", "ɔ̃", "œ̃"),
)
SYMBOLS = (PAD, *PAUSES, *CONSONANTS, *VOWELS)
ACCENTS = ("", "ˈ", "ˌ", "1", "2", "3", "4", "5", "H", "L")
LANGUAGES = ("en", "ko", "zh", "ja", "de", "fr", "es")

SYMBOL_IDS = {symbol: index for index, symbol in enumerate(SYMBOLS)}
ACCENT_IDS = {accent: index for index, accent in enumerate(ACCENTS)}
LANGUAGE_IDS = {language: index for index, language in enumerate(LANGUAGES)}


@dataclass(frozen=True)
class Phone:
    """A symbol of the inventory and its accent, which only vowels (or a moraic nasal) carry.

    Raises:
        ValueError: the symbol or accent is not in the inventory, which is a fault of the front end.
    """

    symbol: str
    accent: str = ""

    def __post_init__(self) -> None:
        if self.symbol not in SYMBOL_IDS or self.accent not in ACCENT_IDS:
            raise ValueError(f"not in the inventory: symbol {self.symbol!r}, accent {self.accent!r}")

    @property
    def is_pause(self) -> bool:
        return self.symbol in PAUSES


@dataclass(frozen=True)
class Prosody:
    """Factors that a stretch of text multiplies onto the request's own: 1, 0 and 1 change nothing."""

    speed: float = 1.0
    pitch_semitones: float = 0.0
    energy: float = 1.0


@dataclass(frozen=True)
class Word:
    """A written word, number or punctuation mark, and how it sounds.

    `pause_seconds` is set for a pause of a given length (SSML `break`); its phones are one pause.
    `unpronounced` holds characters for which no pronunciation exists: they are spoken around and reported.
    """

    text: str
    phones: tuple[Phone, ...]
    language: str
    prosody: Prosody = Prosody()
    pause_seconds: float | None = None
    unpronounced: str = ""


@dataclass(frozen=True)
class Sentence:
    """The unit that is spoken in one go. `voice` is None where the text does not ask for one."""

    text: str
    words: tuple[Word, ...]
    voice: str | None = None

    @property
    def phones(self) -> tuple[Phone, ...]:
        return tuple(phone for word in self.words for phone in word.phones)
