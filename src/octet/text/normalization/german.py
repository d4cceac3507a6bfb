"""How German says numbers, dates, times, money, units and abbreviations."""

from __future__ import annotations

import re
from functools import lru_cache

from num2words import num2words

from octet.text.normalization import german_tables as tables
from octet.text.normalization import numbers
from octet.text.normalization.calendar import full_year
from octet.text.normalization.forms import Clock, Date, Forms, Noun, Number

_MONTHS = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
_MONTH_OF = {name[:3].lower(): index for index, name in enumerate(_MONTHS, 1)} | {"mrz": 3, "jän": 1}
_DIGITS = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_ONE = {"m": "ein", "n": "ein", "f": "eine"}


@lru_cache(maxsize=10_000)
def cardinal(number: int) -> str:
    return str(num2words(number, lang="de"))


@lru_cache(maxsize=10_000)
def ordinal(number: int) -> str:
    return str(num2words(number, lang="de", to="ordinal"))


def year(number: int) -> str:
    century, rest = divmod(number, 100)
    if not 11 <= century <= 19:
        return cardinal(number)
    return f"{cardinal(century)}hundert{cardinal(rest) if rest else ''}"


def date(day: Date, ending: str = "r") -> str:
    """ "dritter März zweitausendeinundzwanzig"; `ending` is that of the ordinal: n after "am", r without an article."""
    month = _MONTHS[day.month - 1] if day.month else ""
    words = [ordinal(day.day) + ending if day.day else "", month, year(day.year) if day.year is not None else ""]
    return " ".join(word for word in words if word)


def clock(time: Clock) -> str:
    hour = "ein" if time.hour == 1 else cardinal(time.hour)
    words = [hour, "Uhr", cardinal(time.minute) if time.minute else ""]
    if time.second:
        words += ["und", count(Number(str(time.second)), Noun("Sekunde", "Sekunden", "f"))]
    words.append({"am": "vormittags", "pm": "nachmittags"}.get(time.half, ""))
    return " ".join(word for word in words if word)


def count(number: Number, noun: Noun, words: str = "") -> str:
    words = words or cardinal(int(number.whole))
    if number.is_one:
        words = words.removesuffix("eins") + _ONE[noun.gender]
    return f"{words} {noun.singular if number.is_one else noun.plural}"


def fraction(over: int, under: int) -> str:
    if under == 2:
        return "ein halb" if over == 1 else f"{cardinal(over)} Halbe"
    part = ordinal(under) + "l"
    return f"{'ein' if over == 1 else cardinal(over)} {part[0].upper()}{part[1:]}"


