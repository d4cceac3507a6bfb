"""Pronunciation that depends on what a Korean word is made of: endings, bound nouns, suffixes, numerals, particles.

Patterns look at a phrase of hangul and blanks and say before which syllable a mark of `korean_rules` belongs.
They are written for precision: a pattern that a noun could meet by accident is narrowed until it does not.
Numbers are articles of the standard (표준 발음법).
"""

from __future__ import annotations

import re

from octet.text.languages.korean_hangul import CODAS, with_coda, with_onset

_L = f"[{with_coda('ㄹ')}]"
_N = f"[{with_coda('ㄴ')}]"
_PLAIN = f"[{with_onset('ㄱㄷㅂㅅㅈ')}]"
_CLOSED = f"[{with_coda(''.join(CODAS))}]"
_START = "(?:^|(?<= ))"
_END = "(?= |$)"
_PARTICLE = "(?:이|은|을|의|에|도|만|과|으로|까지|부터|보다|들|입니다)"  # as they follow a consonant
_CLOSES = f"(?={_PARTICLE}|{_END})"
_NUMERAL = "[영공일이삼사오육칠팔구십백천만억조]"

# 제24항: verb stems in ㄴ, ㅁ tense an ending (신고 -> 신꼬), nouns do not (신고하다). Short stems look like nouns
# and are believed only before endings that no noun has there.
_LONG_STEM = "(?:다듬|더듬|머금|보듬|껴안|끌어안|얼싸안|부둥켜안|떠안|감싸안|그러안|살아남|뛰어넘|휘감|되감)"
_AND = "고(?= |$|는|도|서|만|요|나)"
_ENDING = (
    "(?:다(?= |$|가|고|는|니|면|던|며|만)|던(?= |$|데|가|지)|더(?=니|라|군|냐)|든(?= |$|지|가)|도록|겠|거나|거든"
    "|자마자|습|지(?=만|요|는 않|도 않|를 않|도 못|를 못| 않| 못| 마| 말)|게(?= |$|끔|도))"
)
_GOES_ON = "(?:있|다니|나가|나갔|와|왔|가|갔|걷|걸|뛰|나서|나섰|들어|싶|견|살|또|기다|버티|버텼|지내|일하|듣)"

# 제27항: a verb form in -(으)ㄹ tenses the next noun (할 수 -> 할 쑤).
_BOUND = (
    "(?:수(?=(?:가|는|도|밖에|조차|나)? ?(?:있|없))|것|거(?= |$|야|예|다|라|고|지|니|면|죠|잖|든|랍|였)|걸(?= |$|요|까)"
    "|건(?= |$|가|데|지)|게(?= |$)|겁니|데(?= |$|가|는|도|를|에|다)|바(?= |$|가|는|를|에|와)|적(?= |$|에|이|은|도|마)"
    "|줄(?=은|도|로|만| 알| 모| 몰| 아| 안)|듯|법(?= |$|하|도|한)|뻔|정도|경우|곳|동안|성싶"
    "|둥(?= |$)|시간|사람|차례|자신)"
)
_BOUND_ONLY = "(?:수(?=(?:가|는|도|밖에|조차|나)? ?(?:있|없))|것|거(?=야|예|라|고|니|면|죠|잖|다)|겁니|듯|뻔)"
_NOUN_IN_L = (
    "(?:오늘|내일|서울|겨울|가을|하늘|마늘|바늘|그늘|이불|거울|얼굴|마을|선물|동물|식물|인물|보물|사물|건물|음식물"
    "|교실|사실|현실|화장실|호텔|메일|파일|모델|소설|시설|건설|전설|기술|예술|수술|미술|생활|역할|관할|분할|비율|확률|법률"
    "|출발|개발|폭발|신발|양말|주말|연말|결말|정말|거짓말|이별|차별|특별|개별|구별|성별|생일|매일|휴일|평일|제일|통일|독일|과일"
    "|비밀|고발|경찰|관찰|검찰|개월|일월|이월|삼월|사월|오월|유월|칠월|팔월|구월|시월|십일월|십이월|요일|발달|연필|단말|[일칠팔])"
)
_VERB_IN_EUL = f"(?:[{with_coda('ㅆㄶㅀ')}]|[없같싶먹받찾읽앉죽잡입믿얻닫웃씻맞늦남참좋높깊넓짧])을"
_VERB_IN_L = f"(?:(?<![역분관])할|될|{_START}(?:갈|올|볼|쓸)|만날|보낼|떠날|태어날|일어날|해줄|도와줄|{_VERB_IN_EUL})"
_WILL = "(?:할|될|갈|올|볼|둘|쓸|줄|릴|낼|킬|만날|떠날|(?<=[맡남챙옮])길)"
_NOT = "(?:않|못|마|말)"

