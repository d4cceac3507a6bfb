"""Songs sung by public weights, randomly initialised: notes and slurs as they are told, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.systems.diffsinger.published_layout import VERSIONS, extractor_state, state_of, write

from octet.core.errors import InvalidInput
from octet.symbolic.song import Phrase, Song, SungNote, SungPhone
from octet.systems.diffsinger import published
from octet.systems.diffsinger.published_generate import PublishedSinger, sounding
from octet.systems.diffsinger.request import lines_of, request_of
from octet.vocoders.vocos import Vocos, VocosConfig

NOTES = (SungNote(0.2, None), SungNote(0.3, 60.0, "ba"), SungNote(0.2, 62.0, slur=True), SungNote(0.2, 64.0, "shi"))
PHONES = (
    SungPhone("SP", 0),
    SungPhone("b", 0, leads=True),
    SungPhone("a", 1),
    SungPhone("sh", 1, leads=True),
    SungPhone("i", 3),
)
SONG = Song((Phrase(0.0, NOTES, PHONES),))


def singer(folder, version: str, *, extractor: bool = False) -> PublishedSinger:
    torch.manual_seed(0)
    found = published.load(write(folder / "model", state_of(version), VERSIONS[version]))
    vocoder = Vocos(VocosConfig(spec=found.spec, channels=8, intermediate_channels=8, layers=1)).eval()
    heard = published.load_extractor(write(folder / "pe", extractor_state())) if extractor else None
    return PublishedSinger(found, vocoder, heard, {"model": {"name": "public"}})


def test_consonants_go_to_their_syllables_note_and_slurs_repeat_the_vowel() -> None:
    request = request_of(SONG, key_semitones=2, speed=2.0)
    told = sounding(lines_of(SONG)[0], request)
    assert [(phone.symbol, phone.pitch, phone.slur) for phone in told] == [
        ("SP", 0, 0),
        ("b", 62, 0),
        ("a", 62, 0),
        ("a", 64, 1),
        ("sh", 66, 0),
        ("i", 66, 0),
    ]
    assert [phone.seconds for phone in told] == pytest.approx([0.1, 0.15, 0.15, 0.1, 0.1, 0.1])


@pytest.mark.parametrize("version", ["midi-a", "midi-b"])
def test_a_song_is_sung_the_same_by_the_same_seed(tmp_path, version: str) -> None:
    loaded = singer(tmp_path, version, extractor=version == "midi-b")
    first, again, other = (loaded.generate(SONG, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, other.samples)
    assert np.isfinite(first.samples).all()
    assert first.metadata["model"] == {"name": "public"}


def test_what_cannot_be_sung_is_refused(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="give MIDI-A or MIDI-B"):
        singer(tmp_path / "a", "popcs")
    with pytest.raises(InvalidInput, match="leaves F0 to a pitch extractor"):
        singer(tmp_path / "b", "midi-b")
    strange = Song((Phrase(0.0, NOTES, (*PHONES[:-1], SungPhone("ee", 3))),))
    with pytest.raises(InvalidInput, match="have no phone 'ee'; they have AP, SP, a"):
        singer(tmp_path / "c", "midi-a").generate(strange)


def test_weights_without_their_phones_are_refused(tmp_path) -> None:
    folder = write(tmp_path, state_of("midi-a"), VERSIONS["midi-a"])
    (folder / "phone_set.json").unlink()
    found = published.load(folder)
    vocoder = Vocos(VocosConfig(spec=found.spec, channels=8, intermediate_channels=8, layers=1))
    with pytest.raises(InvalidInput, match=r"put their phone_set.json beside them"):
        PublishedSinger(found, vocoder)
    assert found.phones == ()
