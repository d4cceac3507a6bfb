"""How English says numbers, dates, times, money, units and abbreviations (American order and wording)."""

from __future__ import annotations

import re
from functools import lru_cache

from num2words import num2words

from octet.text.normalization import english_tables as tables
from octet.text.normalization import numbers
from octet.text.normalization.calendar import full_year
from octet.text.normalization.forms import Clock, Date, Forms, Noun, Number

_MONTHS = "January February March April May June July August September October November December".split()
_MONTH_OF = (
    {name.lower(): index for index, name in enumerate(_MONTHS, 1)}
    | {name[:3].lower(): index for index, name in enumerate(_MONTHS, 1)}
    | {"sept": 9}
)
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@lru_cache(maxsize=10_000)
def cardinal(number: int) -> str:
    """Without "and" and commas: 1205 is "one thousand two hundred five"."""
    return str(num2words(number)).replace(",", "").replace(" and ", " ").replace("-", " ")


@lru_cache(maxsize=10_000)
def ordinal(number: int) -> str:
    return str(num2words(number, to="ordinal")).replace(",", "").replace(" and ", " ").replace("-", " ")


def year(number: int) -> str:
    century, rest = divmod(number, 100)
    if not 1000 < number < 10000 or (century % 10 == 0 and rest < 10):
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def date(day: Date) -> str:
    month = _MONTHS[day.month - 1] if day.month else ""
    day_of_month = ordinal(day.day) if day.day else ""
    in_month = f"{month} {day_of_month}".strip()
    if day.year is None:
        return in_month
    return f"{in_month}, {year(day.year)}" if day.day else f"{in_month} {year(day.year)}".strip()


def clock(time: Clock) -> str:
    half = {"am": " A M", "pm": " P M"}.get(time.half, "")
    if time.minute == 0 and time.second is None:
        if half:
            return cardinal(time.hour) + half
        return f"{cardinal(time.hour)} o'clock" if 0 < time.hour <= 12 else f"{cardinal(time.hour)} hundred"
    minute = ("oh " if time.minute < 10 else "") + cardinal(time.minute)
    second = "" if not time.second else f" and {count(Number(str(time.second)), Noun('second', 'seconds'))}"
    return f"{cardinal(time.hour)} {minute}{second}{half}"


def count(number: Number, noun: Noun, words: str = "") -> str:
    words = words or cardinal(int(number.whole))
    return f"{words} {noun.singular if number.is_one else noun.plural}"


def fraction(over: int, under: int) -> str:
    if under == 2:
        part = "half" if over == 1 else "halves"
    elif under == 4:
        part = "quarter" if over == 1 else "quarters"
    elif under > 100:
        return f"{cardinal(over)} over {cardinal(under)}"
    else:
        part = ordinal(under) + ("" if over == 1 else "s")
    return f"{cardinal(over)} {part}"


