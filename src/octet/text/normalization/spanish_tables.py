"""Spanish names of units, currencies and signs, and how words in capitals are read."""

from __future__ import annotations

from octet.text.normalization.english_tables import GREEK_LETTERS
from octet.text.normalization.forms import Currency, Noun


def _f(singular: str, plural: str) -> Noun:
    return Noun(singular, plural, "f")


UNITS = {
    **{"%": Noun("por ciento", "por ciento"), "‰": Noun("por mil", "por mil"), "°": Noun("grado", "grados")},
    **{"°C": Noun("grado Celsius", "grados Celsius"), "°F": Noun("grado Fahrenheit", "grados Fahrenheit")},
    **{"km": Noun("kilómetro", "kilómetros"), "m": Noun("metro", "metros"), "cm": Noun("centímetro", "centímetros")},
    **{
        "mm": Noun("milímetro", "milímetros"),
        "nm": Noun("nanómetro", "nanómetros"),
        "μm": Noun("micrómetro", "micrómetros"),
    },
    **{"kg": Noun("kilogramo", "kilogramos"), "g": Noun("gramo", "gramos"), "mg": Noun("miligramo", "miligramos")},
    **{"t": _f("tonelada", "toneladas"), "l": Noun("litro", "litros"), "L": Noun("litro", "litros")},
    **{"ml": Noun("mililitro", "mililitros"), "km/h": Noun("kilómetro por hora", "kilómetros por hora")},
    **{
        "m/s": Noun("metro por segundo", "metros por segundo"),
        "km²": Noun("kilómetro cuadrado", "kilómetros cuadrados"),
    },
    **{
        "m²": Noun("metro cuadrado", "metros cuadrados"),
        "m³": Noun("metro cúbico", "metros cúbicos"),
        "ha": _f("hectárea", "hectáreas"),
    },
    **{"cm³": Noun("centímetro cúbico", "centímetros cúbicos"), "s": Noun("segundo", "segundos")},
    **{"ms": Noun("milisegundo", "milisegundos"), "min": Noun("minuto", "minutos"), "Hz": Noun("hercio", "hercios")},
    **{
        "kHz": Noun("kilohercio", "kilohercios"),
        "MHz": Noun("megahercio", "megahercios"),
        "GHz": Noun("gigahercio", "gigahercios"),
    },
    **{"V": Noun("voltio", "voltios"), "W": Noun("vatio", "vatios"), "kW": Noun("kilovatio", "kilovatios")},
    **{"kWh": Noun("kilovatio hora", "kilovatios hora"), "dB": Noun("decibelio", "decibelios")},
    **{"kB": Noun("kilobyte", "kilobytes"), "MB": Noun("megabyte", "megabytes"), "GB": Noun("gigabyte", "gigabytes")},
    **{"TB": Noun("terabyte", "terabytes"), "kcal": _f("kilocaloría", "kilocalorías")},
}
CURRENCIES = {
    "EUR": Currency(Noun("euro", "euros"), Noun("céntimo", "céntimos")),
    "USD": Currency(Noun("dólar", "dólares"), Noun("centavo", "centavos")),
    "GBP": Currency(_f("libra", "libras"), Noun("penique", "peniques")),
    "CHF": Currency(Noun("franco suizo", "francos suizos"), Noun("céntimo", "céntimos")),
    "MXN": Currency(Noun("peso mexicano", "pesos mexicanos"), Noun("centavo", "centavos")),
    "JPY": Currency(Noun("yen", "yenes")),
    "KRW": Currency(Noun("won", "wones")),
    "CNY": Currency(Noun("yuan", "yuanes")),
}
SCALES = {
    **dict.fromkeys(("millón", "millones", "M"), Noun("millón", "millones")),
    **dict.fromkeys(("mil",), Noun("mil", "mil")),
}
SYMBOLS = {
    **GREEK_LETTERS,
    **{"&": "y", "+": "más", "=": "igual a", "<": "menor que", ">": "mayor que", "%": "por ciento", "@": "arroba"},
    **{"#": "almohadilla", "×": "por", "÷": "dividido por", "±": "más menos", "°": "grados", "©": "copyright"},
    **{"®": "marca registrada", "™": "marca comercial", "§": "sección", "√": "raíz cuadrada de", "∞": "infinito"},
    **{"≤": "menor o igual que", "≥": "mayor o igual que", "≠": "distinto de", "≈": "aproximadamente", "→": "a"},
    **{"$": "dólares", "€": "euros", "£": "libras", "¥": "yenes", "₩": "wones", "²": "al cuadrado", "³": "al cubo"},
    **{"^": "elevado a", "/": " ", "‰": "por mil", "¢": "centavos", "∑": "suma", "∫": "integral"},
}
WEB = {
    **{"@": "arroba", ".": "punto", "/": "barra", "-": "guion", "_": "guion bajo", ":": "dos puntos"},
    **{"?": "interrogación", "=": "igual", "&": "y", "#": "almohadilla", "%": "por ciento", "~": "tilde", "+": "más"},
}
WORDS_IN_CAPITALS = frozenset(
    "EL LA LOS LAS DE QUE Y EN UN UNA POR CON NO SE SU PARA ES DEL AL LO COMO MÁS PERO SUS LE YA SÍ SI MUY SIN TODO YO "
    "TÚ MI ME TE NOS HAY HOY BIEN OJO MAL DOS SER SOL MAR PAZ FIN VEZ HA HE O A FUE".split()
)
SPOKEN_ACRONYMS = frozenset(
    "NASA OTAN SIDA COVID UNESCO UNICEF OPEP FIFA UEFA RAM SIM ONU OVNI PIN ISO AVE NIF IVA RAE".split()
)
SPELLED_ACRONYMS = frozenset("USA UE EU US IA URSS ADN ARN IPC DNI".split())
