"""What the labels of other tools' alignments mean in the shared inventory: a tier of a TextGrid as timed phones.

Silence is `sil` or `sp` in the Montreal Forced Aligner 1, an empty label in 2 and later, `pau` in Festival and flite,
`SP` and `AP` (a breath) in singing corpora, and `spn` is a word the aligner did not know. Phones are ARPAbet with
stress digits (CMUdict, LibriSpeech's alignments) or IPA (MFA's own dictionaries, whose finer distinctions fold).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from octet.core.errors import InvalidInput
from octet.text.espeak_ipa import tokenise
from octet.text.phonemes import PAUSES, SILENCE, Phone
from octet.text.textgrid import Interval, IntervalTier, TextGrid

Alphabet = Literal["arpabet", "ipa"]

SILENT_LABELS = frozenset({"", "sil", "sp", "spn", "pau", "ap", "<eps>", "<sil>", "<p:>"})
_GAP_SECONDS = 1e-3  # shorter gaps are rounding, not silence

_CONSONANTS = (
    "B=b CH=tʃ D=d DH=ð DX=ɾ F=f G=ɡ HH=h JH=dʒ K=k L=l M=m N=n NG=ŋ P=p R=ɹ S=s SH=ʃ T=t TH=θ V=v W=w Y=j Z=z ZH=ʒ"
)
# As the English front end writes them; without stress some vowels are others.
_VOWELS = "AA=ɑː AE=æ AH=ʌ AO=ɔː AW=aʊ AX=ə AXR=ɚ AY=aɪ EH=ɛ ER=ɝ EY=eɪ IH=ɪ IX=ɪ IY=iː OW=oʊ OY=ɔɪ UH=ʊ UW=uː"
_ARPABET_CONSONANTS = dict(pair.split("=") for pair in _CONSONANTS.split())
_ARPABET_VOWELS = dict(pair.split("=") for pair in _VOWELS.split())
_ARPABET_UNSTRESSED = {"AH": "ə", "ER": "ɚ", "IY": "i"}
_STRESS = {"": "", "0": "", "1": "ˈ", "2": "ˌ"}

_MFA_IPA = {
    "aj": ("aɪ",),
    "aw": ("aʊ",),
    "ej": ("eɪ",),
    "ow": ("oʊ",),
    "əw": ("oʊ",),
    "ɔj": ("ɔɪ",),
    "c": ("k",),
    "ɟ": ("ɡ",),
}
_SECONDARY = str.maketrans(dict.fromkeys("ʲʷˠˤⁿˡ"))
_ASPIRATING = ("ko", "zh")  # elsewhere aspiration tells no words apart, and the front ends do not write it


@dataclass(frozen=True)
class TimedPhone:
    """A phone (`octet.text.phonemes`) and when it sounds, in seconds; pauses may last no time."""

    symbol: str
    accent: str
    start_seconds: float
    end_seconds: float


def read_label(label: str, alphabet: Alphabet, language: str = "en") -> tuple[Phone, ...]:
    """The phones that a label means, mostly one.

    >>> read_label("AH1", "arpabet"), read_label("kʰ", "ipa", "en")
    ((Phone(symbol='ʌ', accent='ˈ'),), (Phone(symbol='k', accent=''),))

    Raises:
        InvalidInput: it means nothing in that alphabet.
    """
    bare = label.strip()
    if bare in PAUSES:
        return (Phone(bare),)
    if bare.lower() in SILENT_LABELS:
        return (Phone(SILENCE),)
    phones = _from_arpabet(bare) if alphabet == "arpabet" else _from_ipa(bare, language)
    if not phones:
        raise InvalidInput(f"{label!r} is no {alphabet} phone; check the tier and the alphabet of the TextGrid")
    return phones


def timed_phones(tier: IntervalTier, alphabet: Alphabet, language: str = "en") -> list[TimedPhone]:
    """The phones of a tier, without gaps from its start to its end; stretches without a label are silence.

    A label that means two phones ("n̩" is ə n) is divided evenly; neighbouring silences become one.

    Raises:
        InvalidInput: a label means nothing in that alphabet; it and its time are named.
    """
    phones: list[TimedPhone] = []
    for phone in _spelled_out(_without_gaps(tier), alphabet, language):
        if phones and phone.symbol == phones[-1].symbol == SILENCE:
            phone = TimedPhone(SILENCE, "", phones.pop().start_seconds, phone.end_seconds)
        phones.append(phone)
    return phones


def phone_tier(phones: Sequence[TimedPhone]) -> TextGrid:
    """A TextGrid with one tier "phones", which `timed_phones` reads as IPA; phones that last no time are left out."""
    start, end = (phones[0].start_seconds, phones[-1].end_seconds) if phones else (0.0, 0.0)
    sounding = [phone for phone in phones if phone.end_seconds > phone.start_seconds]
    intervals = tuple(Interval(phone.start_seconds, phone.end_seconds, _label(phone)) for phone in sounding)
    return TextGrid(start, end, (IntervalTier("phones", start, end, intervals),))


def _without_gaps(tier: IntervalTier) -> Iterator[Interval]:
    time = tier.start_seconds
    for interval in tier.intervals:
        if interval.start_seconds > time + _GAP_SECONDS:
            yield Interval(time, interval.start_seconds, "")
            time = interval.start_seconds
        end = max(time, interval.end_seconds)
        yield Interval(time, end, interval.text)
        time = end
    if tier.end_seconds > time + _GAP_SECONDS:
        yield Interval(time, tier.end_seconds, "")


def _spelled_out(intervals: Iterable[Interval], alphabet: Alphabet, language: str) -> Iterator[TimedPhone]:
    for interval in intervals:
        try:
            phones = read_label(interval.text, alphabet, language)
        except InvalidInput as error:
            raise InvalidInput(f"at {interval.start_seconds:g} s: {error}") from None
        step = (interval.end_seconds - interval.start_seconds) / len(phones)
        edges = [interval.start_seconds + step * index for index in range(len(phones))] + [interval.end_seconds]
        for phone, start, end in zip(phones, edges, edges[1:], strict=False):
            yield TimedPhone(phone.symbol, phone.accent, start, end)


def _from_arpabet(label: str) -> tuple[Phone, ...]:
    name = label.upper().rstrip("012")
    digit = label[len(name) :]
    if name in _ARPABET_CONSONANTS and not digit:
        return (Phone(_ARPABET_CONSONANTS[name]),)
    if name not in _ARPABET_VOWELS or digit not in _STRESS:
        return ()
    symbol = _ARPABET_UNSTRESSED.get(name) if digit == "0" else None
    return (Phone(symbol or _ARPABET_VOWELS[name], _STRESS[digit]),)


def _from_ipa(label: str, language: str) -> tuple[Phone, ...]:
    pitch = label[-1:] if label[-1:] in ("H", "L") else ""
    text = label.removesuffix(pitch).translate(_SECONDARY)
    tokens = tokenise(text if language in _ASPIRATING else text.replace("ʰ", ""), _MFA_IPA)
    if tokens.unknown or not tokens.phones:
        return ()
    return (*tokens.phones[:-1], Phone(tokens.phones[-1].symbol, pitch or tokens.phones[-1].accent))


def _label(phone: TimedPhone) -> str:
    stress = phone.accent if phone.accent in ("ˈ", "ˌ") else ""
    return stress + phone.symbol + phone.accent.removeprefix(stress)
