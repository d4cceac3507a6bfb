"""Mandarin numerals in Han characters, and the names of Latin letters in pinyin."""

from __future__ import annotations

DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
LARGEST = 10**16 - 1
_LETTERS = (
    "ei1,bi4,xi1,di4,yi4,ai2 fu5,ji4,ai2 qi5,ai4,zhei4,kai4,ai2 lou5,ai2 mu5,en1,ou1,pi4,qiu1,a4 er5,ai2 si5,ti4,you1,"
    "wei4,da2 bu5 liu5,ai2 ke5 si5,wai4,zei4"
)
LETTER_NAMES = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _LETTERS.split(","), strict=True))


def cardinal(number: int) -> str:
    """A number from 0 to `LARGEST`; 两 stands for 2 before 百, 千, 万 and 亿 at the front.

    >>> cardinal(0), cardinal(12), cardinal(110), cardinal(1005), cardinal(20_300)
    ('零', '十二', '一百一十', '一千零五', '两万零三百')
    """
    if number == 0:
        return "零"
    high, low = divmod(number, 10**8)
    words = ("两" if high == 2 else _below_yi(high, first=True)) + "亿" if high else ""
    words += ("零" if high and 0 < low < 10**7 else "") + _below_yi(low, first=not high)
    return words.removeprefix("一") if words.startswith("一十") else words


def _below_yi(number: int, *, first: bool) -> str:
    """A number below 10^8 in groups of 10^4, "" for 0; `first` if nothing is said before it."""
    high, low = divmod(number, 10_000)
    if not high:
        return _group(low, first=first)
    words = ("两" if high == 2 and first else _group(high, first=first)) + "万"
    return words + ("零" if 0 < low < 1000 else "") + _group(low, first=False)


def _group(group: int, *, first: bool) -> str:
    """Four digits; the `first` of a number begin with 两 for 2 before 百 and 千."""
    words, zero = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            numeral = "两" if digit == 2 and place >= 2 and first and not words else DIGITS[digit]
            words += ("零" if zero and words else "") + numeral + _PLACES[place]
        zero = not digit
    return words


def digits(text: str, *, telephone: bool = False) -> str:
    """Digits one by one; 1 is 幺 in telephone numbers.

    >>> digits("2024"), digits("110", telephone=True)
    ('二零二四', '幺幺零')
    """
    return "".join("幺" if telephone and digit == "1" else DIGITS[int(digit)] for digit in text)
