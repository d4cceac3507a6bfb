"""How Spanish says numbers, dates, times, money, units and abbreviations."""

from __future__ import annotations

import re
from functools import lru_cache

from num2words import num2words

from octet.text.normalization import numbers
from octet.text.normalization import spanish_tables as tables
from octet.text.normalization.calendar import full_year
from octet.text.normalization.forms import Clock, Date, Forms, Noun, Number

_MONTHS = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_MONTH_OF = (
    {name: index for index, name in enumerate(_MONTHS, 1)}
    | {name[:3]: index for index, name in enumerate(_MONTHS, 1)}
    | {"setiembre": 9, "sept": 9}
)
_DIGITS = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")


@lru_cache(maxsize=10_000)
def cardinal(number: int) -> str:
    return str(num2words(number, lang="es"))


@lru_cache(maxsize=10_000)
def ordinal(number: int) -> str:
    return str(num2words(number, lang="es", to="ordinal"))


def date(day: Date) -> str:
    words = [
        "" if day.day is None else "uno" if day.day == 1 else cardinal(day.day),
        _MONTHS[day.month - 1] if day.month else "",
        cardinal(day.year) if day.year is not None else "",
    ]
    return " de ".join(word for word in words if word)


def clock(time: Clock) -> str:
    words = [_feminine(cardinal(time.hour)), cardinal(time.minute) if time.minute else ""]
    if not time.minute and not time.half and time.hour > 12:
        words.append("horas")
    if time.second:
        words += ["y", count(Number(str(time.second)), Noun("segundo", "segundos"))]
    words.append({"am": "de la mañana", "pm": "de la tarde"}.get(time.half, ""))
    return " ".join(word for word in words if word)


def count(number: Number, noun: Noun, words: str = "") -> str:
    """ "un kilómetro", "veintiún euros", "doscientas libras", "tres millones de euros"."""
    words = words or cardinal(int(number.whole))
    if not number.fraction:
        words = _feminine(words) if noun.gender == "f" else _shortened(words)
    joint = " de " if re.search(r"(?:millón|millones|billón|billones)$", words) else " "
    return f"{words}{joint}{noun.singular if number.is_one else noun.plural}"


def _shortened(words: str) -> str:
    """ "uno" before a masculine noun."""
    return re.sub(r"\buno$", "un", re.sub(r"veintiuno$", "veintiún", words))


def _feminine(words: str) -> str:
    return re.sub(r"cientos\b", "cientas", re.sub(r"quinientos\b", "quinientas", re.sub(r"uno$", "una", words)))


def fraction(over: int, under: int) -> str:
    if under == 2:
        return "un medio" if over == 1 else f"{cardinal(over)} medios"
    part = {3: "tercio", 4: "cuarto"}.get(under) or (ordinal(under) if under <= 10 else f"{cardinal(under)}avo")
    return f"{'un' if over == 1 else cardinal(over)} {part}{'' if over == 1 else 's'}"