# 제28항 and its like for suffixes of longer words (가능성 -> 가능썽), save where the syllable before makes another
# word with them (구성, 보증, 방법).
_BEFORE_SEONG = "구조편형양완생찬반여남음장행혜위육각산소"
_BEFORE_JEUNG = "인보검논고반방심기"
_BEFORE_YEOK = "통번면용병징전현반단영성광검방권공"
_BEFORE_YONG = "활적작채인응운통전겸공상남복신군관징혼중등착임실악준"
_COUNTED = (
    "(?:개(?!월)|권|갑|곳|가지|그루|군데|걸음|달|대|돈|되|번|병|벌|봉지|발|배|분|사람|살|송이|상자|시|잔|장|자루|줄|점|접시|조각|주|자"
    "|사발|숟|식구|세트|바퀴|다발|덩이|박스)"
)
_SINO_COUNTED = (
    "(?:도|세|주|조|시|점|단계|등|대|장|종|자리|승|세기|석|선|시간|세대|주년|주일|제곱)"
    f"(?={_END}|[이가은는을를에의로만째간당전후])"
)
# 제29항: second parts before which ㄴ comes in, and adnominal words that take 일 (matter) with it.
_INSERTING = (
    "(?:여행|요리|영화|연습|연기|열차|여자|여성|역사|약속|유리|예술|영업|영역|윤리|이야기|연료|유학|요금|요구|유형"
    "|약품|연구소|연구원|용품)"
)
_ADNOMINAL = (
    "(?:하는|있는|없는|되는|맡은|좋은|싫은|많은|같은|않는|않은|다른|모든|그런|이런|저런|어떤|무슨|한|할|볼|될|힘든|어려운|쉬운"
    "|새로운|중요한|작은|생긴|일어난|벌어진|놀라운|슬픈|기쁜|급한|바쁜)"
)
# 제20항 다만: ㄴ + ㄹ is ㄴㄴ before these suffixes, but not in two-syllable words that merely end in them.
_SUFFIX_IN_R = "(?:란|량|력|령|론|료|류|례)"
_WITH_LL = (
    "진료|권력|연료|원료|안료|완료|만료|관료|분량|전량|잔량|언론|본론|원론|반론|변론|신령|연령|본령|훈령|산란|혼란|곤란|논란|찬란|문란|반란|분란"
    "|인력|전력|근력|탄력|완력|인류|분류|전류|한류|난류|만류|관례|전례|선례|판례|혼례|민란|천량|만량|십만량"
)