_ABBREVIATIONS = {
    **{"z. B.": "zum Beispiel", "d. h.": "das heißt", "u. a.": "unter anderem", "i. d. R.": "in der Regel"},
    **{"u. U.": "unter Umständen", "o. Ä.": "oder Ähnliches", "s. o.": "siehe oben", "s. u.": "siehe unten"},
    **{"v. a.": "vor allem", "z. T.": "zum Teil", "v. Chr.": "vor Christus", "n. Chr.": "nach Christus"},
    **{
        "i. A.": "im Auftrag",
        "z. Zt.": "zurzeit",
        "usw.": "und so weiter",
        "etc.": "et cetera",
        "bzw.": "beziehungsweise",
    },
    **{"ca.": "circa", "vgl.": "vergleiche", "evtl.": "eventuell", "ggf.": "gegebenenfalls", "inkl.": "inklusive"},
    **{"exkl.": "exklusive", "max.": "maximal", "min.": "minimal", "sog.": "sogenannt", "bspw.": "beispielsweise"},
    **{"Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Hrn.": "Herrn", "Fr.": "Frau", "St.": "Sankt"},
    **{"Nr.": "Nummer", "Tel.": "Telefon", "Abs.": "Absatz", "Art.": "Artikel", "Bd.": "Band", "Kap.": "Kapitel"},
    **{"Abb.": "Abbildung", "Jh.": "Jahrhundert", "geb.": "geboren", "gest.": "gestorben", "Dipl.": "Diplom"},
    **{"Ing.": "Ingenieur", "Hrsg.": "Herausgeber", "Mio.": "Millionen", "Mrd.": "Milliarden", "Tsd.": "Tausend"},
    **{"Mo.": "Montag", "Di.": "Dienstag", "Mi.": "Mittwoch", "Do.": "Donnerstag", "Sa.": "Samstag"},
    **{"allg.": "allgemein", "jährl.": "jährlich", "mind.": "mindestens", "insb.": "insbesondere", "Std.": "Stunden"},
}
# Words that would also be ordinary ones at the end of a sentence are abbreviations only before a number or a name.
_ONLY_BEFORE_MORE = frozenset(("Fr.", "Hr.", "St.", "Mo.", "Di.", "Mi.", "Do.", "Sa."))
_ONLY_BEFORE_NUMBERS = frozenset(("Art.", "min.", "max.", "Bd."))
_ABBREVIATION = re.compile(
    r"(?<![\w.])(?:"
    + "|".join(re.escape(key).replace(r"\ ", r"\s?") for key in sorted(_ABBREVIATIONS, key=len, reverse=True))
    + r")(?!\w)"
)
_BY_LETTERS = {re.sub(r"\s", "", key): (key, words) for key, words in _ABBREVIATIONS.items()}
_STREET = re.compile(r"(?<=[a-zäöü])str\.(?=\s)|\bStr\.(?=\s)")
_MONTH_NAMES = (
    r"(?P<month>(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b"
    r"|(?:Jan|Feb|Mrz|Apr|Jun|Jul|Aug|Sept?|Okt|Nov|Dez)\b\.)"
)
_NAMED = re.compile(
    rf"(?<![\w.,])(?P<day>[12]\d|3[01]|0?[1-9])\.\s?{_MONTH_NAMES}(?:\s+(?P<year>\d{{4}})(?![\d.,]\d|\w))?"
)
_NUMERIC = re.compile(
    r"(?<![\w./-])(?P<day>[12]\d|3[01]|0?[1-9])\.(?P<month>1[0-2]|0?[1-9])\.(?P<year>\d{4}|\d{2})?(?!\w|\.\d)"
)
_DATIVE = re.compile(
    r"\b(?:[Aa]m|[Vv]om|[Zz]um|[Bb]eim|[Ii]m|[Dd]en|[Dd]em|[Bb]is|[Dd]es|[Ss]eit|[Aa]b|jeden|[Zz]ur|[Dd]er|[Ee]inem|[Ee]inen|[Ii]hren|[Ii]hrem|[Ss]einen|[Ss]einem)\s+$"
)
_NOMINATIVE = re.compile(r"\b(?:[Dd]er|[Dd]ie|[Dd]as)\s+$")
_ORDINAL = re.compile(r"(?<![\w.,])(?P<number>\d{1,4})\.(?=\s+[A-ZÄÖÜa-zäöü])")
_TIME = re.compile(
    r"(?<![\w.:,])(?P<hour>[01]?\d|2[0-4])(?:[.:](?P<minute>[0-5]\d))?\s?(?:Uhr|h)\b(?:\s(?P<after>[0-5]?\d)(?![\d.,:]|\s?[\w%€$°]))?"
)
_TIME_RANGE = re.compile(r"(?<=\d)\s?[-–]\s?(?=\d{1,2}(?:[:.]\d\d)?\s?Uhr)")
_ONE_THING = re.compile(r"(?<![\w.,:/-])1(?=\s+[A-ZÄÖÜ][a-zäöü])(?!\s+(?:Mio|Mrd|Million|Milliarde|Uhr|Prozent))")
_PARAGRAPHS = re.compile(r"§§?\s?(?=\d)")
_REGNAL = re.compile(
    r"\b(Ludwig|Friedrich|Wilhelm|Heinrich|Karl|Otto|Franz|Joseph|Georg|Elisabeth|Katharina|Johannes|Paul|Benedikt|Pius|Napoleon|Philipp|Rudolf|Konrad|Maximilian|Leopold|Nikolaus|Alexander|Peter|Papst)\s+([IVX]+)\.(?!\w)"
)
_PART = re.compile(r"\b(Kapitel|Band|Teil|Akt|Szene|Artikel|Weltkrieg|Abschnitt|Klasse|Stufe|Phase|Typ)\s+([IVXLC]+)\b")
_TIMES = re.compile(r"(?<=\d)\s?[x×*]\s?(?=\d)")
_FEMININE = frozenset("Elisabeth Katharina".split())


