"""French names of units, currencies and signs, and how words in capitals are read."""

from __future__ import annotations

from octet.text.normalization.english_tables import GREEK_LETTERS
from octet.text.normalization.forms import Currency, Noun


def _f(singular: str, plural: str) -> Noun:
    return Noun(singular, plural, "f")


UNITS = {
    **{"%": Noun("pour cent", "pour cent"), "‰": Noun("pour mille", "pour mille"), "°": Noun("degré", "degrés")},
    **{"°C": Noun("degré Celsius", "degrés Celsius"), "°F": Noun("degré Fahrenheit", "degrés Fahrenheit")},
    **{"km": Noun("kilomètre", "kilomètres"), "m": Noun("mètre", "mètres"), "cm": Noun("centimètre", "centimètres")},
    **{
        "mm": Noun("millimètre", "millimètres"),
        "nm": Noun("nanomètre", "nanomètres"),
        "μm": Noun("micromètre", "micromètres"),
    },
    **{
        "kg": Noun("kilogramme", "kilogrammes"),
        "g": Noun("gramme", "grammes"),
        "mg": Noun("milligramme", "milligrammes"),
    },
    **{
        "t": _f("tonne", "tonnes"),
        "l": Noun("litre", "litres"),
        "L": Noun("litre", "litres"),
        "cl": Noun("centilitre", "centilitres"),
    },
    **{"ml": Noun("millilitre", "millilitres"), "km/h": Noun("kilomètre à l'heure", "kilomètres à l'heure")},
    **{"m/s": Noun("mètre par seconde", "mètres par seconde"), "km²": Noun("kilomètre carré", "kilomètres carrés")},
    **{
        "m²": Noun("mètre carré", "mètres carrés"),
        "m³": Noun("mètre cube", "mètres cubes"),
        "ha": Noun("hectare", "hectares"),
    },
    **{
        "cm³": Noun("centimètre cube", "centimètres cubes"),
        "s": _f("seconde", "secondes"),
        "ms": _f("milliseconde", "millisecondes"),
    },
    **{"min": _f("minute", "minutes"), "Hz": Noun("hertz", "hertz"), "kHz": Noun("kilohertz", "kilohertz")},
    **{"MHz": Noun("mégahertz", "mégahertz"), "GHz": Noun("gigahertz", "gigahertz"), "V": Noun("volt", "volts")},
    **{"W": Noun("watt", "watts"), "kW": Noun("kilowatt", "kilowatts"), "kWh": Noun("kilowattheure", "kilowattheures")},
    **{"dB": Noun("décibel", "décibels"), "ko": Noun("kilooctet", "kilooctets"), "Ko": Noun("kilooctet", "kilooctets")},
    **{
        "Mo": Noun("mégaoctet", "mégaoctets"),
        "Go": Noun("gigaoctet", "gigaoctets"),
        "To": Noun("téraoctet", "téraoctets"),
    },
    **{"kcal": _f("kilocalorie", "kilocalories"), "ch": Noun("cheval", "chevaux")},
}
CURRENCIES = {
    "EUR": Currency(Noun("euro", "euros"), Noun("centime", "centimes")),
    "USD": Currency(Noun("dollar", "dollars"), Noun("cent", "cents")),
    "GBP": Currency(_f("livre", "livres"), Noun("penny", "pence")),
    "CHF": Currency(Noun("franc suisse", "francs suisses"), Noun("centime", "centimes")),
    "JPY": Currency(Noun("yen", "yens")),
    "KRW": Currency(Noun("won", "wons")),
    "CNY": Currency(Noun("yuan", "yuans")),
}
SCALES = {
    **dict.fromkeys(("million", "millions", "M"), Noun("million", "millions")),
    **dict.fromkeys(("milliard", "milliards", "Md", "Mds"), Noun("milliard", "milliards")),
}
SYMBOLS = {
    **GREEK_LETTERS,
    **{"&": "et", "+": "plus", "=": "égale", "<": "inférieur à", ">": "supérieur à", "%": "pour cent", "@": "arobase"},
    **{"#": "hashtag", "×": "fois", "÷": "divisé par", "±": "plus ou moins", "°": "degrés", "©": "copyright"},
    **{"®": "marque déposée", "™": "marque commerciale", "§": "paragraphe", "√": "racine carrée de", "∞": "infini"},
    **{"≤": "inférieur ou égal à", "≥": "supérieur ou égal à", "≠": "différent de", "≈": "environ", "→": "vers"},
    **{"$": "dollars", "€": "euros", "£": "livres", "¥": "yens", "₩": "wons", "²": "au carré", "³": "au cube"},
    **{"^": "puissance", "/": " ", "‰": "pour mille", "¢": "cents", "∑": "somme", "∫": "intégrale"},
}
WEB = {
    **{"@": "arobase", ".": "point", "/": "barre oblique", "-": "tiret", "_": "tiret bas", ":": "deux-points"},
    **{"?": "point d'interrogation", "=": "égal", "&": "et", "#": "dièse", "%": "pour cent", "~": "tilde", "+": "plus"},
}
WORDS_IN_CAPITALS = frozenset(
    "LE LA LES DES ET EST UN UNE DANS QUE QUI NE PAS POUR SUR AVEC VOUS NOUS JE TU IL ELLE ILS CE CETTE SONT DU AU AUX "
    "MAIS OU PAR PLUS SI OUI NON TOUT TOUS MON SON SES MES TRÈS BON EN SE DE À Y A LUI MOI TOI SUD NORD".split()
)
SPOKEN_ACRONYMS = frozenset(
    "NASA OTAN SIDA COVID UNESCO UNICEF OPEP FIFA UEFA RAM SIM ONU LASER CAF PACS SMIC ZEP ENA".split()
)
SPELLED_ACRONYMS = frozenset("USA UE EU US IA RATP URSS EDF ADN ARN IUT PME".split())
