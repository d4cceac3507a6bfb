"""German names of units, currencies and signs, and how words in capitals are read."""

from __future__ import annotations

from octet.text.normalization.english_tables import GREEK_LETTERS
from octet.text.normalization.forms import Currency, Noun

UNITS = {
    **{"%": Noun("Prozent", "Prozent", "n"), "‰": Noun("Promille", "Promille", "n"), "°": Noun("Grad", "Grad")},
    **{"°C": Noun("Grad Celsius", "Grad Celsius"), "°F": Noun("Grad Fahrenheit", "Grad Fahrenheit")},
    **{"km": Noun("Kilometer", "Kilometer"), "m": Noun("Meter", "Meter"), "cm": Noun("Zentimeter", "Zentimeter")},
    **{
        "mm": Noun("Millimeter", "Millimeter"),
        "nm": Noun("Nanometer", "Nanometer"),
        "μm": Noun("Mikrometer", "Mikrometer"),
    },
    **{
        "kg": Noun("Kilogramm", "Kilogramm", "n"),
        "g": Noun("Gramm", "Gramm", "n"),
        "mg": Noun("Milligramm", "Milligramm", "n"),
    },
    **{"t": Noun("Tonne", "Tonnen", "f"), "l": Noun("Liter", "Liter"), "L": Noun("Liter", "Liter")},
    **{"ml": Noun("Milliliter", "Milliliter"), "km/h": Noun("Kilometer pro Stunde", "Kilometer pro Stunde")},
    **{"m/s": Noun("Meter pro Sekunde", "Meter pro Sekunde"), "km²": Noun("Quadratkilometer", "Quadratkilometer")},
    **{
        "m²": Noun("Quadratmeter", "Quadratmeter"),
        "m³": Noun("Kubikmeter", "Kubikmeter"),
        "ha": Noun("Hektar", "Hektar"),
    },
    **{"cm³": Noun("Kubikzentimeter", "Kubikzentimeter"), "s": Noun("Sekunde", "Sekunden", "f")},
    **{"ms": Noun("Millisekunde", "Millisekunden", "f"), "min": Noun("Minute", "Minuten", "f")},
    **{
        "Min.": Noun("Minute", "Minuten", "f"),
        "Std.": Noun("Stunde", "Stunden", "f"),
        "Hz": Noun("Hertz", "Hertz", "n"),
    },
    **{"kHz": Noun("Kilohertz", "Kilohertz", "n"), "MHz": Noun("Megahertz", "Megahertz", "n")},
    **{"GHz": Noun("Gigahertz", "Gigahertz", "n"), "V": Noun("Volt", "Volt", "n"), "W": Noun("Watt", "Watt", "n")},
    **{"kW": Noun("Kilowatt", "Kilowatt", "n"), "kWh": Noun("Kilowattstunde", "Kilowattstunden", "f")},
    **{"PS": Noun("PS", "PS", "n"), "dB": Noun("Dezibel", "Dezibel", "n"), "kB": Noun("Kilobyte", "Kilobyte", "n")},
    **{
        "MB": Noun("Megabyte", "Megabyte", "n"),
        "GB": Noun("Gigabyte", "Gigabyte", "n"),
        "TB": Noun("Terabyte", "Terabyte", "n"),
    },
    **{"kcal": Noun("Kilokalorie", "Kilokalorien", "f")},
}
CURRENCIES = {
    "EUR": Currency(Noun("Euro", "Euro"), Noun("Cent", "Cent")),
    "USD": Currency(Noun("Dollar", "Dollar"), Noun("Cent", "Cent")),
    "GBP": Currency(Noun("Pfund", "Pfund", "n"), Noun("Penny", "Pence")),
    "CHF": Currency(Noun("Schweizer Franken", "Schweizer Franken"), Noun("Rappen", "Rappen")),
    "JPY": Currency(Noun("Yen", "Yen")),
    "KRW": Currency(Noun("Won", "Won")),
    "CNY": Currency(Noun("Yuan", "Yuan")),
}
_MILLION, _BILLION = Noun("Million", "Millionen", "f"), Noun("Milliarde", "Milliarden", "f")
SCALES = {
    **{"Million": _MILLION, "Millionen": _MILLION, "Mio.": _MILLION, "Mio": _MILLION},
    **{"Milliarde": _BILLION, "Milliarden": _BILLION, "Mrd.": _BILLION, "Mrd": _BILLION},
    **{"Tausend": Noun("Tausend", "Tausend", "n"), "Tsd.": Noun("Tausend", "Tausend", "n")},
}
SYMBOLS = {
    **GREEK_LETTERS,
    **{"&": "und", "+": "plus", "=": "gleich", "<": "kleiner als", ">": "größer als", "%": "Prozent", "@": "at"},
    **{"#": "Hashtag", "×": "mal", "÷": "geteilt durch", "±": "plus minus", "°": "Grad", "©": "Copyright"},
    **{"®": "eingetragene Marke", "™": "Marke", "§": "Paragraph", "√": "Wurzel aus", "∞": "unendlich"},
    **{"≤": "kleiner gleich", "≥": "größer gleich", "≠": "ungleich", "≈": "ungefähr", "→": "nach", "$": "Dollar"},
    **{"€": "Euro", "£": "Pfund", "¥": "Yen", "₩": "Won", "²": "Quadrat", "³": "hoch drei", "^": "hoch", "/": " "},
    **{"‰": "Promille", "¢": "Cent", "∑": "Summe", "∫": "Integral"},
}
WEB = {
    **{"@": "at", ".": "Punkt", "/": "Schrägstrich", "-": "Bindestrich", "_": "Unterstrich", ":": "Doppelpunkt"},
    **{"?": "Fragezeichen", "=": "gleich", "&": "und", "#": "Raute", "%": "Prozent", "~": "Tilde", "+": "plus"},
}
WORDS_IN_CAPITALS = frozenset(
    "DER DIE DAS UND ODER ABER NICHT NUR ICH DU ER SIE WIR IHR EIN EINE IST SIND WAR HAT AUF FÜR MIT VON ZU BEI NACH "
    "AUS WER WIE WO JA NEIN SO ALLE GUT NEU DEN DEM DES IM AM AN IN ES ALS AUCH KEIN SEHR MAN HALT TOR TAG WEG".split()
)
SPOKEN_ACRONYMS = frozenset(
    "NASA NATO AIDS COVID UNESCO UNICEF OPEC FIFA UEFA RAM PIN SIM TÜV BAFÖG ISO DAX LASER".split()
)
SPELLED_ACRONYMS = frozenset("USA EU UNO US UK IT KI ADAC AOK BAU EDV AG EC ICE IBAN URL USB UKW WAV AEG ARD".split())