_TITLES = {
    **{"Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Messrs": "Messieurs", "Dr": "Doctor", "Prof": "Professor"},
    **{"Gen": "General", "Col": "Colonel", "Sgt": "Sergeant", "Capt": "Captain", "Lt": "Lieutenant", "Rev": "Reverend"},
    **{"Hon": "Honorable", "Gov": "Governor", "Sen": "Senator", "Rep": "Representative", "Mt": "Mount", "Ft": "Fort"},
}
_WORDS = {
    **{"Jr": "Junior", "Sr": "Senior", "Inc": "Incorporated", "Ltd": "Limited", "Co": "Company", "Corp": "Corporation"},
    **{"Ave": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Dept": "Department", "dept": "department", "vs": "versus"},
    **{"approx": "approximately", "etc": "et cetera", "e.g": "for example", "i.e": "that is"},
    **{
        "Univ": "University",
        "univ": "university",
        "govt": "government",
        "misc": "miscellaneous",
        "Assn": "Association",
    },
    **{
        "Mon": "Monday",
        "Tue": "Tuesday",
        "Tues": "Tuesday",
        "Wed": "Wednesday",
        "Thu": "Thursday",
        "Thurs": "Thursday",
    },
    **{"Fri": "Friday", "Ph.D": "P H D", "cf": "compare", "viz": "namely"},
}
_NUMBERED = {
    **{
        "est": "established",
        "No": "Number",
        "no": "number",
        "Nos": "Numbers",
        "nos": "numbers",
        "vol": "volume",
        "Vol": "Volume",
    },
    **{
        "fig": "figure",
        "Fig": "Figure",
        "pp": "pages",
        "p": "page",
        "ch": "chapter",
        "Ch": "Chapter",
        "sec": "section",
    },
    **{
        "Sec": "Section",
        "ca": "circa",
        "c": "circa",
        "art": "article",
        "Art": "Article",
        "ver": "version",
        "eq": "equation",
    },
}
_NAMED_PARTS = (
    "Chapter|Part|Volume|Book|Act|Scene|Section|Article|Appendix|Phase|Stage|Type|Class|War|Title|Level|Grade|Mark|"
    "Season|Episode|Symphony|Apollo|Rocky|Figure|Table|Bowl|Form|Schedule|Protocol|Unit"
)
_MONARCHS = (
    "Henry|Louis|George|Edward|Charles|James|William|Richard|Elizabeth|Mary|Philip|Ferdinand|Napoleon|Frederick|"
    "Alexander|Nicholas|Peter|Catherine|Ivan|Pope|Paul|John|Pius|Benedict|Leo|Gregory|Innocent|Clement|Francis|"
    "Ramesses|Darius|Xerxes|Ptolemy|Rudolf|Wilhelm|Otto|Victoria|Margaret|Carl|Gustav|Christian|Alfonso|Juan|Felipe"
)
_MONTH_NAMES = (
    r"(?P<month>(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH_NAMES}\s+(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?![\d:/-]|[.,]\d|\w)(?:,?\s+(?P<year>\d{{4}})(?![\d:-]|[.,]\d|\w))?"
)
_DAY_FIRST = re.compile(
    rf"(?<![\d.,/:-])\b(?P<day>[12]\d|3[01]|0?[1-9])(?P<suffix>st|nd|rd|th)?(?:\s+of)?\s+{_MONTH_NAMES}(?:,?\s+(?P<year>\d{{4}})(?![\d:-]|[.,]\d|\w))?"
)
_MONTH_YEAR = re.compile(rf"\b{_MONTH_NAMES},?\s+(?P<year>\d{{4}})(?![\d:-]|[.,]\d|\w)")
_TITLE = re.compile(r"\b(" + "|".join(_TITLES) + r")(?:\.(?=\s+\w)|(?=\s+[A-Z]))")
_SAINT = re.compile(r"\bSt\.?(?=\s+[A-Z][a-z])")
_STREET = re.compile(r"(?<=[a-z\d])\s+St\b\.?")
_WORD = re.compile(r"(?<![\w.'-])(" + "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)) + r")\.(?!\w)")
_NUMBER_WORD = re.compile(r"(?<![\w.'-])(" + "|".join(sorted(_NUMBERED, key=len, reverse=True)) + r")\.\s*(?=\d)")
_ORDINAL = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d{1,12})(?:st|nd|rd|th)\b", re.IGNORECASE)
_DECADE = re.compile(r"(?<![\w.,])(?:'(?P<short>\d0)|(?P<long>1[1-9]\d0|20\d0|\d0))'?s\b")
_FEET = re.compile(r"(?<![\w.])(\d{1,3})'\s?(?:(\d{1,2})(?:\"|'')?)?(?!\w)")
_INCHES = re.compile(r"(?<![\w.])(\d{1,4}(?:\.\d+)?)\"(?!\w)")
_PART_NUMERAL = re.compile(rf"\b({_NAMED_PARTS})\s+([IVXLC]+)\b(?!')", re.IGNORECASE)
_REGNAL = re.compile(rf"\b({_MONARCHS})\s+([IVX]{{2,6}}|[VX])\b(?!')")
_AROUND_THE_CLOCK = re.compile(r"(?<![\w/.])24/7(?![\w/])")
_HASH_NUMBER = re.compile(r"#(?=\d)")
_TIMES = re.compile(r"(?<=\d)\s?[x×*]\s?(?=\d)|(?<=\d)\s?[x×](?=[\s.,!?]|$)")
_MINUS = re.compile(r"(?<=\d)\s+[-–]\s+(?=\d)")
_SUFFIXED = re.compile(r"(?<![\w.,])(\$|€|£)?(\d+(?:\.\d+)?)([kKMB])(?![\w'])")


