"""Who sings in the corpus `singing`: the teachers' voices with other vocal tracts, ranges and habits.

English is sung by flite's four voices, Korean, Mandarin and Japanese by an espeak speaker each, who also sings a fifth
of the time in the other three, so that a model can tell singer from language.
"""

from __future__ import annotations

from dataclasses import dataclass

from octet.data.corpora.teachers import Voice

LANGUAGES = ("en", "ko", "zh", "ja")
_OWN_LANGUAGE = 0.8


@dataclass(frozen=True)
class Singer:
    """A voice that speaks the syllables, and how it sings them. `low` and `high` are MIDI pitches."""

    voice: Voice
    share: float  # of the corpus's time
    language: str
    low: int
    high: int
    formants: float = 1.0  # above 1: a shorter vocal tract
    ring_db: float = 5.0  # the singer's formant about 3 kHz (Sundberg 1974)
    breath: float = 0.04  # 0 none, 1 whisper
    vibrato_hz: float = 5.6
    vibrato_cents: float = 28.0  # from the middle to the top, where it is fully grown

    @property
    def languages(self) -> dict[str, float]:
        """What it sings, in shares of its time: flite's voices only English, espeak's all four."""
        if self.voice.teacher == "flite":
            return {"en": 1.0}
        others = [language for language in LANGUAGES if language != self.language]
        return {self.language: _OWN_LANGUAGE, **dict.fromkeys(others, (1 - _OWN_LANGUAGE) / len(others))}


SINGERS = {
    "slt": Singer(Voice("flite", "slt"), 0.20, "en", 57, 76, 1.03, 4.0, 0.05, 5.8, 26.0),
    "rms": Singer(Voice("flite", "rms"), 0.18, "en", 43, 64, 0.98, 7.0, 0.03, 5.3, 30.0),
    "awb": Singer(Voice("flite", "awb"), 0.16, "en", 48, 69, 1.02, 6.0, 0.06, 5.6, 24.0),
    "kal": Singer(Voice("flite", "kal16"), 0.06, "en", 40, 60, 0.94, 5.0, 0.10, 5.1, 22.0),
    "ko": Singer(Voice("espeak", "f1", pitch=40, pitch_range=0), 0.14, "ko", 55, 74, 1.0, 3.0, 0.08, 6.0, 25.0),
    "zh": Singer(Voice("espeak", "m3", pitch=45, pitch_range=0), 0.13, "zh", 48, 67, 1.0, 5.0, 0.05, 5.5, 28.0),
    "ja": Singer(Voice("espeak", "steph2", pitch=45, pitch_range=0), 0.13, "ja", 60, 79, 1.0, 3.0, 0.07, 6.2, 24.0),
}
