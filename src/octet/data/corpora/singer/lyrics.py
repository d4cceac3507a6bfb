"""A line of a song: its words as phones of the front end, in syllables, with the times at which a teacher says them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from octet.data.corpora.respell import for_teacher
from octet.data.corpora.teachers import Utterance, Voice, speak
from octet.data.manifest import PhoneTime
from octet.data.transfer import transfer
from octet.text import frontend
from octet.text.phonemes import SILENCE, VOWELS, Phone, Word

_NUCLEI = frozenset(VOWELS)
_GLIDES = frozenset(("j", "w", "ɥ", "ɰ", "l", "ɹ", "r", "ɾ", "ʁ"))
_SONORANTS = frozenset(("m", "n", "ŋ", "ɲ", "ɴ", *_GLIDES))
_SPEED = 0.85  # clear syllables


@dataclass(frozen=True)
class Sound:
    """A phone of a syllable and when the teacher says it, in seconds of the line's `Utterance`."""

    phone: Phone
    start_seconds: float
    end_seconds: float
    word: int


@dataclass(frozen=True)
class Syllable:
    """What is sung on one note, or on several; `ends_clause` where a writer put a pause."""

    onset: tuple[Sound, ...]
    nucleus: Sound
    coda: tuple[Sound, ...]
    starts_word: bool
    ends_clause: bool = False

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """All in order."""
        return (*self.onset, self.nucleus, *self.coda)


@dataclass(frozen=True)
class Line:
    """A line as it is spoken: the teacher's sound, the words' texts, and the syllables."""

    utterance: Utterance
    words: tuple[str, ...]
    syllables: tuple[Syllable, ...]


def spoken(text: str, language: str, voice: Voice) -> Line:
    """A line said by a teacher.

    Raises:
        InvalidInput: nothing in it can be said.
        MissingExtra: the teacher is not installed.
    """
    words = [word for sentence in frontend.analyze(text, language=language) for word in sentence.words]
    utterance = speak(voice, for_teacher(text, language), language, speed=_SPEED)
    written = [Phone(SILENCE), *(phone for word in words for phone in word.phones), Phone(SILENCE)]
    timed = [
        time
        for time in transfer(utterance.phones, written, utterance.duration_seconds)
        if not Phone(time.symbol, time.accent).is_pause
    ]
    return Line(utterance, tuple(word.text for word in words if _sounds(word)), tuple(_syllables(words, timed)))


def joined(lines: Sequence[Line]) -> Line:
    """Lines said after each other."""
    utterance, words, syllables = lines[0].utterance, list(lines[0].words), list(lines[0].syllables)
    for line in lines[1:]:
        seconds = utterance.duration_seconds
        syllables += [_later(syllable, seconds, len(words)) for syllable in line.syllables]
        words += line.words
        utterance = Utterance(np.concatenate([utterance.samples, line.utterance.samples]), ())
    return Line(utterance, tuple(words), tuple(syllables))


def _later(syllable: Syllable, seconds: float, words: int) -> Syllable:
    def moved(sound: Sound) -> Sound:
        return replace(
            sound,
            start_seconds=sound.start_seconds + seconds,
            end_seconds=sound.end_seconds + seconds,
            word=sound.word + words,
        )

    onset, coda = (tuple(map(moved, sounds)) for sounds in (syllable.onset, syllable.coda))
    return replace(syllable, onset=onset, nucleus=moved(syllable.nucleus), coda=coda)


def syllables_of(words: Sequence[Sequence[str]]) -> list[tuple[range, int, range]]:
    """Onset, nucleus and coda of each syllable, as positions in the symbols of all words after each other.

    A syllable takes as much of what is between two vowels as a word may begin with: one consonant, with a glide or
    liquid after it, with an s before it; never what belongs to the word before. Words without a vowel are sung with
    their neighbours.

    >>> syllables_of([["w", "ɪ", "n", "t", "ɚ"]])
    [(range(0, 1), 1, range(2, 3)), (range(3, 4), 4, range(5, 5))]
    """
    symbols = [symbol for word in words for symbol in word]
    word_of = [number for number, word in enumerate(words) for _ in word]
    nuclei = [index for index, symbol in enumerate(symbols) if symbol in _NUCLEI]
    edges = [0]
    for first, second in pairwise(nuclei):
        between = range(first + 1, second)
        own = [index for index in between if word_of[index] == word_of[second]]
        if word_of[first] != word_of[second]:
            edges.append(own[0] if own else second)
        else:
            edges.append(second - _onset_length(symbols[first + 1 : second]))
    edges.append(len(symbols))
    return [
        (range(start, nucleus), nucleus, range(nucleus + 1, end))
        for nucleus, start, end in zip(nuclei, edges, edges[1:], strict=False)
    ]


def _onset_length(cluster: Sequence[str]) -> int:
    """How many of the consonants between two vowels of a word begin the second syllable."""
    length = min(len(cluster), 1)
    if len(cluster) > length and cluster[-1] in _GLIDES and cluster[-2] not in _SONORANTS:
        length += 1
    if len(cluster) > length and cluster[-length - 1] == "s" and cluster[-length] in ("p", "t", "k"):
        length += 1
    return length


def _syllables(words: Sequence[Word], timed: Sequence[PhoneTime]) -> list[Syllable]:
    sounding = [[phone.symbol for phone in word.phones if not phone.is_pause] for word in words]
    said = [word for word in sounding if word]
    numbers = [number for number, word in enumerate(said) for _ in word]
    sounds = [
        Sound(Phone(time.symbol, time.accent), time.start_seconds, time.end_seconds, number)
        for time, number in zip(timed, numbers, strict=True)
    ]
    starts = {index for index, number in enumerate(numbers) if number not in numbers[:index]}
    ends = {len(sounds), *starts}
    closing = _closing(words)
    return [
        Syllable(
            onset=tuple(sounds[index] for index in onset),
            nucleus=sounds[nucleus],
            coda=tuple(sounds[index] for index in coda),
            starts_word=onset.start in starts,
            ends_clause=coda.stop in ends and numbers[coda.stop - 1] in closing,
        )
        for onset, nucleus, coda in syllables_of(said)
    ]


def _closing(words: Sequence[Word]) -> set[int]:
    """Numbers, among the words that sound, of those before a pause."""
    closing, number = set(), -1
    for word in words:
        number += _sounds(word)
        if word.phones and word.phones[-1].is_pause:
            closing.add(number)
    return closing


def _sounds(word: Word) -> bool:
    return any(not phone.is_pause for phone in word.phones)