_MARKED = [
    (rf"{_LONG_STEM}(?={_AND}|{_ENDING}|기|지)", "'"),
    (rf"{_START}[감남넘숨심담품검안](?={_AND})|{_START}삼(?=고{_END})", "'"),
    (rf"{_START}[신참](?=고 {_GOES_ON})", "'"),
    (rf"{_START}[감남넘숨심담품검신참](?={_ENDING})", "'"),
    (rf"{_START}안(?=겠|던|도록|거나|습|지 {_NOT})", "'"),
    (rf"{_START}참(?=기(?:가|는|로| 힘| 어렵))", "'"),
    (rf"{_VERB_IN_L} (?={_PLAIN})", "'"),
    (rf"{_START}(?!\S*{_NOUN_IN_L} )\S*(?![을를]){_L} (?={_BOUND})", "'"),
    (rf"을 (?={_BOUND_ONLY})", "'"),
    (rf"{_L}(?=수록|지라도|지언정|진대|세라|게요)", "'"),
    (rf"(?<={_CLOSED})을(?=게|걸|지(?:도|는|를|가|요)?{_END})", "'"),
    (rf"{_WILL}(?=게{_END})", "'"),
    (rf"(?:{_WILL}|일)(?=지(?:도|는|를|가)?(?:$| (?!{_NOT})))", "'"),
    (rf"{_START}(?:할|갈|볼|올|될)(?=걸{_END}|걸요|밖에)", "'"),
    (rf"(?<=\S\S)(?<![{_BEFORE_SEONG}])(?=성{_CLOSES})", "'"),
    (rf"(?<=\S\S)(?<![러무섯곱덟홉두세네])(?=권{_CLOSES})", "'"),
    (rf"(?<=\S\S)(?<![{_BEFORE_JEUNG}])(?=증{_CLOSES})", "'"),
    (rf"(?<=\S\S)(?<![방마무사])(?=법{_CLOSES})", "'"),
    (r"(?<=\S)(?<![제 ])(?=값)", "'"),
    (rf"(?<=\S){_L}(?=적(?:이|인|으|일|임|{_END}))", "'"),
    (rf"(?:{_START}열|여덟) ?(?={_COUNTED})", "'"),
    (rf"{_START}열(?=두|둘|세{_END}|셋|다섯)", "'"),
    (rf"{_START}{_NUMERAL}*[일칠팔] ?(?={_SINO_COUNTED})", "'"),
    (rf"{_START}{_NUMERAL}+ (?=점 {_NUMERAL})", "'"),
    (rf"(?:{_START}|{_NUMERAL} ?)[십백천만억조] ?(?=육)", "+"),
    (rf"{_START}(?:열|스물|서른|마흔|쉰|예순|일흔|여든|아흔|백) ?(?=여섯|여덟|일곱)", "+"),
    (rf"(?<=\S)(?<={_CLOSED})(?<![{_BEFORE_YEOK}])(?<=\S\S)(?=역(?:{_PARTICLE}|{_END}|앞|세권|장))", "+"),
    (rf"(?<=\S\S)(?<={_CLOSED})(?<![{_BEFORE_YONG}])(?=용{_CLOSES})", "+"),
    (rf"(?<=\S){_CLOSED}(?={_INSERTING})", "+"),
    (rf"(?:한국|중국|미국|영국|외국|태국|가족|독립) (?={_INSERTING})", "+"),
    (rf"{_START}{_ADNOMINAL} (?=일(?:이|은|을|도|만|에|로|들|까지|인|입니다|{_END}))", "+"),
    (rf"{_CLOSED} (?=엿(?:이|을|은|도|장수)?{_END})|{_NUMERAL}(?=연대)", "+"),
    (rf"{_START}못 (?=[이입익읽잊잇일여열연])", "+"),
    (rf"{_START}잘 (?=[입익읽잊])", "+"),
    (rf"{_START}옷 (?=입)", "+"),
    (rf"{_START}무슨 (?=이유|요일|약|여자|영화|이야기)|{_START}(?:무슨|다음|이번) (?=역)", "+"),
    (rf"(?<=\S)(?!{_WITH_LL}){_N}(?={_SUFFIX_IN_R})", "-"),
]
_MARKS = [(re.compile(pattern), mark) for pattern, mark in _MARKED]

# Words in -의 that are not "of": 주의 is caution, unless it is 제주 + 의.
_NOUN_IN_UI = re.compile(
    "(?:주|회|강|정|논|합|동|거|문|편|창|항|결|모|심|유|건|토|협|상|성|고|호|악|선|적|경|열|발|제|질|임|본|명|대|의|예|진)의"
    "|(?:.*[^공제우광청경충여진파나])?주의|.*(?:주치의|전문의|불가사의|정상회의|국무회의|대책회의|화상회의|민주주의)"
)
_CAUSATIVE = str.maketrans("옮굶곪", "옴굼곰")


def respelled(phrase: str) -> str:
    """A phrase with what is read otherwise than written, whatever stands beside it: "of" is 에, 옮기다 is not tense.

    >>> respelled("나의 주의")
    '나에 주의'
    """
    phrase = re.sub(r"\S+의(?= |$)", lambda word: _particle(word.group()), phrase)
    phrase = re.sub("[옮굶곪](?=[기긴길김깁깃겨겼])", lambda stem: stem.group().translate(_CAUSATIVE), phrase)
    return re.sub("삶(?=과|도(?!록)|조차|대로|들|자체| )", "삼", phrase)


def _particle(word: str) -> str:
    return word if _NOUN_IN_UI.fullmatch(word) else word[:-1] + "에"


def marks(phrase: str) -> dict[int, str]:
    """Index of a syllable in `phrase` -> the mark that goes before it.

    >>> marks("할 수 있다")
    {2: "'"}
    """
    return {match.end(): mark for pattern, mark in _MARKS for match in pattern.finditer(phrase)}
