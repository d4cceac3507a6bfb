"""SSML: what each element becomes, and how faults are reported."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.text.fragments import Boundary, Fragment, Pause, Speech
from octet.text.phonemes import Prosody
from octet.text.ssml import LARGEST_CHARACTERS, parse


def _inside(markup: str) -> list[Fragment]:
    return parse(f"<speak>{markup}</speak>")


def _only(markup: str) -> Speech:
    (fragment,) = _inside(markup)
    assert isinstance(fragment, Speech)
    return fragment


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [('time="500ms"', 0.5), ('time="1.5s"', 1.5), ("", 0.5), ('strength="x-strong"', 1.25), ('strength="weak"', 0.25)],
)
def test_breaks(attributes: str, seconds: float) -> None:
    assert _inside(f"<break {attributes}/>") == [Pause(seconds)]


def test_no_break_at_all() -> None:
    assert _inside('<break strength="none"/><break time="0s"/>') == []


@pytest.mark.parametrize(
    ("attributes", "prosody"),
    [
        ('rate="1.2"', Prosody(speed=1.2)),
        ('rate="50%"', Prosody(speed=0.5)),
        ('rate="+50%"', Prosody(speed=1.5)),
        ('rate="-25%"', Prosody(speed=0.75)),
        ('rate="slow"', Prosody(speed=0.75)),
        ('pitch="+2st"', Prosody(pitch_semitones=2)),
        ('pitch="-1.5st"', Prosody(pitch_semitones=-1.5)),
        ('pitch="+100%"', Prosody(pitch_semitones=12)),
        ('pitch="high"', Prosody(pitch_semitones=3)),
        ('volume="+20dB"', Prosody(energy=10)),
        ('volume="50%"', Prosody(energy=0.5)),
        ('volume="80"', Prosody(energy=0.8)),
        ('volume="silent"', Prosody(energy=0)),
        ('rate="fast" pitch="low" volume="loud"', Prosody(1.25, -3, 1.4)),
    ],
)
def test_prosody(attributes: str, prosody: Prosody) -> None:
    assert _only(f"<prosody {attributes}>x</prosody>").style.prosody == prosody


def test_nested_prosody_adds_up_and_ends() -> None:
    fragments = _inside('<prosody rate="2"><prosody rate="50%" pitch="+1st">a</prosody>b</prosody>c')
    assert [fragment.style.prosody for fragment in fragments if isinstance(fragment, Speech)] == [
        Prosody(1, 1),
        Prosody(2),
        Prosody(),
    ]


def test_phonemes_substitutes_and_readings() -> None:
    phoneme = _only('<phoneme alphabet="ipa" ph="təˈmeɪtoʊ">tomato</phoneme>')
    assert phoneme.text == "tomato"
    assert [phone.symbol for phone in phoneme.phones or ()] == ["t", "ə", "m", "eɪ", "t", "oʊ"]
    assert _only('<sub alias="World Wide Web">WWW</sub>').text == "World Wide Web"
    said = _only('<say-as interpret-as="date" format="DMY">3/5/2021</say-as>')
    assert (said.style.interpret_as, said.style.format) == ("date", "dmy")


def test_languages_and_voices() -> None:
    assert _only('<lang xml:lang="de-AT">x</lang>').style.language == "de"
    assert _only('<lang xml:lang="cmn_Hans_CN">x</lang>').style.language == "zh"
    assert _only('<voice name="slt">x</voice>').style.voice == "slt"
    (speech,) = parse('<speak xml:lang="ko" version="1.1" xmlns="http://www.w3.org/2001/10/synthesis">x</speak>')
    assert isinstance(speech, Speech)
    assert speech.style.language == "ko"


def test_paragraphs_and_sentences_are_boundaries() -> None:
    kinds = [type(fragment) for fragment in _inside("<p><s>a</s><s>b</s></p>")]
    assert kinds == [Boundary, Boundary, Speech, Boundary, Boundary, Speech, Boundary, Boundary]


def test_white_space_is_kept_between_elements_only() -> None:
    texts = [part.text for part in _inside('  a\n b <lang xml:lang="fr">c</lang> <lang xml:lang="fr">d</lang>')]  # type: ignore[union-attr]
    assert texts == [" a b ", "c ", "d"]


def test_entities_of_xml_and_comments() -> None:
    assert _only("a &lt; b &amp; c &#65;<!-- no --> d").text == "a < b & c A d"


@pytest.mark.parametrize(
    ("markup", "message"),
    [
        ("<speak>Hi <emphasis>x</emphasis></speak>", "line 1, column 11: <emphasis> is not supported; use speak, p, s"),
        ("<speak>\n a <b</speak>", "line 2, column 6: not well-formed"),
        ("hello", "SSML is one <speak> element"),
        ("<p>x</p>", "SSML is one <speak> element"),
        ("<speak><speak>x</speak></speak>", "SSML is one <speak> element"),
        ("<speak>x", "no element found"),
        ("", "no element found"),
        ('<!DOCTYPE s [<!ENTITY a "b">]><speak>&a;</speak>', "a document type is not allowed"),
        ('<!DOCTYPE s SYSTEM "file:///etc/passwd"><speak>x</speak>', "a document type is not allowed"),
        ("<speak>&a;</speak>", "undefined entity"),
        ('<speak><break time="5"/></speak>', "'5' is no length of time"),
        ('<speak><break time="100s"/></speak>', "at most 30 seconds"),
        ('<speak><break strength="huge"/></speak>', "strength='huge'"),
        ("<speak><break>x</break></speak>", "<break/> is empty"),
        ('<speak><prosody rate="quick">a</prosody></speak>', "rate='quick' cannot be read"),
        ('<speak><prosody rate="+2">a</prosody></speak>', "rate='\\+2' cannot be read"),
        ('<speak><prosody rate="10">a</prosody></speak>', "rate of 10 is out of range"),
        ('<speak><prosody pitch="200Hz">a</prosody></speak>', "pitch='200Hz' cannot be read"),
        ('<speak><prosody pitch="-100%">a</prosody></speak>', "pitch='-100%' cannot be read"),
        ('<speak><prosody pitch="+30st">a</prosody></speak>', "pitch of \\+30 semitones is out of range"),
        ('<speak><prosody volume="+40dB">a</prosody></speak>', "volume of 100 is out of range"),
        ('<speak><prosody volume="2st">a</prosody></speak>', "volume='2st' cannot be read"),
        ('<speak><prosody contour="x">a</prosody></speak>', "<prosody> has no attribute 'contour'"),
        ('<speak><phoneme alphabet="x-sampa" ph="a">a</phoneme></speak>', "alphabet='x-sampa'"),
        ("<speak><phoneme>a</phoneme></speak>", "<phoneme> needs the attribute 'ph'"),
        ('<speak><phoneme ph="aǁ">a</phoneme></speak>', "'ǁ'"),
        ('<speak><sub alias="x"><s>a</s></sub></speak>', "<sub> holds text only"),
        ('<speak><say-as interpret-as="colour">a</say-as></speak>', "interpret-as='colour' is not supported"),
        ('<speak><lang xml:lang="ru">a</lang></speak>', "xml:lang='ru' is not spoken here; use en, ko"),
        ("<speak>" + "<p>" * 200 + "x" + "</p>" * 200 + "</speak>", "nested more than 100 deep"),
        ("<speak>" + "x" * LARGEST_CHARACTERS + "</speak>", "too large"),
    ],
)
def test_faults_are_named_with_their_place(markup: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse(markup)


@given(st.text(alphabet='<>/&; ="abpsxml:\n\ud800é', max_size=40))
def test_any_document_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert all(isinstance(fragment, Speech | Pause | Boundary) for fragment in _inside(text))
