"""Any Japanese text to words, digits and the marks , . ? !; numbers stay digits, read by what they count.

Open JTalk reads digits with their counters (1本 いっぽん), so only what it misreads is rewritten: addresses, telephone
numbers, dates and times in figures, money and unit signs, fractions, ranges.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from octet.text.languages.east_asian import MAIL, NUMBER, WEB, Match, one_of, plain, settle, spell_address

_DIGITS = "ゼロ イチ ニ サン ヨン ゴ ロク ナナ ハチ キュウ".split()
_CURRENCIES = {"US$": "ドル", "$": "ドル", "€": "ユーロ", "£": "ポンド", "¥": "円", "₩": "ウォン"}
_UNITS = {
    **{"km/h": "キロメートル毎時", "km": "キロメートル", "cm": "センチメートル", "mm": "ミリメートル", "m": "メートル"},
    **{
        "km2": "平方キロメートル",
        "m2": "平方メートル",
        "m3": "立方メートル",
        "kg": "キログラム",
        "mg": "ミリグラム",
        "g": "グラム",
    },
    **{
        "ml": "ミリリットル",
        "mL": "ミリリットル",
        "L": "リットル",
        "l": "リットル",
        "t": "トン",
        "°C": "度",
        "°F": "度",
        "°": "度",
    },
    **{
        "kHz": "キロヘルツ",
        "MHz": "メガヘルツ",
        "GHz": "ギガヘルツ",
        "Hz": "ヘルツ",
        "dB": "デシベル",
        "kW": "キロワット",
        "W": "ワット",
    },
    **{
        "KB": "キロバイト",
        "MB": "メガバイト",
        "GB": "ギガバイト",
        "TB": "テラバイト",
        "kcal": "キロカロリー",
        "V": "ボルト",
    },
    **{"%": "パーセント", "‰": "パーミル"},
}
_ADDRESS = {
    **{
        "@": "アットマーク",
        ".": "ドット",
        "/": "スラッシュ",
        "-": "ハイフン",
        "_": "アンダーバー",
        ":": "コロン",
        "#": "シャープ",
    },
    **{"?": "クエスチョン", "=": "イコール", "&": "アンド", "%": "パーセント", "~": "チルダ", "+": "プラス"},
}
_SIGNS = {
    **{
        "&": "アンド",
        "@": "アットマーク",
        "#": "シャープ",
        "+": "プラス",
        "=": "イコール",
        "×": "かける",
        "÷": "わる",
        "%": "パーセント",
    },
    **{"±": "プラスマイナス", "°": "度", "$": "ドル", "€": "ユーロ", "£": "ポンド", "¥": "円"},
}
_OPERATORS = {"+": "たす", "-": "ひく", "−": "ひく", "×": "かける", "*": "かける", "÷": "わる"}


def normalize(text: str) -> str:
    """Rewrite what a reader says in other words than are written; full-width forms become plain ones.

    >>> normalize("２０２４/３/５、１５：３０に￥1,000を…「はい」。")
    '2024年3月5日, 15時30分に1000円を, はい.'
    """
    text = plain(unicodedata.normalize("NFKC", text))
    for pattern, replacement in _PASSES:
        text = pattern.sub(replacement, text)
    text = "".join(_SIGNS.get(character, character) for character in text)
    return settle(text)


def _spelled(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _address(match: Match) -> str:
    return spell_address(match.group(), _ADDRESS, _spelled)


def _telephone(match: Match) -> str:
    return "、".join(_spelled(group) for group in re.findall(r"\d+", match.group()))


def _date(match: Match) -> str:
    month, day = int(match["month"]), int(match["day"])
    valid = 1 <= month <= 12 and 1 <= day <= 31
    return f"{match['year']}年{month}月{day}日" if valid else match.group()


def _clock(match: Match) -> str:
    hour, minute, second = int(match["hour"]), int(match["minute"]), match["second"]
    if hour > 24 or minute > 59:
        return f"{hour}対{minute}"
    return f"{hour}時" + (f"{minute}分" if minute or second else "") + (f"{int(second)}秒" if second else "")


def _equation(match: Match) -> str:
    parts = re.findall(rf"{NUMBER}|[-+−×*÷]", match["left"])
    words = "".join(_OPERATORS.get(part, part) for part in parts)
    return words + (f"は{match['right']}" if match["right"] else "")


_LIST: list[tuple[str, Callable[[Match], str]]] = [
    (f"{MAIL}|{WEB}", _address),
    (r"(?<![\d-])(?:\+81[- ])?0?\d{1,4}-\d{2,4}-\d{3,4}(?![\d-])", _telephone),
    (r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)", _date),
    (r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?![\d:])", _clock),
    (r"(?<![\d:])(\d+):(\d+)(?![\d:])", lambda match: f"{match[1]}対{match[2]}"),
    (rf"({one_of(_CURRENCIES)}) ?({NUMBER}(?:[万億兆千百]+)?)", lambda match: match[2] + _CURRENCIES[match[1]]),
    (rf"(?P<left>{NUMBER}(?: ?[+×*÷] ?{NUMBER}| [-−] {NUMBER})+)(?: ?= ?(?P<right>{NUMBER}))?", _equation),
    (r"(?<![\d/])(\d+)/(\d+)(?![\d/])", lambda match: f"{match[2]}分の{match[1]}"),
    (rf"({NUMBER}[^\W\d_a-zA-Z%]{{0,2}}%?) ?[~〜∼] ?(?={NUMBER})", lambda match: f"{match[1]}から"),
    (rf"({NUMBER}) ?({one_of(_UNITS)})(?![A-Za-z])", lambda match: match[1] + _UNITS[match[2]]),
    (r"(?<![\w)])[-−](?=\d)", lambda _: "マイナス"),
    (r"(?<=\d),(?=\d{3}(?!\d))", lambda _: ""),
    (r"(?<=\w)[~〜∼](?=\w)", lambda _: "から"),
    ("[~〜∼]+", lambda _: ""),
]
_PASSES = [(re.compile(pattern), replacement) for pattern, replacement in _LIST]
