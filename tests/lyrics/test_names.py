from __future__ import annotations

import json

import pytest

from octet.core.errors import InvalidInput
from octet.lyrics.names import in_inventory
from octet.symbolic import ds


def read(phones, sizes, language, durations=None):
    words = sizes.split()
    segment = {
        "ph_seq": phones,
        "ph_num": sizes,
        "note_seq": " ".join("C4" if place else "rest" for place in range(len(words))),
        "note_dur": " ".join("0.5" for _ in words),
        "lang": language,
    }
    return ds.parse(json.dumps([segment | ({"ph_dur": durations} if durations else {})]))


def named(song):
    (phrase,) = song.phrases
    return " ".join(("+" if phone.leads else "") + phone.symbol + phone.accent for phone in phrase.phones)


@pytest.mark.parametrize(
    ("phones", "sizes", "language", "expected"),
    [
        ("SP n i h ao SP", "2 2 1 1", "zh", "sil +n i +x aʊ sil"),
        ("SP zh uang y vn w u y i zh ir AP", "2 2 2 2 2 1 1", "zh", "sil +ʈʂ w ɑ ŋ y n u i +ʈʂ ʐ̩ AP"),
        ("SP sh a ky o cl t e N", "2 2 3 2", "ja", "sil +ɕ a +k +j o ʔ +t e ɴ"),
        ("SP hh AH0 l OW1 SP", "2 2 1 1", "en", "sil +h ʌ +l oʊ sil"),
        ("sil h aH n a1", "2 2 1", "ko", "sil +h aH +n a1"),
        ("SP n i2 x aʊ3", "2 2 1", "zh", "sil +n i2 +x aʊ3"),
        ("SP s ɪ ŋ ð ɪ s", "2 3 2", "en", "sil +s ɪ ŋ +ð ɪ s"),
    ],
)
def test_phones_are_named_as_in_the_inventory(phones, sizes, language, expected):
    assert named(in_inventory(read(phones, sizes, language))) == expected


def test_phones_with_their_own_language_need_no_other():
    assert named(in_inventory(read("SP zh/h zh/ao en/hh en/ay", "2 2 1", ""))) == "sil +x aʊ +h aɪ"


def test_durations_are_divided_and_their_sum_stays():
    song = in_inventory(read("SP l iang SP", "2 1 1", "zh", "0.4 0.1 0.5 0.5"))
    (phrase,) = song.phrases
    assert [phone.symbol for phone in phrase.phones] == ["sil", "l", "j", "ɑ", "ŋ", "sil"]
    assert [phone.duration_seconds for phone in phrase.phones] == pytest.approx([0.4, 0.1, 0.07, 0.36, 0.07, 0.5])


@pytest.mark.parametrize(
    ("phones", "language", "message"),
    [
        ("SP qq", "ja", "the phone 'qq' is not in the dictionary of 'ja'"),
        ("SP qq", "", "and the song says no language"),
        ("SP blah", "zh", "'blah' is no initial and final of pinyin|' blah'"),
    ],
)
def test_unknown_phones_are_named(phones, language, message):
    with pytest.raises(InvalidInput, match=message):
        in_inventory(read(phones, "1 1", language))
