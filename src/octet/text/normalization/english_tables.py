"""English names of units, currencies and signs, and how words in capitals are read."""

from __future__ import annotations

from octet.text.normalization.forms import Currency, Noun

UNITS = {
    **{"%": Noun("percent", "percent"), "‰": Noun("per mille", "per mille"), "°": Noun("degree", "degrees")},
    **{"°C": Noun("degree Celsius", "degrees Celsius"), "°F": Noun("degree Fahrenheit", "degrees Fahrenheit")},
    **{"km": Noun("kilometer", "kilometers"), "m": Noun("meter", "meters"), "cm": Noun("centimeter", "centimeters")},
    **{"mm": Noun("millimeter", "millimeters"), "nm": Noun("nanometer", "nanometers")},
    **{"μm": Noun("micrometer", "micrometers"), "mi": Noun("mile", "miles"), "ft": Noun("foot", "feet")},
    **{"yd": Noun("yard", "yards"), "kg": Noun("kilogram", "kilograms")},
    **{"g": Noun("gram", "grams"), "mg": Noun("milligram", "milligrams"), "t": Noun("ton", "tons")},
    **{"lb": Noun("pound", "pounds"), "lbs": Noun("pound", "pounds"), "oz": Noun("ounce", "ounces")},
    **{"l": Noun("liter", "liters"), "L": Noun("liter", "liters"), "ml": Noun("milliliter", "milliliters")},
    **{"mL": Noun("milliliter", "milliliters"), "km/h": Noun("kilometer per hour", "kilometers per hour")},
    **{"mph": Noun("mile per hour", "miles per hour"), "m/s": Noun("meter per second", "meters per second")},
    **{"km²": Noun("square kilometer", "square kilometers"), "m²": Noun("square meter", "square meters")},
    **{"m³": Noun("cubic meter", "cubic meters"), "cm³": Noun("cubic centimeter", "cubic centimeters")},
    **{"ha": Noun("hectare", "hectares"), "s": Noun("second", "seconds"), "sec": Noun("second", "seconds")},
    **{"ms": Noun("millisecond", "milliseconds"), "min": Noun("minute", "minutes"), "h": Noun("hour", "hours")},
    **{"hr": Noun("hour", "hours"), "hrs": Noun("hour", "hours"), "Hz": Noun("hertz", "hertz")},
    **{"kHz": Noun("kilohertz", "kilohertz"), "MHz": Noun("megahertz", "megahertz")},
    **{"GHz": Noun("gigahertz", "gigahertz"), "V": Noun("volt", "volts"), "W": Noun("watt", "watts")},
    **{"kW": Noun("kilowatt", "kilowatts"), "MW": Noun("megawatt", "megawatts")},
    **{"kWh": Noun("kilowatt hour", "kilowatt hours"), "J": Noun("joule", "joules"), "dB": Noun("decibel", "decibels")},
    **{"kB": Noun("kilobyte", "kilobytes"), "KB": Noun("kilobyte", "kilobytes"), "MB": Noun("megabyte", "megabytes")},
    **{
        "GB": Noun("gigabyte", "gigabytes"),
        "TB": Noun("terabyte", "terabytes"),
        "kcal": Noun("kilocalorie", "kilocalories"),
    },
    **{"Mbps": Noun("megabit per second", "megabits per second"), "mAh": Noun("milliampere hour", "milliampere hours")},
}
CURRENCIES = {
    "USD": Currency(Noun("dollar", "dollars"), Noun("cent", "cents")),
    "EUR": Currency(Noun("euro", "euros"), Noun("cent", "cents")),
    "GBP": Currency(Noun("pound", "pounds"), Noun("penny", "pence")),
    "JPY": Currency(Noun("yen", "yen")),
    "KRW": Currency(Noun("won", "won")),
    "CNY": Currency(Noun("yuan", "yuan")),
    "CHF": Currency(Noun("Swiss franc", "Swiss francs"), Noun("centime", "centimes")),
    "INR": Currency(Noun("rupee", "rupees"), Noun("paisa", "paise")),
}
SCALES = {
    **{word: Noun(word, word) for word in ("thousand", "million", "billion", "trillion")},
    **{"bn": Noun("billion", "billion"), "mn": Noun("million", "million"), "tn": Noun("trillion", "trillion")},
    **{"m": Noun("million", "million"), "b": Noun("billion", "billion")},
}
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega"
).split()
GREEK_LETTERS = {
    sign: name
    for letters in ("αβγδεζηθικλμνξοπρστυφχψω", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ")
    for sign, name in zip(letters, _GREEK_NAMES, strict=True)
}
SYMBOLS = {
    **GREEK_LETTERS,
    **{"&": "and", "+": "plus", "=": "equals", "<": "less than", ">": "greater than", "%": "percent", "@": "at"},
    **{"#": "hashtag", "×": "times", "÷": "divided by", "±": "plus or minus", "°": "degrees", "©": "copyright"},
    **{"®": "registered", "™": "trademark", "§": "section", "¶": "paragraph", "√": "square root of", "∞": "infinity"},
    **{"≤": "less than or equal to", "≥": "greater than or equal to", "≠": "not equal to", "≈": "approximately"},
    **{"→": "to", "$": "dollars", "€": "euros", "£": "pounds", "¥": "yen", "₩": "won", "²": "squared", "³": "cubed"},
    **{"^": "to the power of", "ß": "ss", "∑": "sum", "∫": "integral", "¢": "cents", "‰": "per mille", "/": " "},
}
WEB = {
    **{"@": "at", ".": "dot", "/": "slash", "-": "dash", "_": "underscore", ":": "colon", "?": "question mark"},
    **{"=": "equals", "&": "and", "#": "hash", "%": "percent", "~": "tilde", "+": "plus", ",": "comma"},
}
SPOKEN_ACRONYMS = frozenset(
    "NASA NATO AIDS LASER RADAR RAM ROM PIN SIM GIF JPEG COVID UNESCO UNICEF OPEC FIFA WIFI LAN".split()
)
SPELLED_ACRONYMS = frozenset(
    "US USA UK EU UN IT AI IEEE UCLA NAACP AOL IOU EULA HIV UI URL USB UPS ATM API FAQ ASAP IQ OK PE RE AM PM ID AD OS "
    "IP ISO IRA CEO CIO CFO COO AAA YMCA UFO MIA DIY ADHD GIS AIO ISBN".split()
)
WORDS_IN_CAPITALS = frozenset(
    "THE AND OF TO IN IS THAT FOR ON WITH AS WAS ARE BE THIS HAVE FROM OR BY NOT BUT ALL WE CAN YOU YOUR IF NO YES SO "
    "DO GO UP OUT WHO WHAT WHY HOW WHEN NEW NOW ONE TWO HE SHE HIS HER MY ME AT AN ANY ITS HAS HAD GET SEE OUR OFF TOO "
    "STOP DONT NEVER ALWAYS ONLY VERY MUST WILL FREE TOP BIG OLD ASK LET PUT SAY WAY DAY MAN MEN OWN USE ADD END HOT "
    "WAR".split()
)
