from __future__ import annotations

import pytest
from tests.lyrics.lines import phones, song

from octet.core.errors import InvalidInput
from octet.lyrics.names import in_inventory
from octet.lyrics.pinyin import in_pinyin
from octet.lyrics.pronounce import pronounced


def test_characters_and_pinyin_are_initials_and_finals():
    expected = "SP y | ve l | iang d | ai | SP"
    assert phones(in_pinyin(song("月 亮 - 代", "zh"))) == expected.replace("ai | SP", "ai | SP")
    assert phones(in_pinyin(song("yue4 liang - dai", "zh"))) == expected


def test_their_phones_in_the_inventory_are_those_of_the_lyrics():
    line = song("月 亮 代 表 我 的 心", "zh")
    own = [phone.symbol for phone in pronounced(line).phrases[0].phones]
    assert [phone.symbol for phone in in_inventory(in_pinyin(line)).phrases[0].phones] == own


def test_other_lyrics_are_refused():
    with pytest.raises(InvalidInput, match="neither a character nor pinyin"):
        in_pinyin(song("хо", "zh"))
