"""Japanese with Open JTalk (skipped where it is not installed) and without (always, in a process that cannot import it)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from octet.text.languages import japanese_kana
from octet.text.languages.japanese import kana, normalize, pronounce
from octet.text.phonemes import SYMBOL_IDS

needs_open_jtalk = pytest.mark.skipif(
    importlib.util.find_spec("pyopenjtalk") is None, reason="needs pip install 'octet[japanese]'"
)

SPOKEN = [
    ("橋", "h aL ɕ iH"),
    ("箸", "h aH ɕ iL"),
    ("雨", "aH m eL"),
    ("飴", "aL m eH"),
    ("東京", "t oːH k j oːH"),
    ("学校", "ɡ aL ʔ k oːH"),
    ("きっぷ", "k iL ʔ p ɯH"),
    ("本", "h oH ɴL"),
    ("お母さん", "oL k aːH s aL ɴL"),
    ("ラーメン", "ɾ aːH m eL ɴL"),
    ("人", "ç iL t oH"),
    ("です", "d eH s ɯL"),
    ("ヴァイオリン", "v aL iH oH ɾ iH ɴH"),
    ("ファン", "ɸ aH ɴL"),
    ("ちゃ", "tɕ aH"),
    ("牛乳", "ɡ j ɯːH ɲ ɯːH"),
]
READ = [
    ("今日は学校へ行きました.", "キョーワガッコーエイキマシタ."),
    ("東京, 大阪!", "トーキョー, オーサカ!"),
    ("1本, 2本, 3本", "イッポン, ニホン, サンボン"),
    ("3.14", "サンテンイチヨン"),
    ("2024年3月5日", "ニセンニジューヨネンサンガツイツカ"),
    ("1000円", "センエン"),
]
NORMALISED = [
    ("２０２４/３/５、１５：３０に。", "2024年3月5日, 15時30分に."),
    ("￥1,000", "1000円"),
    ("$3.5", "3.5ドル"),
    ("50%", "50パーセント"),
    ("-5℃", "マイナス5度"),
    ("5kg 10km", "5キログラム 10キロメートル"),
    ("1/2", "2分の1"),
    ("10~20%", "10から20パーセント"),
    ("東京〜大阪", "東京から大阪"),
    ("03-1234-5678", "ゼロサン, イチニサンヨン, ゴロクナナハチ"),
    ("3:2", "3対2"),
    ("1+1=2", "1たす1は2"),
    ("test1@example.co.jp", "test イチ アットマーク example ドット co ドット jp"),
    ("https://a.jp/b", "a ドット jp スラッシュ b"),
    ("「はい」…と言った！？", "はい, と言った?"),
    ("ﾊﾝｶｸ（全角）・名", "ハンカク, 全角, 名"),
    ("1,234,567人", "1234567人"),
    ("I'm", "I'm"),
    ("", ""),
]


def _flat(text: str) -> str:
    return " ".join(phone.symbol + phone.accent for word in pronounce(text) for phone in word.phones)


@needs_open_jtalk
@pytest.mark.parametrize(("written", "spoken"), SPOKEN)
def test_phones_and_pitch(written: str, spoken: str) -> None:
    assert _flat(written) == spoken


@needs_open_jtalk
@pytest.mark.parametrize(("written", "read"), READ)
def test_kana(written: str, read: str) -> None:
    assert kana(written) == read


@needs_open_jtalk
def test_words_are_accent_phrases_and_punctuation_in_order() -> None:
    words = pronounce("橋と箸を, 買った!")
    assert [word.text for word in words] == ["橋と", "箸を", ",", "買った", "!"]


@needs_open_jtalk
def test_what_cannot_be_said_is_kept() -> None:
    words = pronounce("😀です한")
    assert [(word.text, word.unpronounced) for word in words] == [("😀", "😀"), ("です", ""), ("한", "한")]


@pytest.mark.parametrize(("written", "spoken"), NORMALISED)
def test_normalize(written: str, spoken: str) -> None:
    assert normalize(written) == spoken
    assert normalize(spoken) == spoken


@given(st.text(st.sampled_from("あ東年円ー 0123456789,.:-/~%$¥()?!…\"'@abK℃〜"), max_size=20))
@settings(max_examples=200, deadline=None)
def test_normalising_is_idempotent(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@needs_open_jtalk
@given(st.text(max_size=20))
@example("\x00ー3.、")
@settings(max_examples=100, deadline=None)
def test_nothing_is_refused(text: str) -> None:
    kana(text)
    pronounce(normalize(text))


def test_the_table_knows_every_mora() -> None:
    assert all(symbol in SYMBOL_IDS for phones in japanese_kana.MORAE.values() for symbol in phones)
    letters = [chr(code) for code in range(0x30A1, 0x30F7)]
    assert [letter for letter in letters if letter not in japanese_kana.MORAE] == []


@pytest.mark.parametrize(
    ("written", "symbols"),
    [
        ("トウキョウ", "t oː k j oː"),
        ("センセイ", "s e ɴ s eː"),
        ("オオキイ", "oː k iː"),
        ("ラーメン", "ɾ aː m e ɴ"),
        ("ティッシュ", "t i ʔ ɕ ɯ"),
        ("ニャ", "ɲ a"),
        ("フォーク", "ɸ oː k ɯ"),
        ("ウェブ", "w e b ɯ"),
    ],
)
def test_kana_by_the_table(written: str, symbols: str) -> None:
    assert japanese_kana.symbols(written) == (symbols.split(), "")


_WITHOUT = """
import json, sys
sys.modules["pyopenjtalk"] = None
from octet.core.errors import InvalidInput
from octet.text.languages.japanese import kana, normalize, pronounce
text = normalize("きょうは、 がっこうへ 3x!")
words = pronounce(text)
try:
    pronounce("東京")
except InvalidInput as error:
    message = str(error)
print(json.dumps({
    "words": [[word.text, " ".join(phone.symbol + phone.accent for phone in word.phones), word.unpronounced] for word in words],
    "kana": kana(text), "error": message,
}))
"""


def test_without_open_jtalk_kana_is_read_and_kanji_says_what_to_install() -> None:
    result = json.loads(subprocess.run([sys.executable, "-c", _WITHOUT], check=True, capture_output=True).stdout)
    assert result["words"] == [
        ["きょうは", "k j oː w a", ""],
        [",", ",", ""],
        ["がっこうへ", "ɡ a ʔ k oː e", ""],
        ["3x", "s a ɴ", "x"],
        ["!", "!", ""],
    ]
    assert result["kana"] == "キョウワ, ガッコウエサン!"
    assert "'東' in '東京' is kanji" in result["error"]
    assert "pip install 'octet[japanese]'" in result["error"]
    assert "\n" not in result["error"]
