"""IPA onto the inventory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.text.espeak_ipa import COMMON, read_ipa, tokenise
from octet.text.phonemes import ACCENTS, CONSONANTS, SYMBOL_IDS, VOWELS


@pytest.mark.parametrize("symbol", [*CONSONANTS, *VOWELS])
def test_every_sound_of_the_inventory_is_read_as_itself(symbol: str) -> None:
    tokens = tokenise(symbol)
    assert [phone.symbol for phone in tokens.phones] == [symbol]
    assert tokens.unknown == ""


@given(st.lists(st.sampled_from([*CONSONANTS, *VOWELS]), max_size=8))
def test_separated_sounds_stay_apart(symbols: list[str]) -> None:
    assert [phone.symbol for phone in tokenise("_".join(symbols)).phones] == symbols


def test_replacements_lead_into_the_inventory() -> None:
    assert all(symbol in SYMBOL_IDS for symbols in COMMON.values() for symbol in symbols)


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("həˈloʊ", ["h", "ə", "l", "ˈoʊ"]),
        ("ˈbɛtə(ɹ)".replace("(", "").replace(")", ""), ["b", "ˈɛ", "t", "ɚ"]),
        ("t͡ʃ", ["tʃ"]),
        ("t_ʃ", ["t", "ʃ"]),
        ("ˌɡʊdˈmɔːnɪŋ", ["ɡ", "ˌʊ", "d", "m", "ˈɔː", "n", "ɪ", "ŋ"]),
        ("b:a'na", ["b", "a", "n", "ˈa"]),
        ("ma˥˩ pa2", ["m", "4a", "p", "2a"]),
        ("bɔ̃ ʒuʁ", ["b", "ɔ̃", "ʒ", "u", "ʁ"]),
        ("ɫaɪt̪", ["l", "aɪ", "t"]),
    ],
)
def test_ways_of_writing(ipa: str, phones: list[str]) -> None:
    assert [phone.accent + phone.symbol for phone in tokenise(ipa).phones] == phones


def test_a_language_can_replace_sounds_and_drop_stress() -> None:
    tokens = tokenise("ˈɑːr", {"ɑː": ("a", "a"), "r": ()}, accents=False)
    assert [(phone.symbol, phone.accent) for phone in tokens.phones] == [("a", ""), ("a", "")]


@given(st.text(max_size=30))
def test_any_text_is_sounds_and_unknown_characters(text: str) -> None:
    tokens = tokenise(text)
    assert all(phone.symbol in SYMBOL_IDS and phone.accent in ACCENTS for phone in tokens.phones)


def test_people_are_told_which_symbol_is_unknown() -> None:
    with pytest.raises(InvalidInput, match=r"line 3: 'ǁ' \(LATIN LETTER LATERAL CLICK\) in /aǁa/"):
        read_ipa("aǁa", "line 3")
    with pytest.raises(InvalidInput, match="holds no sound"):
        read_ipa(" ˈ ", "line 3")
