"""How French says numbers, dates, times, money, units and abbreviations."""

from __future__ import annotations

import re
from functools import lru_cache

from num2words import num2words

from octet.text.normalization import french_tables as tables
from octet.text.normalization import numbers
from octet.text.normalization.calendar import full_year
from octet.text.normalization.forms import Clock, Date, Forms, Noun, Number

_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
_MONTH_OF = {name: index for index, name in enumerate(_MONTHS, 1)} | {
    **{"janv": 1, "févr": 2, "fév": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "déc": 12}
}
_DIGITS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")


@lru_cache(maxsize=10_000)
def cardinal(number: int) -> str:
    return str(num2words(number, lang="fr"))


@lru_cache(maxsize=10_000)
def ordinal(number: int) -> str:
    return "premier" if number == 1 else str(num2words(number, lang="fr", to="ordinal"))


def date(day: Date) -> str:
    words = [
        "" if day.day is None else "premier" if day.day == 1 else cardinal(day.day),
        _MONTHS[day.month - 1] if day.month else "",
        cardinal(day.year) if day.year is not None else "",
    ]
    return " ".join(word for word in words if word)


def clock(time: Clock) -> str:
    words = [count(Number(str(time.hour)), Noun("heure", "heures", "f"))]
    words.append(_feminine(cardinal(time.minute)) if time.minute else "")
    if time.second:
        words += ["et", count(Number(str(time.second)), Noun("seconde", "secondes", "f"))]
    words.append({"am": "du matin", "pm": "de l'après-midi"}.get(time.half, ""))
    return " ".join(word for word in words if word)


def count(number: Number, noun: Noun, words: str = "") -> str:
    """Feminine "une", and a singular below two: "zéro heure", "une virgule cinq"."""
    words = words or cardinal(int(number.whole))
    if noun.gender == "f" and not number.fraction:
        words = _feminine(words)
    if re.search(r"\b(?:million|milliard|billion)s?$", words):
        joint = "d'" if noun.plural[:1] in "aeéiouh" else "de "
        return f"{words} {joint}{noun.plural}"
    return f"{words} {noun.singular if int(number.whole) < 2 else noun.plural}"


def _feminine(words: str) -> str:
    return words + "e" if re.search(r"\bun$", words) else words


def fraction(over: int, under: int) -> str:
    names = {2: "demi", 3: "tiers", 4: "quart"}
    part = names.get(under, ordinal(under))
    return f"{cardinal(over)} {part}{'s' if over > 1 and not part.endswith('s') else ''}"


