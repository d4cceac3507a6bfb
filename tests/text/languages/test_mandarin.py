"""Mandarin: the whole table of syllables, sandhi and polyphones, normalisation, and properties."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from octet.text.languages import mandarin_readings, mandarin_sandhi, mandarin_words
from octet.text.languages.mandarin import normalize, pinyin, pronounce
from octet.text.languages.mandarin_numbers import cardinal
from octet.text.languages.mandarin_syllables import phones
from octet.text.phonemes import CONSONANTS, VOWELS

# The syllables of Modern Standard Chinese by final (Xinhua dictionary's table), then interjections and rare ones.
SYLLABLES = """
a ba pa ma fa da ta na la ga ka ha zha cha sha za ca sa  o bo po mo fo lo yo  e me de te ne le ge ke he zhe che she re ze ce se
ai bai pai mai dai tai nai lai gai kai hai zhai chai shai zai cai sai  ei bei pei mei fei dei tei nei lei gei kei hei zhei shei zei cei
ao bao pao mao dao tao nao lao gao kao hao zhao chao shao rao zao cao sao  ou pou mou fou dou tou nou lou gou kou hou zhou chou shou rou zou cou sou
an ban pan man fan dan tan nan lan gan kan han zhan chan shan ran zan can san  en ben pen men fen den nen gen ken hen zhen chen shen ren zen cen sen
ang bang pang mang fang dang tang nang lang gang kang hang zhang chang shang rang zang cang sang
eng beng peng meng feng deng teng neng leng geng keng heng zheng cheng sheng reng zeng ceng seng
dong tong nong long gong kong hong zhong chong rong zong cong song  er  zhi chi shi ri zi ci si
yi bi pi mi di ti ni li ji qi xi  ya dia lia jia qia xia  ye bie pie mie die tie nie lie jie qie xie
yao biao piao miao diao tiao niao liao jiao qiao xiao  you miu diu niu liu jiu qiu xiu  yan bian pian mian dian tian nian lian jian qian xian
yin bin pin min nin lin jin qin xin  yang niang liang jiang qiang xiang  ying bing ping ming ding ting ning ling jing qing xing  yong jiong qiong xiong
wu bu pu mu fu du tu nu lu gu ku hu zhu chu shu ru zu cu su  wa gua kua hua zhua chua shua rua  wo duo tuo nuo luo guo kuo huo zhuo chuo shuo ruo zuo cuo suo
wai guai kuai huai zhuai chuai shuai  wei dui tui gui kui hui zhui chui shui rui zui cui sui
wan duan tuan nuan luan guan kuan huan zhuan chuan shuan ruan zuan cuan suan  wen dun tun nun lun gun kun hun zhun chun shun run zun cun sun
wang guang kuang huang zhuang chuang shuang  weng  yu nü lü ju qu xu  yue nüe lüe jue que xue  yuan juan quan xuan  yun jun qun xun
m n ng hm hng ê biang wong fiao bong den len nia din
""".split()

SPOKEN = """
你好 ni2 hao3|很好 hen2 hao3|我很好 wo3 hen2 hao3|小老虎 xiao3 lao2 hu3|展览馆 zhan2 lan2 guan3|我也想买 wo2 ye3 xiang2 mai3|雨伞 yu2 san3
水果 shui2 guo3|可以 ke2 yi3|五百 wu2 bai3|老板领导我 lao2 ban3 ling2 dao2 wo3|你有几把雨伞 ni2 you3 ji2 ba3 yu2 san3|买老虎 mai3 lao2 hu3
不是 bu2 shi4|不好 bu4 hao3|不吃 bu4 chi1|不要 bu2 yao4|不来 bu4 lai2|看不看 kan4 bu5 kan4|对不起 dui4 bu5 qi3|不会 bu2 hui4
一 yi1|一个 yi2 ge5|一起 yi4 qi3|一天 yi4 tian1|一年 yi4 nian2|一样 yi2 yang4|一下 yi2 xia4|第一 di4 yi1|第一名 di4 yi1 ming2|一月 yi1 yue4|一号 yi1 hao4
统一 tong3 yi1|看一看 kan4 yi5 kan4|一九四九 yi1 jiu3 si4 jiu3|一百一十一 yi4 bai3 yi1 shi2 yi1|十一个 shi2 yi1 ge5|一点五 yi1 dian2 wu3|一万 yi2 wan4
一天一天 yi4 tian1 yi4 tian1|不一样 bu4 yi2 yang4|没有一个人 mei2 you3 yi2 ge5 ren2
东西 dong1 xi5|朋友 peng2 you5|妈妈 ma1 ma5|姐姐 jie3 jie5|想想 xiang2 xiang5|我们 wo3 men5|桌子 zhuo1 zi5|电子 dian4 zi3|石头 shi2 tou5|漂亮 piao4 liang5
我的书 wo3 de5 shu1|走了 zou3 le5|看着 kan4 zhe5|好吗 hao3 ma5|好吧 hao3 ba5|知道 zhi1 dao5|认识 ren4 shi5|衣服 yi1 fu5|什么 shen2 me5
花儿 hua1 er5|一点儿 yi4 dian3 er5|哪儿 na3 er5|这儿 zhe4 er5|玩儿 wan2 er5|事儿 shi4 er5|空儿 kong4 er5|一会儿 yi2 hui4 er5|女儿 nv3 er2|儿童 er2 tong2|幼儿园 you4 er2 yuan2
银行 yin2 hang2|行走 xing2 zou3|重庆 chong2 qing4|重要 zhong4 yao4|音乐 yin1 yue4|快乐 kuai4 le4|长城 chang2 cheng2|校长 xiao4 zhang3|长大 zhang3 da4
还书 huan2 shu1|还有 hai2 you3|觉得 jue2 de5|睡觉 shui4 jiao4|得到 de2 dao4|跑得快 pao3 de5 kuai4|我得走 wo2 dei2 zou3|慢慢地走 man4 man4 de5 zou3|地图 di4 tu2
高兴地说 gao1 xing4 de5 shuo1|首都 shou3 du1|都是 dou1 shi4|爱好 ai4 hao4|好看 hao3 kan4|便宜 pian2 yi5|方便 fang1 bian4|出差 chu1 chai1|差不多 cha4 bu5 duo1|调查 diao4 cha2
空调 kong1 tiao2|会计 kuai4 ji4|教书 jiao1 shu1|教室 jiao4 shi4|头发 tou2 fa5|发现 fa1 xian4|干净 gan1 jing5|干部 gan4 bu4|种树 zhong4 shu4|中奖 zhong4 jiang3|着急 zhao2 ji2
"""


def _spoken_pairs() -> list[tuple[str, str]]:
    lines = SPOKEN.strip().replace("\n", "|").split("|")
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


@pytest.mark.parametrize("tone", "12345")
def test_every_syllable_has_phones(tone: str) -> None:
    assert len(set(SYLLABLES)) >= 400
    for syllable in SYLLABLES:
        spoken = phones(syllable + tone)
        assert [phone.accent for phone in spoken if phone.accent] == [tone], syllable
        assert all(phone.symbol in (VOWELS if phone.accent else CONSONANTS) for phone in spoken), syllable


def test_syllables_differ_in_their_phones() -> None:
    same = {
        "yo": "io",
        "bong": "beng",
        "wong": "weng",
        "ê": "ei",
        "n": "en",
        "ng": "eng",
        "m": "em",
        "hm": "hem",
        "hng": "heng",
    }
    usual = [syllable for syllable in SYLLABLES if syllable not in same]
    spoken = [tuple(phone.symbol for phone in phones(syllable + "1")) for syllable in usual]
    assert len(set(spoken)) == len(set(usual))


@pytest.mark.parametrize(
    ("syllable", "symbols"),
    [
        ("zhong1", "ʈʂ ʊ ŋ"),
        ("xue2", "ɕ ɥ ɛ"),
        ("nü3", "n y"),
        ("nv3", "n y"),
        ("yuan2", "ɥ ɛ n"),
        ("shi4", "ʂ ʐ̩"),
        ("zi5", "ts z̩"),
        ("ri4", "ʐ ʐ̩"),
        ("jiu3", "tɕ j oʊ"),
        ("gui4", "k w eɪ"),
        ("lun2", "l w ə n"),
        ("wo3", "w o"),
        ("bo1", "p w o"),
        ("er2", "ɚ"),
        ("huar1", "x w a ɹ"),
        ("dianr3", "t j a ɹ"),
        ("kongr4", "kʰ ʊ ɹ"),
        ("shir4", "ʂ ɚ"),
        ("jinr1", "tɕ i ɚ"),
        ("weir4", "w ɚ"),
    ],
)
def test_phones_of_syllables(syllable: str, symbols: str) -> None:
    assert " ".join(phone.symbol for phone in phones(syllable)) == symbols


@pytest.mark.parametrize(("written", "spoken"), _spoken_pairs())
def test_sandhi_and_readings(written: str, spoken: str) -> None:
    assert pinyin(written) == spoken


def test_r_colours_the_vowel_before() -> None:
    word = pronounce("玩儿")[0]
    assert (word.text, [phone.symbol for phone in word.phones]) == ("玩儿", ["w", "a", "ɹ"])
    assert [word.text for word in pronounce("小孩儿")][-1].endswith("儿")


def test_a_pause_stops_sandhi() -> None:
    assert pinyin("你, 好.") == "ni3, hao3."


def test_word_lists_are_what_they_say() -> None:
    pairs = mandarin_words.THIRD_TONE_PAIRS.split()
    assert {
        word for word in pairs if [syllable[-1] for syllable in mandarin_readings._table(word)] != ["3", "3"]
    } == set()
    readings = mandarin_readings._readings()
    assert len(readings) > 100
    assert {word for word, syllables in readings.items() if len(word) != len(syllables)} == set()
    assert all(phones(syllable) for syllables in readings.values() for syllable in syllables)


def test_third_tone_feet() -> None:
    threes = ["3"] * 5
    assert mandarin_sandhi.third_tones(threes, [1, 1, 1, 1, 1]) == ["3", "2", "3", "2", "3"]
    assert mandarin_sandhi.third_tones(threes[:4], [4]) == ["2", "3", "2", "3"]
    assert mandarin_sandhi.third_tones(["3", "5", "3"], [3]) == ["3", "5", "3"]


NORMALISED = [
    ("2024年3月5日15:30，我买了2个苹果。", "二零二四年三月五日十五点三十分, 我买了两个苹果."),
    ("2024-03-05", "二零二四年三月五日"),
    ("98年5月", "九八年五月"),
    ("90后", "九零后"),
    ("3年2班", "三年二班"),
    ("2年2月2号2点2楼", "两年二月二号两点二楼"),
    ("13812345678", "幺三八, 幺二三四, 五六七八"),
    ("010-12345678", "零幺零, 幺二三四五六七八"),
    ("打110", "打幺幺零"),
    ("3.14", "三点一四"),
    ("50%", "百分之五十"),
    ("10%-20%", "百分之十到百分之二十"),
    ("2/3", "三分之二"),
    ("-5℃", "零下五摄氏度"),
    ("-3", "负三"),
    ("3:2", "三比二"),
    ("9:05", "九点零五分"),
    ("2:00", "两点"),
    ("14:30:05", "十四点三十分零五秒"),
    ("¥12.50", "十二元五角"),
    ("¥12.05", "十二元零五分"),
    ("$3.5", "三点五美元"),
    ("¥3万", "三万元"),
    ("1.5亿", "一点五亿"),
    ("12,345人", "一万二千三百四十五人"),
    ("第2名", "第二名"),
    ("102个", "一百零二个"),
    ("60km/h", "六十公里每小时"),
    ("2kg", "两公斤"),
    ("100m²", "一百平方米"),
    ("1+1=2", "一加一等于二"),
    ("3-5天", "三到五天"),
    ("302路", "三零二路"),
    ("test@qq.com", "test 艾特 qq 点 com"),
    ("“你好”……真的吗？！", "你好, 真的吗?"),
    ("《红楼梦》（上）", "红楼梦, 上,"),
    ("007", "零零七"),
    ("I'm １２", "I'm 十二"),
    ("", ""),
]


@pytest.mark.parametrize(("written", "spoken"), NORMALISED)
def test_normalize(written: str, spoken: str) -> None:
    assert normalize(written) == spoken
    assert normalize(spoken) == spoken


@given(st.integers(0, 10**16 - 1))
@settings(max_examples=200, deadline=None)
def test_cardinals_can_be_read_back(number: int) -> None:
    assert _value(cardinal(number)) == number


def _value(words: str) -> int:
    for scale, power in (("亿", 8), ("万", 4)):
        if scale in words:
            high, low = words.rsplit(scale, 1)
            return _value(high) * 10**power + _value(low)
    total, digit = 0, 0
    for character in words.replace("两", "二").replace("零", ""):
        if character in "十百千":
            total += (digit or 1) * 10 ** ("十百千".index(character) + 1)
            digit = 0
        else:
            digit = "零一二三四五六七八九".index(character)
    return total + digit


def test_words_keep_their_order_and_carry_what_cannot_be_said() -> None:
    words = pronounce("你好, KTV 한!")
    assert [word.text for word in words] == ["你好", ",", "KTV", "한", "!"]
    assert [word.unpronounced for word in words] == ["", "", "", "한", ""]
    assert [phone.accent for phone in words[0].phones] == ["", "2", "", "3"]


@given(st.text(st.one_of(st.characters(), st.sampled_from("一不儿子地得了的好你我老虎零点3")), max_size=30))
@example("一一不不儿儿")
@settings(max_examples=200, deadline=None)
def test_nothing_is_refused(text: str) -> None:
    pinyin(text)
    pronounce(normalize(text))


@given(st.text(st.sampled_from("一二年月个百 0123456789,.:-/~%$¥()?!…\"'@abK℃"), max_size=20))
@settings(max_examples=200, deadline=None)
def test_normalising_is_idempotent_and_leaves_no_digit(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert not any(character in "0123456789" for character in once)
