"""From a request to sound: what is refused, what speed and pauses do, and where words lie."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from octet.core.errors import InvalidInput
from octet.jobs.load import load
from octet.systems.fastspeech2.generate import Speaker, SpeechRequest, main_language, request_of, word_times
from octet.text.frontend import analyze

TEXTS = [
    "Hello, world.",
    "안녕하세요, 반갑습니다.",
    "Guten Tag! Wie geht es?",
    "At 10:30, Dr. Smith paid $5.",
    "你好。",
]


@pytest.fixture(scope="module")
def speaker() -> Speaker:
    return load("fastspeech2")


@given(st.sampled_from(["speed", "pitch_semitones", "energy"]), st.floats())
def test_numbers_are_within_range_or_refused(name: str, value: float):
    low, high = {"speed": (0.25, 4), "pitch_semitones": (-24, 24), "energy": (0.1, 4)}[name]
    if low <= value <= high:
        assert getattr(request_of("Hi.", **{name: value}), name) == value
    else:
        with pytest.raises(InvalidInput, match=f"^{name}: [^\n]+$"):
            request_of("Hi.", **{name: value})


@given(st.text(alphabet=st.characters(codec=None), max_size=20))
def test_text_is_unicode_or_refused(text: str):
    if any("\ud800" <= character <= "\udfff" for character in text):
        with pytest.raises(InvalidInput, match="not Unicode text"):
            request_of(text)
    else:
        assert request_of(text).text == text


def test_a_long_wrong_value_is_shortened():
    with pytest.raises(InvalidInput) as caught:
        request_of("Hi.", speed="x" * 10_000)
    assert len(str(caught.value)) < 200


def test_a_request_is_frozen():
    with pytest.raises(ValidationError):
        request_of("Hi.").text = "Bye."


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("speed", [0.5, 2.0, 4.0])
def test_speed_divides_the_duration(speaker: Speaker, text: str, speed: float):
    plain = speaker.generate(text).duration_seconds
    assert speaker.generate(text, speed=speed).duration_seconds * speed == pytest.approx(plain, rel=0.02, abs=0.03)


@settings(max_examples=15)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3), st.floats(0.5, 3))
def test_words_lie_in_order_within_the_audio(speaker: Speaker, texts: list[str], speed: float):
    text = " ".join(texts)
    parts = list(speaker.stream(text, speed=speed))
    times = [word for part in parts for word in part.words]
    edges = [edge for word in times for edge in (word.start_seconds, word.end_seconds)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= sum(part.audio.duration_seconds for part in parts)
    spelt = [word.text for sentence in analyze(text) for word in sentence.words if any(map(str.isalnum, word.text))]
    assert [word.text for word in times] == spelt


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_a_pause_lasts_as_long_as_it_says(speaker: Speaker, seconds: float):
    first, second = next(speaker.stream(f"One [pause {seconds}s] two.")).words
    assert second.start_seconds - first.end_seconds == pytest.approx(seconds, abs=0.02)


def test_the_same_request_gives_the_same_samples(speaker: Speaker):
    torch.manual_seed(1)
    once = speaker.generate("Hello.", seed=3)
    torch.manual_seed(2)
    assert speaker.generate("Hello.", seed=3) == once
    assert once.samples.shape[0] == 1
    assert speaker.generate("Hello.", pitch_semitones=5) != once
    assert speaker.generate("Hello.", energy=2) != once


def test_a_request_may_be_streamed_and_changed(speaker: Speaker):
    request = SpeechRequest(text="Hello.", voice="rms")
    spoken = next(speaker.stream(request, speed=2.0))
    assert spoken.audio == next(speaker.stream("Hello.", voice="rms", speed=2.0)).audio
    assert spoken.audio != next(speaker.stream(request)).audio


@pytest.mark.parametrize("language", ["ko", "de"])
def test_a_language_has_its_own_voice(speaker: Speaker, language: str):
    text = {"ko": "안녕하세요.", "de": "Guten Tag."}[language]
    own = speaker.generate(text, language=language)
    assert own == speaker.generate(text, language=language, voice=language)
    assert own != speaker.generate(text, language=language, voice="slt")


def test_what_is_refused_names_the_choices(speaker: Speaker):
    with pytest.raises(InvalidInput, match=r"unknown voice 'bob': choose one of awb, "):
        speaker.stream("Hello.", voice="bob")
    with pytest.raises(InvalidInput, match="unknown language 'xx'"):
        speaker.stream("Hello.", language="xx")


def test_the_main_language_is_that_of_most_phones():
    assert main_language(analyze("저는 coffee를 아주 많이 좋아합니다.")[0]) == "ko"
    assert main_language(analyze("I really like to eat 김치 with rice.")[0]) == "en"


def test_word_times_add_up(speaker: Speaker):
    sentence = analyze("One two.")[0]
    tokens = speaker.chain.spell(sentence)
    durations = torch.full((len(tokens),), 0.1, dtype=torch.float64)
    one, two = word_times(sentence, tokens, durations, 3600.0)
    assert one.start_seconds == pytest.approx(3600.1, abs=1e-9)
    assert one.end_seconds == two.start_seconds
    assert two.end_seconds == pytest.approx(3600 + 0.1 * (len(tokens) - 2), abs=1e-9)