_ABBREVIATIONS = {
    **{"M.": "monsieur", "MM.": "messieurs", "Mme": "madame", "Mmes": "mesdames", "Mlle": "mademoiselle"},
    **{"Mlles": "mesdemoiselles", "Dr": "docteur", "Dr.": "docteur", "Pr": "professeur", "Me": "maître"},
    **{"Mgr": "monseigneur", "St": "saint", "Ste": "sainte", "etc.": "et cetera", "p. ex.": "par exemple"},
    **{"c.-à-d.": "c'est-à-dire", "cf.": "confer", "env.": "environ", "bd": "boulevard", "bd.": "boulevard"},
    **{"Bd": "Boulevard", "av.": "avenue", "av. J.-C.": "avant Jésus-Christ", "apr. J.-C.": "après Jésus-Christ"},
    **{"tél.": "téléphone", "Tél.": "Téléphone", "n°": "numéro", "N°": "Numéro", "nº": "numéro", "vol.": "volume"},
    **{"chap.": "chapitre", "art.": "article", "fig.": "figure", "p.": "page", "pp.": "pages", "Cie": "compagnie"},
    **{"janv.": "janvier", "févr.": "février", "juil.": "juillet", "oct.": "octobre"},
    **{"nov.": "novembre", "déc.": "décembre", "min.": "minutes", "max.": "maximum", "svp": "s'il vous plaît"},
    **{"qqch.": "quelque chose", "qqn": "quelqu'un", "Sté": "société", "dép.": "département", "éd.": "édition"},
}
# These are also names of units, letters or words: abbreviations only before a name or a number.
_BEFORE_NAME = frozenset(("M.", "MM.", "Me", "St", "Ste", "Pr", "Dr", "av.", "Bd"))
_BEFORE_NUMBER = frozenset(("p.", "pp.", "art.", "fig.", "chap.", "vol.", "n°", "N°", "nº"))
_ABBREVIATION = re.compile(
    r"(?<![\w.'-])(?:"
    + "|".join(re.escape(key).replace(r"\ ", r"\s?") for key in sorted(_ABBREVIATIONS, key=len, reverse=True))
    + r")(?!\w)"
)
_BY_LETTERS = {re.sub(r"\s", "", key): (key, words) for key, words in _ABBREVIATIONS.items()}
_MONTH_NAMES = (
    r"(?P<month>(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b"
    r"|(?:janv|févr|fév|avr|juil|sept|oct|nov|déc)\b\.)"
)
_NAMED = re.compile(
    rf"(?<![\w.,])(?P<day>1er|[12]\d|3[01]|0?[1-9])\s{_MONTH_NAMES}(?:\s+(?P<year>\d{{4}})(?![\d.,]\d|\w))?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<![\w.:,])(?P<hour>[01]?\d|2[0-4])(?:\s?h(?:\s?(?P<minute>[0-5]\d)(?:\s?min)?)?|:(?P<clock>[0-5]\d))(?![\w:])"
)
_ORDINAL = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,4})(?P<ending>ers?|res?|ères?|e|es|è|ème|èmes|eme|nde?|de?|ds)(?!\w)"
)
_CENTURY = re.compile(r"(?<!\w)(?P<numeral>[IVX]+)(?P<ending>er|e|es|è|ème|ᵉ)(?!\w)")
_KINGS = (
    "Louis|Charles|Henri|François|Philippe|Napoléon|Jean|Paul|Pie|Benoît|Elisabeth|Élisabeth|Guillaume|"
    "Georges|Édouard|Pierre|Catherine|Nicolas|Alexandre|Léopold|Albert|Robert|Hugues|Clément|Léon|Innocent|"
    "Ferdinand|Frédéric"
)
_REGNAL = re.compile(rf"\b({_KINGS})\s+([IVX]{{2,6}}|[VX])(?!\w)")
_PART = re.compile(
    r"\b(chapitre|tome|volume|livre|acte|scène|partie|article|phase|niveau|titre|classe|type)\s+([IVXLC]+)(?!\w)",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(?<=\d)\s?[x×*]\s?(?=\d)")
_SAINT = re.compile(r"\b(Ste?)-(?=[A-ZÀ-Ý])")
_HOUR_RANGE = re.compile(r"(?<=[\dh])\s?[-–]\s?(?=\d{1,2}\s?h)")
_FEMININE_THING = re.compile(
    r"(?<![\w.,:/-])(\d{0,2}1)(?=\s+(?:heure|minute|seconde|fois|personne|année|semaine|journée|livre|tonne|page|place|"
    r"pièce|voiture|femme|fille|école|ville|maison|partie|question|réponse|note|chose|idée|part|voix|nuit|main)s?\b)"
)


def _abbreviation(match: re.Match[str]) -> str:
    key, words = _BY_LETTERS[re.sub(r"\s", "", match.group())]
    after = match.string[match.end() :].lstrip()
    if key in _BEFORE_NAME and not (after[:1].isupper()):
        return match.group()
    if key in _BEFORE_NUMBER and not after[:1].isdigit():
        return match.group()
    ends = match.group().endswith(".") and (not after or (key == "etc." and after[0].isupper()))
    return words + ("." if ends else "")


def _abbreviations(text: str) -> str:
    text = _SAINT.sub(lambda match: "saint-" if match[1] == "St" else "sainte-", text)
    return _ABBREVIATION.sub(_abbreviation, text)


def _dates(text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        day = 1 if match["day"].lower() == "1er" else int(match["day"])
        spoken_year = full_year(match["year"]) if match["year"] else None
        return date(Date(spoken_year, _MONTH_OF[match["month"].lower().rstrip(".")], day))

    return _NAMED.sub(replaced, text)


def _times(text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        return clock(Clock(int(match["hour"]), int(match["minute"] or match["clock"] or 0)))

    text = _HOUR_RANGE.sub(" à ", _TIMES.sub(" fois ", text))
    return _TIME.sub(replaced, text)


def _ordinals(text: str) -> str:
    text = _REGNAL.sub(lambda match: f"{match[1]} {_roman(match[2], '')}", text)
    text = _PART.sub(lambda match: f"{match[1]} {_roman(match[2], '')}", text)
    text = _CENTURY.sub(lambda match: _roman(match["numeral"], match["ending"]), text)
    text = _FEMININE_THING.sub(lambda match: _feminine(cardinal(int(match[1]))), text)
    return _ORDINAL.sub(lambda match: _ordinal_with(int(match["number"]), match["ending"]), text)


def _roman(numeral: str, ending: str) -> str:
    value = numbers.roman_value(numeral)
    if value is None:
        return numeral + ending
    return _ordinal_with(value, ending) if ending else cardinal(value)


def _ordinal_with(number: int, ending: str) -> str:
    if number == 1:
        return ("première" if "r" in ending and ending != "er" and ending != "ers" else "premier") + (
            "s" if ending.endswith("s") else ""
        )
    if number == 2 and ending.startswith(("nd", "d")):
        return "seconde" if "e" in ending else "second"
    return ordinal(number) + ("s" if ending.endswith("s") else "")


FORMS = Forms(
    code="fr",
    cardinal=cardinal,
    ordinal=ordinal,
    year=cardinal,
    date=date,
    clock=clock,
    count=count,
    fraction=fraction,
    digits=_DIGITS,
    minus="moins",
    point="virgule",
    letters={},
    symbols=tables.SYMBOLS,
    web=tables.WEB,
    units=tables.UNITS,
    currencies=tables.CURRENCIES,
    scales=tables.SCALES,
    decimal_mark=",",
    group_marks=" .",
    decimals_as_number=2,
    to="à",
    per="par",
    ratio="contre",
    mixed="{0} et {1}",
    money="{major} {cents}",
    words_in_capitals=tables.WORDS_IN_CAPITALS,
    spoken_acronyms=tables.SPOKEN_ACRONYMS,
    spelled_acronyms=tables.SPELLED_ACRONYMS,
    phones=(r"(?<![\w.,/-])0[1-9](?:[ .-]?\d\d){4}(?![\w/-]|[.,]\d)",),
    phone_group=lambda group: _phone_group(group),
    before=(_dates, _times, _abbreviations, _ordinals),
)


def _phone_group(group: str) -> str:
    """Pairs are read as numbers, and a leading zero by itself: "01 23" -> "zéro un, vingt-trois"."""
    pairs = [group] if len(group) <= 3 else [group[start : start + 2] for start in range(0, len(group), 2)]
    read = []
    for pair in pairs:
        zeros = len(pair) - len(pair.lstrip("0"))
        read += [_DIGITS[0]] * zeros + ([cardinal(int(pair))] if zeros < len(pair) else [])
    return " ".join(read)
