from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from octet.audio import pitch
from octet.core.errors import InvalidInput
from octet.text import espeak

TEXTS = {
    "en-us": "Good day, world.",
    "ko": "안녕하세요, 반갑습니다.",
    "cmn-latn-pinyin": "ni3 hao3.",
    "ja": "こんにちは。",
    "de": "Guten Tag, Welt.",
    "fr-fr": "Bonjour le monde.",
    "es": "Buenos días, mundo.",
}


def test_phonemes_words_and_clauses_have_separators_of_their_own():
    assert espeak.phonemize("Good day, world", "en-us") == "ɡ_ˈʊ_d d_ˈeɪ\nw_ˈɜː_l_d"


def test_affricates_and_long_vowels_are_one_phoneme():
    assert espeak.phonemize("cheese", "en-us").split("_") == ["tʃ", "ˈiː", "z"]


def test_marks_of_a_change_of_language_are_left_out():
    mixed = espeak.phonemize("나는 Python 좋아.", "ko")
    assert "(" not in mixed
    assert not [word for word in mixed.split() if word.startswith("_") or word.endswith("_") or "__" in word]


@pytest.mark.parametrize("text", ["", " ", "...", "\0"])
def test_nothing_to_say_is_no_phonemes_and_no_speech(text):
    assert espeak.phonemize(text, "en-us") == ""
    with pytest.raises(InvalidInput, match="finds nothing to say"):
        espeak.synthesize(text, "en-us")


def test_a_nul_does_not_cut_the_text():
    assert espeak.phonemize("one\0two", "en-us") == espeak.phonemize("one two", "en-us")


@pytest.mark.parametrize("voice", TEXTS)
def test_phones_cover_the_audio_in_order_in_every_language(voice):
    speech = espeak.synthesize(TEXTS[voice], voice)
    assert speech.samples.dtype == np.float32
    assert 0.1 < np.abs(speech.samples).max() <= 1
    assert speech.phones[0][1] == 0
    assert speech.phones[-1][2] == speech.samples.size / speech.sample_rate_hz
    for (_, start, end), (_, following, _) in pairwise(speech.phones):
        assert start <= end == following
    named = [name for name, _, _ in speech.phones if name]
    assert len(named) >= 0.8 * len(espeak.phonemize(TEXTS[voice], voice).replace("_", " ").split())


def test_sound_is_where_the_phones_are_and_not_in_the_pauses():
    speech = espeak.synthesize("Stop. Now.", "en-us")
    ends = [
        (name, round(start * speech.sample_rate_hz), round(end * speech.sample_rate_hz))
        for name, start, end in speech.phones
    ]
    pause = max((piece for piece in ends if not piece[0]), key=lambda piece: piece[2] - piece[1])
    assert pause[2] - pause[1] > 0.1 * speech.sample_rate_hz
    vowel = next(piece for piece in ends if "ɑː" in piece[0])
    loudness = [float(np.sqrt(np.mean(speech.samples[start:end] ** 2))) for _, start, end in (vowel, pause)]
    assert loudness[0] > 20 * loudness[1]


def voiced_hz(speech):
    f0_hz = pitch.pyin(speech.samples, speech.sample_rate_hz, 256)
    return f0_hz[f0_hz > 0]


def f0_hz(speech):
    return np.median(voiced_hz(speech))


def spread_hz(speech):
    return voiced_hz(speech).std()


def test_rate_pitch_and_variant_are_heard():
    def speak(**settings):
        return espeak.synthesize("Good day.", "en-us", **settings)

    plain = speak()
    assert speak().samples.size == pytest.approx(plain.samples.size, rel=0.01)
    assert speak(rate_wpm=300).samples.size < 0.8 * plain.samples.size < 0.8 * speak(rate_wpm=100).samples.size
    assert f0_hz(speak(pitch=90)) > 1.3 * f0_hz(plain) > 1.3 * 1.15 * f0_hz(speak(pitch=10))
    assert f0_hz(speak(variant="f2")) > 1.5 * f0_hz(plain)
    assert spread_hz(speak(pitch_range=0)) < 3 < 10 < spread_hz(plain) < spread_hz(speak(pitch_range=99))


@pytest.mark.parametrize("voice", ["", "xx-none", "english; rm"])
def test_unknown_voices_are_refused_in_one_line(voice):
    for call in (espeak.phonemize, espeak.synthesize):
        with pytest.raises(InvalidInput, match=r"^espeak has no voice .*use one such as en-us, ko"):
            call("Good day.", voice)


@pytest.mark.parametrize("variant", ["nope", "../en"])
def test_unknown_variants_are_refused_rather_than_passed_over(variant):
    with pytest.raises(InvalidInput, match="no voice variant"):
        espeak.synthesize("Good day.", "en-us", variant=variant)