def _abbreviations(text: str) -> str:
    text = _STREET.sub(lambda match: "straße" if match.group()[0] == "s" else "Straße", text)
    return _PARAGRAPHS.sub("Paragraph ", _ABBREVIATION.sub(_abbreviation, text))


def _abbreviation(match: re.Match[str]) -> str:
    key, words = _BY_LETTERS[re.sub(r"\s", "", match.group())]
    after = match.string[match.end() :].lstrip()
    number = after[:1].isdigit()
    if (key in _ONLY_BEFORE_MORE and not (number or after[:1].isupper())) or (
        key in _ONLY_BEFORE_NUMBERS and not number
    ):
        return match.group()
    ends = not after or (
        key in ("usw.", "etc.", "n. Chr.", "v. Chr.", "o. Ä.", "s. o.", "s. u.") and after[0].isupper()
    )
    return words + ("." if ends else "")


def _dates(text: str) -> str:
    return _NUMERIC.sub(_named_date, _NAMED.sub(_named_date, text))


def _named_date(match: re.Match[str]) -> str:
    month = match["month"]
    number = int(month) if month.isdigit() else _MONTH_OF[month[:3].lower()]
    written_year = match["year"]
    spoken = date(Date(full_year(written_year) if written_year else None, number, int(match["day"])), _ending(match))
    return (
        spoken
        if written_year or not month.isdigit()
        else f"{spoken.rsplit(' ', 1)[0]} {ordinal(number)}{_ending(match)}"
    )


def _ending(match: re.Match[str]) -> str:
    """The ordinal's ending after the word before it: am dritten, der dritte, dritter."""
    before = match.string[: match.start()][-12:]
    if _NOMINATIVE.search(before):
        return ""
    return "n" if _DATIVE.search(before) else "r"


def _ordinals(text: str) -> str:
    """ "3." before a word is an ordinal when an article or preposition precedes it, or a noun begins with a capital."""

    def replaced(match: re.Match[str]) -> str:
        before = match.string[: match.start()][-12:]
        if not (_DATIVE.search(before) or _NOMINATIVE.search(before)):
            return match.group()
        return ordinal(int(match["number"])) + _ending(match)

    text = _REGNAL.sub(_monarch, text)
    text = _PART.sub(lambda match: f"{match[1]} {_roman(match[2])}", text)
    return _ORDINAL.sub(replaced, text)


def _monarch(match: re.Match[str]) -> str:
    value = numbers.roman_value(match[2])
    if value is None:
        return match.group()
    words = ordinal(value)
    after = match.string[match.end() :].strip()
    article = "die" if match[1] in _FEMININE else "der"
    return f"{match[1]} {article} {words[0].upper()}{words[1:]}" + ("." if not after else "")


def _roman(numeral: str) -> str:
    value = numbers.roman_value(numeral)
    return cardinal(value) if value else numeral


def _times(text: str) -> str:
    text = _TIME_RANGE.sub(" bis ", _TIMES.sub(" mal ", text))
    return _ONE_THING.sub("ein", _TIME.sub(_time, text))


def _time(match: re.Match[str]) -> str:
    minute = match["minute"] or match["after"] or "0"
    return clock(Clock(int(match["hour"]), int(minute)))


FORMS = Forms(
    code="de",
    cardinal=cardinal,
    ordinal=ordinal,
    year=year,
    date=date,
    clock=clock,
    count=count,
    fraction=fraction,
    digits=_DIGITS,
    minus="minus",
    point="Komma",
    letters={},
    symbols=tables.SYMBOLS,
    web=tables.WEB,
    units=tables.UNITS,
    currencies=tables.CURRENCIES,
    scales=tables.SCALES,
    decimal_mark=",",
    group_marks=".",
    to="bis",
    per="pro",
    ratio="zu",
    mixed="{0} {1}",
    money="{major} {cents}",
    acronym_plural="s",
    words_in_capitals=tables.WORDS_IN_CAPITALS,
    spoken_acronyms=tables.SPOKEN_ACRONYMS,
    spelled_acronyms=tables.SPELLED_ACRONYMS,
    phones=(r"(?<![\w.,/-])0\d{2,4}/\d{4,9}(?:-\d{1,4})?(?![\w/-])",),
    before=(_times, _abbreviations, _dates, _ordinals),
)