_ABBREVIATIONS = {
    **{"Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Sres.": "señores", "Dr.": "doctor", "Dra.": "doctora"},
    **{
        "D.": "don",
        "Dña.": "doña",
        "D.ª": "doña",
        "Ud.": "usted",
        "Uds.": "ustedes",
        "Vd.": "usted",
        "Vds.": "ustedes",
    },
    **{"Prof.": "profesor", "Ing.": "ingeniero", "Lic.": "licenciado", "Gral.": "general", "etc.": "etcétera"},
    **{"p. ej.": "por ejemplo", "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos", "a. C.": "antes de Cristo"},
    **{"d. C.": "después de Cristo", "tel.": "teléfono", "Tel.": "Teléfono", "tfno.": "teléfono", "pág.": "página"},
    **{"págs.": "páginas", "p.": "página", "pp.": "páginas", "n.º": "número", "N.º": "Número", "nº": "número"},
    **{"Nº": "Número", "núm.": "número", "Av.": "Avenida", "Avda.": "Avenida", "C/": "Calle", "c/": "calle"},
    **{"aprox.": "aproximadamente", "máx.": "máximo", "mín.": "mínimo", "cap.": "capítulo", "art.": "artículo"},
    **{
        "vol.": "volumen",
        "fig.": "figura",
        "S.A.": "sociedad anónima",
        "S. A.": "sociedad anónima",
        "dpto.": "departamento",
    },
    **{
        "izq.": "izquierda",
        "dcha.": "derecha",
        "Sto.": "Santo",
        "Sta.": "Santa",
        "S.": "San",
        "admón.": "administración",
    },
}
_BEFORE_NAME = frozenset(("D.", "S.", "C/", "c/", "Av."))
_BEFORE_NUMBER = frozenset(("p.", "pp.", "n.º", "N.º", "nº", "Nº", "cap.", "art.", "vol.", "fig.", "núm."))
_ABBREVIATION = re.compile(
    r"(?<![\w.'-])(?:"
    + "|".join(re.escape(key).replace(r"\ ", r"\s?") for key in sorted(_ABBREVIATIONS, key=len, reverse=True))
    + r")(?!\w\.|(?<=\w)\w)"
)
_BY_LETTERS = {re.sub(r"\s", "", key): (key, words) for key, words in _ABBREVIATIONS.items()}
_MONTH_NAMES = r"(?P<month>enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)\b"
_NAMED = re.compile(
    rf"(?<![\w.,])(?P<day>1\.?º|[12]\d|3[01]|0?[1-9])\s+de\s+{_MONTH_NAMES}(?:\s+del?\s+(?P<year>\d{{4}})(?![\d.,]\d|\w))?",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3})(?:\.?\s?(?P<sign>[ºª°])|\.?(?P<ending>er|ero|era|do|da|to|ta|mo|ma|vo|va|no|na))(?![\w])"
)
_CENTURY = re.compile(r"\b([Ss]iglos?)\s+([IVXL]+)(?:\s+y\s+([IVXL]+))?(?!\w)")
_KINGS = (
    "Felipe|Alfonso|Carlos|Fernando|Juan|Isabel|Pedro|Enrique|Sancho|Jaime|Luis|Pablo|Pío|Benedicto|"
    "Juan Carlos|Napoleón|Jorge|Eduardo|Catalina|Nicolás|Alejandro|León|Inocencio|Clemente|Ramiro|Leopoldo"
)
_REGNAL = re.compile(rf"\b({_KINGS})\s+([IVX]+)(?!\w)")
_PART = re.compile(
    r"\b(capítulo|tomo|volumen|libro|acto|escena|parte|artículo|fase|nivel|título|tipo|guerra mundial)"
    r"\s+([IVXLC]+)(?!\w)",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(?<=\d)\s?[x×*]\s?(?=\d)")
_HOURS = re.compile(r"(?<![\w.:,])(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d))?\s?(?:h|hrs?)\b\.?")
_MASCULINE = "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo".split()
_THINGS = re.compile(r"(?<![\w.,:/-])(?P<number>\d{0,2}1|[2-9]\d\d)(?=\s+(?P<thing>[a-zñáéíóú]{3,}))")
_NO_THINGS = frozenset(
    "del por con que para como mil millón millones los las una uno dos fue era son está hay más".split()
)
_MASCULINE_IN_A = frozenset("día problema programa sistema tema mapa idioma clima poema planeta drama turista".split())


def _abbreviations(text: str) -> str:
    return _ABBREVIATION.sub(_abbreviation, text)


def _abbreviation(match: re.Match[str]) -> str:
    key, words = _BY_LETTERS[re.sub(r"\s", "", match.group())]
    after = match.string[match.end() :].lstrip()
    if key in _BEFORE_NAME and not after[:1].isupper():
        return match.group()
    if key in _BEFORE_NUMBER and not after[:1].isdigit():
        return match.group()
    closes = key in ("etc.", "EE. UU.", "EE.UU.", "a. C.", "d. C.", "S.A.", "S. A.") and after[:1].isupper()
    ends = match.group().endswith(".") and (not after or closes)
    return words + ("." if ends else " " if key in ("C/", "c/") else "")


def _dates(text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        day = 1 if "º" in match["day"] else int(match["day"])
        spoken_year = full_year(match["year"]) if match["year"] else None
        spoken = date(Date(spoken_year, _MONTH_OF[match["month"].lower()], day))
        return spoken.replace("uno", "primero", 1) if "º" in match["day"] else spoken

    return _NAMED.sub(replaced, text)


def _times(text: str) -> str:
    text = _TIMES.sub(" por ", text)
    return _HOURS.sub(lambda match: _hours(int(match["hour"]), int(match["minute"] or 0)), text)


def _hours(hour: int, minute: int) -> str:
    words = [_feminine(cardinal(hour)), cardinal(minute) if minute else "", "horas" if minute or hour != 1 else "hora"]
    return " ".join(word for word in words if word)


def _ordinals(text: str) -> str:
    text = _CENTURY.sub(_centuries, text)
    text = _REGNAL.sub(_monarch, text)
    text = _PART.sub(lambda match: f"{match[1]} {_roman(match[2])}", text)
    return _THINGS.sub(_things, _ORDINAL.sub(_ordinal, text))


def _things(match: re.Match[str]) -> str:
    """ "21 gatos" -> "veintiún", "200 casas" -> "doscientas": the number agrees with what it counts."""
    thing, words = match["thing"], cardinal(int(match["number"]))
    if thing in _NO_THINGS:
        return match.group()
    feminine = (
        thing.endswith(("a", "as", "ción", "ciones", "dad", "dades")) and thing.rstrip("s") not in _MASCULINE_IN_A
    )
    return _feminine(words) if feminine else _shortened(words)


def _ordinal(match: re.Match[str]) -> str:
    words = ordinal(int(match["number"]))
    if match["sign"] == "ª" or (match["ending"] or "").endswith("a"):
        return " ".join(word[:-1] + "a" if word.endswith("o") else word for word in words.split())
    return words[:-1] if match["ending"] == "er" and words.endswith("ero") else words


def _centuries(match: re.Match[str]) -> str:
    second = f" y {_roman(match[3])}" if match[3] else ""
    return f"{match[1]} {_roman(match[2])}{second}"


def _monarch(match: re.Match[str]) -> str:
    value = numbers.roman_value(match[2])
    if value is None:
        return match.group()
    words = _MASCULINE[value - 1] if value <= 10 else cardinal(value)
    return f"{match[1]} {words[:-1] + 'a' if value <= 10 and match[1] in ('Isabel', 'Catalina') else words}"


def _roman(numeral: str) -> str:
    value = numbers.roman_value(numeral)
    return cardinal(value) if value else numeral


FORMS = Forms(
    code="es",
    cardinal=cardinal,
    ordinal=ordinal,
    year=cardinal,
    date=date,
    clock=clock,
    count=count,
    fraction=fraction,
    digits=_DIGITS,
    minus="menos",
    point="coma",
    letters={"Y": "i griega"},
    symbols=tables.SYMBOLS,
    web=tables.WEB,
    units=tables.UNITS,
    currencies=tables.CURRENCIES,
    scales=tables.SCALES,
    decimal_mark=",",
    group_marks=". ",
    decimals_as_number=2,
    to="a",
    per="por",
    ratio="a",
    mixed="{0} y {1}",
    money="{major} con {cents}",
    words_in_capitals=tables.WORDS_IN_CAPITALS,
    spoken_acronyms=tables.SPOKEN_ACRONYMS,
    spelled_acronyms=tables.SPELLED_ACRONYMS,
    phones=(
        r"(?<![\w.,/-])[6789]\d{2} \d{3} \d{3}(?![\w/-]|[.,]\d)",
        r"(?<![\w.,/-])[89]\d(?: \d{2,3}){3}(?![\w/-]|[.,]\d)",
    ),
    before=(_abbreviations, _dates, _times, _ordinals),
)