def _expand_words(text: str) -> str:
    text = _SAINT.sub("Saint", _TITLE.sub(lambda match: _TITLES[match[1]], text))
    text = _NUMBER_WORD.sub(lambda match: _NUMBERED[match[1]] + " ", _STREET.sub(_street, text))
    text = _HASH_NUMBER.sub("number ", _AROUND_THE_CLOCK.sub("twenty four seven", text).replace("C#", "C sharp"))
    return _WORD.sub(_word, text)


def _street(match: re.Match[str]) -> str:
    ends = match.group().endswith(".") and match.string[match.end() :].strip() == ""
    return " Street." if ends else " Street"


def _word(match: re.Match[str]) -> str:
    """An abbreviation at the end of a sentence shares its full stop."""
    after = match.string[match.end() :].lstrip()
    ends = not after or (after[0].isupper() and match[1] in ("etc", "Inc", "Ltd", "Co", "Corp", "Jr", "Sr"))
    return _WORDS[match[1]] + ("." if ends else "")


def _dates(text: str) -> str:
    text = _MONTH_FIRST.sub(_named_date, text)
    text = _DAY_FIRST.sub(_named_date, text)
    return _MONTH_YEAR.sub(_named_date, text)


def _named_date(match: re.Match[str]) -> str:
    found = match.groupdict()
    month = _MONTH_OF[found["month"].rstrip(".").lower()]
    spoken_year = full_year(found["year"]) if found.get("year") else None
    if found.get("suffix"):
        year_after = f", {year(spoken_year)}" if spoken_year else ""
        return f"{ordinal(int(found['day']))} of {_MONTHS[month - 1]}{year_after}"
    return date(Date(spoken_year, month, int(found["day"]) if found.get("day") else None))


def _ordinals(text: str) -> str:
    text = _DECADE.sub(_decade, text)
    return _ORDINAL.sub(lambda match: ordinal(int(match[1].replace(",", ""))), text)


def _decade(match: re.Match[str]) -> str:
    written = match["short"] or match["long"]
    words = year(int(written)) if len(written) == 4 else cardinal(int(written))
    return (words[:-1] + "ies" if words.endswith("y") else words + "s") if words != "zero" else words


def _measures(text: str) -> str:
    text = _FEET.sub(_feet_and_inches, text)
    text = _INCHES.sub(r"\1 inches", text)
    text = _MINUS.sub(" minus ", _TIMES.sub(" times ", text))
    return _SUFFIXED.sub(_scaled, text)


def _feet_and_inches(match: re.Match[str]) -> str:
    feet = count(Number(match[1]), Noun("foot", "feet"))
    return f"{feet} {count(Number(match[2]), Noun('inch', 'inches'))}" if match[2] else feet


def _scaled(match: re.Match[str]) -> str:
    """ "$5k" and "10M": thousands, millions, billions; "4K" without money is a name."""
    scale = {"k": "thousand", "K": "thousand", "M": "million", "B": "billion"}[match[3]]
    return match.group() if match[3] == "K" and not match[1] else f"{match[1] or ''}{match[2]} {scale}"


def _numerals(text: str) -> str:
    text = _REGNAL.sub(lambda match: f"{match[1]} the {_value(match[2], ordinal)}", text)
    return _PART_NUMERAL.sub(lambda match: f"{match[1]} {_value(match[2], cardinal)}", text)


def _value(numeral: str, words: object) -> str:
    value = numbers.roman_value(numeral)
    return words(value) if value and callable(words) else numeral


FORMS = Forms(
    code="en",
    cardinal=cardinal,
    ordinal=ordinal,
    year=year,
    date=date,
    clock=clock,
    count=count,
    fraction=fraction,
    digits=_DIGITS,
    minus="minus",
    point="point",
    letters={},
    symbols=tables.SYMBOLS,
    web=tables.WEB,
    units=tables.UNITS,
    currencies=tables.CURRENCIES,
    scales=tables.SCALES,
    day_first=False,
    to="to",
    mixed="{0} and {1}",
    money="{major} and {minor}",
    acronym_plural="s",
    words_in_capitals=tables.WORDS_IN_CAPITALS,
    spoken_acronyms=tables.SPOKEN_ACRONYMS,
    spelled_acronyms=tables.SPELLED_ACRONYMS,
    before=(_expand_words, _dates, _measures, _ordinals, _numerals),
)
