"""English, German, French and Spanish read by espeak-ng onto the shared inventory."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.text.frontend import language_module
from octet.text.phonemes import VOWELS

# Spellings from which a vocabulary of each language is made: beginnings, middles and endings of syllables.
ONSETS = {
    "en": "b bl br c ch cl cr d dr f fl g gh gl gr h j k kn l m n p ph pl pr qu r rh s sc sch scr sh sk sl sm "
    "sn sp st str t th tr tw v w wh wr x y z",
    "de": "b bl br ch d dr dsch f fl fr g gl gn gr h j k kl kn kr l m n p pf pfl ph pl pr ps qu r s sch schl "
    "schm schw sp spr st str t th tr tsch v w z zw",
    "fr": "b bl br c ch cl cr d dr f fl fr g gl gn gr gu h j k l m n p ph pl pr ps qu r rh s sc st t th tr v x z",
    "es": "b bl br c ch cl cr d dr f fl fr g gl gr gu h hi hu j k l ll m n ñ p pl pr ps qu r s sh t tr v x y z",
}
NUCLEI = {
    "en": "a ai au aw ay e ea ear ee eer ei er eu ew ey i ia ie igh ir o oa oar oi oo oor ou ough our ow oy u ua ue ur",
    "de": "a aa ah ai au ä äh äu e ee eh ei er eu i ie ier ih o oh oo ö öh u uh ü üh y",
    "fr": "a à ai aim an au e é è ê eau ei em en eu i ie ien ille im in ion o oi oin on ou u ui un y œu ay ë ï ô",
    "es": "a á ai au e é ei eu i í ia ie io o ó oi u ú ua ue ui üe uo y ay ey oy",
}
CODAS = {
    "en": "  b ble ck d dge ed g ge ing k l le lk lm ll m mb n nd ng nk nt p que r rd re rl rst s sh sk sm sque "
    "ss st t tch te th tion ture ve x ze zz",
    "de": "  b ch chs ck d el en er g ig k l lich m n nd ng nk nst p pf r rst s sch sp ss st ß t tion tz tzt ung x z",
    "fr": "  b c ce ch d e er es et ez f g gne gue ille l le m me n ne nt p que r re rt s se ss sse t te tion ve x z",
    "es": "  b c cción d das do j l m n nes ns r ra s t x z rio bs ct pt mn gn",
}
WORDS = 6000
# The sounds that each language may have; a sound outside them has fallen out of the mapping.
SOUNDS = {
    "en": "p b t d k ɡ ʔ m n ŋ f v θ ð s z ʃ ʒ h ɾ ɹ l j w tʃ dʒ i iː ɪ ɛ æ ɑː ʌ ə ɚ ɝ ɔː uː ʊ eɪ aɪ ɔɪ aʊ oʊ",
    "de": "p b t d k ɡ m n ŋ f v s z ʃ ʒ ç x h ʁ l j ts tʃ dʒ pf iː ɪ yː ʏ eː ɛ ɛː øː œ a aː ə ɐ oː ɔ uː ʊ aɪ "
    "ɔɪ aʊ ɑ̃ ɛ̃ ɔ̃ œ̃",
    "fr": "p b t d k ɡ m n ŋ ɲ f v s z ʃ ʒ ʁ l j w ɥ tʃ dʒ i y e ɛ ø œ a ə o ɔ u ɑ̃ ɛ̃ ɔ̃ œ̃",
    "es": "p b t d k ɡ m n ŋ ɲ f θ ð s ʃ β ɣ x r ɾ l ʎ j w ts tʃ dʒ i e a o u eɪ aɪ ɔɪ aʊ",
}
ALWAYS = {"en": "ɾ ɝ ɚ dʒ ɔɪ ð", "de": "ç x pf ts ɐ ʁ øː ʏ ɔɪ", "fr": "ɥ ɲ œ̃ ɑ̃ ɛ̃ ɔ̃ ø", "es": "θ ð ʎ ɲ r x β ɣ"}


def _vocabulary(language: str) -> list[str]:
    """Every onset with every nucleus, and as many codas as there is room for, evenly."""
    tables = (ONSETS[language].split(), NUCLEI[language].split(), ["", *CODAS[language].split()])
    words = [left + middle + right for left, middle, right in itertools.product(*tables)]
    made = words[:: max(1, len(words) // WORDS)]
    forms = language_module(language).FORMS
    return made + [forms.cardinal(number).replace(" ", "") for number in range(0, 1000, 13)]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_nothing_falls_out_of_the_mapping(language: str) -> None:
    vocabulary = _vocabulary(language)
    assert len(vocabulary) > 5000
    clauses = (" ".join(vocabulary[start : start + 40]) for start in range(0, len(vocabulary), 40))
    words = [word for clause in clauses for word in language_module(language).pronounce(clause)]
    assert [word.text for word in words] == vocabulary
    assert [word.text for word in words if word.unpronounced or not word.phones] == []
    sounds = {phone.symbol for word in words for phone in word.phones}
    assert sounds - set(SOUNDS[language].split()) == set()
    assert set(ALWAYS[language].split()) <= sounds


@pytest.mark.parametrize(
    ("language", "text", "phones"),
    [
        ("en", "bird butter happy", "b ˈɝ d | b ˈʌ ɾ ɚ | h ˈæ p i"),
        ("en", "the end of a day", "ð ɪ | ˈɛ n d | ə v | ə | d ˈeɪ"),
        ("en", "near there poor fire", "n ˌɪ ɹ | ð ɛ ɹ | p ˈʊ ɹ | f ˈaɪ ɚ"),
        ("en", "U S A", "j ˈuː | ˈɛ s | ˈeɪ"),
        ("en", "little joy", "l ˈɪ ɾ ə l | dʒ ˈɔɪ"),
        ("de", "Pferd Bücher Deutsch", "pf ˈeː ɐ t | b ˈyː ç ɐ | d ˈɔɪ t ʃ"),
        ("de", "Straße Uhr ach ich", "ʃ t ʁ ˈaː s ə | ˈuː ɐ | ˈa x | ɪ ç"),
        ("fr", "un bon vin blanc", "œ̃ | b ɔ̃ | v ɛ̃ | b l ɑ̃"),
        ("fr", "les enfants ont huit ans", "l e z | ɑ̃ f ɑ̃ z | ɔ̃ | ɥ i t | ɑ̃"),
        ("fr", "aujourd'hui le théâtre", "o ʒ u ʁ d ɥ i | l ə | t e a t ʁ"),
        ("es", "Zaragoza perro pero", "θ ˌa ɾ a ɣ ˈo θ a | p ˈe r o | p ˈe ɾ o"),
        ("es", "la ciudad llama", "l a | θ j u ð ˈa d | ʎ ˈa m a"),
    ],
)
def test_pronunciations(language: str, text: str, phones: str) -> None:
    words = language_module(language).pronounce(text)
    assert " | ".join(" ".join(phone.accent + phone.symbol for phone in word.phones) for word in words) == phones


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_stress_stands_on_vowels_only(language: str) -> None:
    words = language_module(language).pronounce(" ".join(_vocabulary(language)[::37]))
    stressed = [phone for word in words for phone in word.phones if phone.accent]
    assert stressed
    assert all(phone.symbol in VOWELS and phone.accent in "ˈˌ" for phone in stressed)


def test_french_words_have_no_stress() -> None:
    words = language_module("fr").pronounce("une phrase sans aucun accent")
    assert {phone.accent for word in words for phone in word.phones} == {""}


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_every_word_keeps_its_place_in_running_text(language: str) -> None:
    text = {
        "en": "It would have been one of the best of a lot if you had not been in the end of it, I am sure it is to be.",
        "de": "Es war einmal in der Zeit als das Wünschen noch geholfen hat, und so ist es in dem Haus.",
        "fr": "Il y a des gens qui n'ont pas le temps de le faire, et je ne te le dis pas à toi.",
        "es": "En un lugar de la Mancha de cuyo nombre no quiero acordarme, y en el que no hay lo que se ve.",
    }[language]
    words = language_module(language).pronounce(text)
    assert " ".join(word.text for word in words).replace(" ,", ",").replace(" .", ".") == text
    assert all(word.phones for word in words)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["en", "de", "fr", "es"]), st.text(max_size=30))
def test_any_text_is_pronounced_or_said_to_be_unpronounced(language: str, text: str) -> None:
    words = language_module(language).pronounce(text)
    assert "".join(word.text for word in words) == "".join(text.split())
    assert all(word.phones or word.unpronounced for word in words)


def test_long_words_and_long_clauses_are_read_whole() -> None:
    words = language_module("en").pronounce("word " * 300 + "ba" * 400)
    assert len(words) == 301
    assert len(words[-1].phones) > 500


def test_letters_of_other_languages_are_read_by_their_base() -> None:
    assert [word.unpronounced for word in language_module("en").pronounce("Wałęsa Dvořák Åse")] == ["", "", ""]
    assert [word.unpronounced for word in language_module("en").pronounce("Москва ok")] == ["Москва", ""]
