import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.text import textgrid
from octet.text.labels import TimedPhone, phone_tier, read_label, timed_phones
from octet.text.phonemes import CONSONANTS, PAUSES, VOWELS, Phone
from octet.text.textgrid import Interval, IntervalTier

ARPABET = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
).split()  # CMUdict's phone set


def _tier(*labels: tuple[float, float, str], end: float | None = None) -> IntervalTier:
    intervals = tuple(Interval(*label) for label in labels)
    return IntervalTier("phones", 0.0, end if end is not None else intervals[-1].end_seconds, intervals)


def test_all_of_arpabet_is_read_with_and_without_stress() -> None:
    for name in ARPABET:
        for label in (name, name.lower()):
            assert len(read_label(label, "arpabet")) == 1
    vowels = [name for name in ARPABET if name[0] in "AEIOU"]
    assert [read_label(name + "1", "arpabet")[0].accent for name in vowels] == ["ˈ"] * len(vowels)
    assert [read_label(name + "2", "arpabet")[0].accent for name in vowels] == ["ˌ"] * len(vowels)
    assert [read_label(name + "0", "arpabet")[0].accent for name in vowels] == [""] * len(vowels)


@pytest.mark.parametrize(
    ("label", "phone"),
    [("AH0", Phone("ə")), ("AH1", Phone("ʌ", "ˈ")), ("ER0", Phone("ɚ")), ("ER1", Phone("ɝ", "ˈ")), ("IY0", Phone("i"))],
)
def test_some_arpabet_vowels_are_others_without_stress(label: str, phone: Phone) -> None:
    assert read_label(label, "arpabet") == (phone,)


@pytest.mark.parametrize(
    ("label", "language", "symbols"),
    [
        ("aj", "en", ["aɪ"]),
        ("ow", "en", ["oʊ"]),
        ("pʰ", "en", ["p"]),
        ("pʰ", "ko", ["pʰ"]),
        ("tʲ", "en", ["t"]),
        ("t͡ʃ", "en", ["tʃ"]),
        ("ɫ", "en", ["l"]),
        ("n̩", "en", ["ə", "n"]),
        ("d̪", "es", ["d"]),
        ("ˈɛ", "en", ["ɛ"]),
        ("a˥˩", "zh", ["a"]),
    ],
)
def test_ipa_folds_into_the_inventory(label: str, language: str, symbols: list[str]) -> None:
    assert [phone.symbol for phone in read_label(label, "ipa", language)] == symbols


def test_ipa_keeps_stress_tone_and_pitch() -> None:
    assert [read_label(label, "ipa")[0].accent for label in ("ˈɛ", "a˥˩", "a3", "oH", "oL")] == [
        "ˈ",
        "4",
        "3",
        "H",
        "L",
    ]


def test_every_symbol_of_the_inventory_is_read_as_itself() -> None:
    for symbol in (*CONSONANTS, *VOWELS):
        assert read_label(symbol, "ipa", "ko") == (Phone(symbol),)


@pytest.mark.parametrize("silence", ["", "sp", "sil", "SIL", "spn", "<eps>", "pau", "SP", "AP", " "])
@pytest.mark.parametrize("alphabet", ["arpabet", "ipa"])
def test_every_convention_of_silence(silence: str, alphabet: str) -> None:
    assert read_label(silence, alphabet) == (Phone("sil"),)  # type: ignore[arg-type]


@pytest.mark.parametrize("label", ["QX", "AH7", "B1", "ɛ"])
def test_what_is_no_arpabet_is_refused(label: str) -> None:
    with pytest.raises(InvalidInput, match="arpabet"):
        read_label(label, "arpabet")


def test_the_place_of_an_unknown_label_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"at 0\.5 s: '@@'"):
        timed_phones(_tier((0, 0.5, "a"), (0.5, 1, "@@")), "ipa")


def test_the_two_generations_of_mfa_give_the_same() -> None:
    first = _tier((0, 0.2, "sil"), (0.2, 0.3, "HH"), (0.3, 0.5, "AY1"), (0.5, 0.6, "sp"), (0.6, 0.9, "AY1"))
    later = _tier((0, 0.2, ""), (0.2, 0.3, "h"), (0.3, 0.5, "ˈaj"), (0.5, 0.6, ""), (0.6, 0.9, "ˈaj"))
    assert timed_phones(first, "arpabet") == timed_phones(later, "ipa")
    assert [phone.symbol for phone in timed_phones(later, "ipa")] == ["sil", "h", "aɪ", "sil", "aɪ"]


def test_gaps_are_silence_and_silences_join() -> None:
    phones = timed_phones(_tier((0.2, 0.3, "a"), (0.5, 0.6, "sp"), (0.6, 0.7, "o"), end=1.0), "ipa")
    assert phones == [
        TimedPhone("sil", "", 0.0, 0.2),
        TimedPhone("a", "", 0.2, 0.3),
        TimedPhone("sil", "", 0.3, 0.6),
        TimedPhone("o", "", 0.6, 0.7),
        TimedPhone("sil", "", 0.7, 1.0),
    ]


def test_a_label_of_two_phones_shares_its_time() -> None:
    phones = timed_phones(_tier((0.0, 0.5, "n̩")), "ipa")
    assert phones == [TimedPhone("ə", "", 0.0, 0.25), TimedPhone("n", "", 0.25, 0.5)]


_phones = st.tuples(
    st.sampled_from((*CONSONANTS, *VOWELS, *PAUSES)), st.sampled_from(["", "ˈ", "3", "H"]), st.booleans()
)


@settings(max_examples=60)
@given(st.lists(_phones, max_size=10))
def test_phones_come_back_from_a_textgrid(drawn: list[tuple[str, str, bool]]) -> None:
    phones, time = [], 0.0
    for symbol, accent, lasts in drawn:
        end = time + (0.125 if lasts or symbol not in PAUSES else 0.0)
        phones.append(TimedPhone(symbol, accent if symbol in VOWELS else "", time, end))
        time = end
    grid = textgrid.parse(textgrid.render(phone_tier(phones)).encode())
    assert _joined(timed_phones(grid.intervals("phones"), "ipa", "ko")) == _joined(phones)


def _joined(phones: list[TimedPhone]) -> list[TimedPhone]:
    """As `timed_phones` answers: without what lasts no time, silences joined."""
    result: list[TimedPhone] = []
    for phone in phones:
        if phone.end_seconds == phone.start_seconds:
            continue
        if result and phone.symbol == result[-1].symbol == "sil":
            result[-1] = TimedPhone("sil", "", result[-1].start_seconds, phone.end_seconds)
        else:
            result.append(phone)
    return result
