"""Any Mandarin text to Han characters and the marks , . ? ! (Latin words stay for another reader).

Passes in order, each leaving Han characters behind: addresses, telephones, dates, times, money, percent, measures,
ranges, counts (两 before measure words), what digits remain, signs, punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from octet.text.languages.east_asian import MAIL, NUMBER, WEB, Match, one_of, plain, settle, spell_address
from octet.text.languages.mandarin_numbers import LARGEST, cardinal, digits

_CURRENCIES = {
    **{"HK$": "港元", "US$": "美元", "$": "美元", "€": "欧元", "£": "英镑", "₩": "韩元", "￥": "元", "¥": "元"},
}
_UNITS = {
    **{"km/h": "公里每小时", "m/s": "米每秒", "km²": "平方公里", "m²": "平方米", "㎡": "平方米", "m³": "立方米"},
    **{
        "km": "公里",
        "cm": "厘米",
        "mm": "毫米",
        "nm": "纳米",
        "m": "米",
        "kg": "公斤",
        "mg": "毫克",
        "g": "克",
        "t": "吨",
    },
    **{"ml": "毫升", "mL": "毫升", "L": "升", "℃": "摄氏度", "°C": "摄氏度", "℉": "华氏度", "°F": "华氏度", "°": "度"},
    **{
        "kWh": "千瓦时",
        "kW": "千瓦",
        "W": "瓦",
        "V": "伏",
        "Hz": "赫兹",
        "kHz": "千赫",
        "MHz": "兆赫",
        "GHz": "吉赫",
        "dB": "分贝",
    },
    **{"KB": "千字节", "MB": "兆字节", "GB": "吉字节", "TB": "太字节", "kcal": "千卡", "cal": "卡", "ha": "公顷"},
}
# 2 before these is 两; before 月, 号, 日, 楼 and the like, which rank, it stays 二.
_MEASURES = (
    "个 只 条 张 本 位 次 天 年 周 分钟 小时 秒 岁 点 元 块 毛 斤 公斤 公里 米 倍 种 件 套 双 对 辆 台 部 家 间"
    " 座 棵 颗 瓶 杯 碗 盘 包 箱 盒 袋 片 滴 句 段 篇 首 场 门 项 名 人 口 头 匹 群 份 封 遍 趟 下 回 顿 吨 升 克"
    " 厘米 毫米 毫升 美元 欧元 把 根 支 枝 朵 面 幅 届 万 亿 千 百 星期 层 节 课 道 两 平方米 度 吋 码 排 圈 代"
    " 国 架 艘 所 栋 扇 顶 床 盏 粒"
).split()
_ADDRESS = {
    "@": "艾特",
    ".": "点",
    "/": "斜杠",
    "-": "杠",
    "_": "下划线",
    ":": "冒号",
    "?": "问号",
    "=": "等号",
    "&": "和",
    "#": "井号",
    "~": "波浪号",
    "%": "百分号",
    "+": "加号",
}
_SIGNS = {
    **{
        "&": "和",
        "@": "艾特",
        "#": "井号",
        "+": "加",
        "=": "等于",
        "×": "乘以",
        "÷": "除以",
        "°": "度",
        "%": "百分号",
        "±": "正负",
    },
    **{
        "$": "美元",
        "€": "欧元",
        "£": "英镑",
        "¥": "元",
        "℃": "摄氏度",
        "²": "平方",
        "³": "立方",
        "~": "到",
        "～": "到",
    },
}
_OPERATORS = {"+": "加", "-": "减", "−": "减", "×": "乘以", "*": "乘以", "÷": "除以"}


def normalize(text: str) -> str:
    """Spell out whatever a reader would say in other words than are written.

    >>> normalize("2024年3月5日15:30，我买了2个苹果，花了¥12.50。")
    '二零二四年三月五日十五点三十分, 我买了两个苹果, 花了十二元五角.'
    """
    text = plain(text)
    for pattern, replacement in _PASSES:
        text = pattern.sub(replacement, text)
    text = "".join(_SIGNS.get(character, character) for character in text)
    return settle(text)


def number(written: str) -> str:
    """A number as written: group commas, a decimal point, leading zeros.

    >>> number("12,345"), number("3.14"), number("007")
    ('一万二千三百四十五', '三点一四', '零零七')
    """
    whole, _, decimals = written.replace(",", "").partition(".")
    by_digit = (whole.startswith("0") and len(whole) > 1) or int(whole) > LARGEST
    words = digits(whole) if by_digit else cardinal(int(whole))
    return f"{words}点{digits(decimals)}" if decimals else words


def _address(match: Match) -> str:
    return spell_address(match.group(), _ADDRESS, digits)


def _telephone(match: Match) -> str:
    written = re.sub(r"^\+", "", match.group())
    groups = re.findall(r"\d+", written)
    if len(groups) == 1 and len(groups[0]) == 11:
        groups = [groups[0][:3], groups[0][3:7], groups[0][7:]]
    return ",".join(digits(group, telephone=True) for group in groups)


def _date(match: Match) -> str:
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    return f"{digits(match['year'])}年{cardinal(month)}月{cardinal(day)}日"


def _clock(match: Match) -> str:
    hour, minute, second = int(match["hour"]), int(match["minute"]), match["second"]
    if hour > 24 or minute > 59:
        return f"{cardinal(hour)}比{cardinal(minute)}"
    half = {"a": "上午", "p": "下午"}.get((match["half"] or "").strip().lower()[:1], "")
    words = f"{half}{'两' if hour == 2 else cardinal(hour)}点"
    if minute or second:
        words += f"{_two_places(minute)}分"
    return words + (f"{_two_places(int(second))}秒" if second else "")


def _two_places(value: int) -> str:
    return ("零" if 0 < value < 10 else "") + cardinal(value)


def _money(match: Match) -> str:
    unit, written, scale = _CURRENCIES[match["sign"]], match["number"], match["scale"] or ""
    whole, _, decimals = written.partition(".")
    if unit != "元" or not decimals or len(decimals) > 2 or scale:
        return _counted_number(written, scale or unit) + scale + unit
    tenths, hundredths = int(decimals[0]), int(decimals[1:] or 0)
    small = f"{cardinal(tenths)}角" if tenths else "零" if hundredths else ""
    return f"{number(whole)}元{small}{f'{cardinal(hundredths)}分' if hundredths else ''}"


def _measure(match: Match) -> str:
    unit = _UNITS[match["unit"]]
    minus = "" if not match["minus"] else "零下" if "度" in unit else "负"
    return minus + _counted_number(match["number"], unit) + unit


def _equation(match: Match) -> str:
    parts = re.findall(rf"{NUMBER}|[-+−×*÷]", match["left"])
    words = "".join(_OPERATORS.get(part) or number(part) for part in parts)
    return words + (f"等于{number(match['right'])}" if match["right"] else "")


def _fraction(match: Match) -> str:
    return f"{number(match[2])}分之{number(match[1])}"


def _counted_number(written: str, noun: str) -> str:
    return "两" if written == "2" and noun.startswith(tuple(_MEASURES)) else number(written)


def _counted(match: Match) -> str:
    written, noun = match[1], match[2]
    if written == "2" and (noun[:2] in ("年级", "点水", "门课程") or noun[:1] in "月日号楼班"):
        return number(written) + noun
    return _counted_number(written, noun) + noun


_LIST: list[tuple[str, Callable[[Match], str]]] = [
    (f"{MAIL}|{WEB}", _address),
    ("(?<=[\u4e00-\u9fff])·(?=[\u4e00-\u9fff])", lambda _: ""),
    (
        r"(?<!\d)(?:\+86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)|(?<!\d)(?:0\d{2,3}|400|800)-\d{3,8}(?:-\d{3,4})?(?!\d)",
        _telephone,
    ),
    (r"(?<=[打拨])(?:1[12][0-9]|1\d{4})(?!\d)", _telephone),
    (r"(?<!\d)(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)", _date),
    (r"(?<!\d)([12]\d{3})(?=年)", lambda match: digits(match[1])),
    (r"(?<!\d)(\d{2})(?=年\d{1,2}月)|(?<!\d)(\d0)(?=后(?!面|边|来))", lambda match: digits(match[1] or match[2])),
    (r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?P<half> ?[AaPp][Mm])?(?![\d:])", _clock),
    (rf"({NUMBER}) ?: ?({NUMBER})", lambda match: f"{number(match[1])}比{number(match[2])}"),
    (rf"(?P<sign>{one_of(_CURRENCIES)}) ?(?P<number>{NUMBER})(?P<scale>[万亿]?)", _money),
    (
        rf"({NUMBER})%? ?[-~∼〜—到至] ?({NUMBER})%",
        lambda match: f"百分之{number(match[1])}到百分之{number(match[2])}",
    ),
    (rf"([-−]?)({NUMBER}) ?%", lambda match: f"{'负' if match[1] else ''}百分之{number(match[2])}"),
    (rf"({NUMBER}) ?‰", lambda match: f"千分之{number(match[1])}"),
    (rf"(?P<left>{NUMBER}(?: ?[+×*÷] ?{NUMBER}| [-−] {NUMBER})+)(?: ?= ?(?P<right>{NUMBER}))?", _equation),
    (rf"(?<![\d/])({NUMBER})/({NUMBER})(?![\d/])", _fraction),
    (rf"({NUMBER})(?: ?[~∼〜] ?|-|—)(?={NUMBER})", lambda match: f"{number(match[1])}到"),
    (rf"(?P<minus>(?<![\w)])[-−])?(?P<number>{NUMBER}) ?(?P<unit>{one_of(_UNITS)})(?![A-Za-z])", _measure),
    (r"(?<![\w)])[-−](?=\d)", lambda _: "负"),
    (r"\d+(?:\.\d+){2,}", lambda match: "点".join(map(number, match.group().split(".")))),
    (r"(?<!\d)(\d{3,5})(?=路(?!口|程)|室|次列车|航班|房间)", lambda match: digits(match[1], telephone=True)),
    (r"第 ?(\d+)", lambda match: f"第{'二' if match[1] == '2' else number(match[1])}"),
    (rf"({NUMBER}) ?([\u4e00-\u9fff]{{1,3}})", _counted),
    (NUMBER, lambda match: number(match.group())),
]
_PASSES = [(re.compile(pattern), replacement) for pattern, replacement in _LIST]
