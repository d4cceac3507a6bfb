from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.symbolic.fonts import SINE, font, keys

from octet.core.errors import InvalidInput, MissingExtra
from octet.symbolic import soundfont
from octet.symbolic.soundfont import G, SoundFont


def opened(tmp_path, data):
    path = tmp_path / "font.sf2"
    path.write_bytes(data)
    return SoundFont(path)


def test_zones_are_put_together(tmp_path):
    zones = ({G.KEYS: keys(0, 59), G.PAN: -100}, {G.KEYS: keys(60, 127), G.LOOPS: 1, G.ATTENUATION: 60})
    found = opened(tmp_path, font(zones, preset_zone={G.PAN: 50, G.KEYS: keys(40, 80), G.LOOPS: 0}))
    low, high = found.regions(0, is_drum=False)
    assert (low.keys, high.keys) == ((40, 59), (60, 80))
    assert (low.values[G.PAN], high.values[G.PAN]) == (-50, 50)
    assert (low.loops, high.loops) == (False, True)
    assert (low.values[G.ATTENUATION], high.values[G.ATTENUATION]) == (0, 60)
    assert low.values[G.FILTER_CUTOFF] == 13_500
    assert (high.start, high.end, high.loop_start, high.loop_end) == (0, len(SINE), 0, len(SINE))
    assert high.sounds(60, 100)
    assert not high.sounds(59, 100)


def test_a_global_zone_holds_for_those_after_it(tmp_path):
    data = font(({G.PAN: 77}, {G.LOOPS: 1}))
    # The first zone of the instrument without its sample is a global one.
    place = data.index(b"igen") + 8
    data = data[: place + 4] + b"\x3b\x00\x00\x00" + data[place + 8 :]
    (region,) = opened(tmp_path, data).regions(0, is_drum=False)
    assert (region.values[G.PAN], region.loops) == (77, True)


def test_programs_that_a_font_lacks_are_played_by_its_first(tmp_path):
    found = opened(tmp_path, font())
    assert found.regions(40, is_drum=False) is found.regions(0, is_drum=False)
    with pytest.raises(InvalidInput, match="has no drums; choose a General MIDI font"):
        found.regions(0, is_drum=True)


def test_samples_that_are_unusable_are_left_out(tmp_path):
    assert opened(tmp_path, font(rate_hz=1)).regions(0, is_drum=False) == ()
    assert opened(tmp_path, font(({G.START_COARSE: 4},))).regions(0, is_drum=False) == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "0 bytes, which no SoundFont has"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "is not a SoundFont 2 file"),
        (font()[:200], "is cut off within its part 'smpl'"),
        (font()[: font().index(b"pdta") + 4], "lacks its part 'phdr'"),
        (font(sample_type=0x11), r"is compressed \(.sf3\); convert it to .sf2"),
        (font(({},) * 5000), "a preset of over 4096 samples"),
    ],
)
def test_what_is_no_font_is_refused(data, message, tmp_path):
    with pytest.raises(InvalidInput, match=message):
        opened(tmp_path, data).regions(0, is_drum=False)


@settings(max_examples=400)
@given(data=st.data())
def test_damaged_fonts_are_refused_or_read_but_nothing_else(data, tmp_path_factory):
    whole = bytearray(font(({G.KEYS: keys(0, 59)}, {G.LOOPS: 1})))
    tables = whole.index(b"LIST", 40)
    places = st.one_of(st.integers(0, 40), st.integers(tables, len(whole) - 1))
    for place in data.draw(st.lists(places, min_size=1, max_size=6)):
        whole[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("fuzzed") / "font.sf2"
    path.write_bytes(whole)
    with suppress(InvalidInput):
        for region in SoundFont(path).regions(0, is_drum=False):
            assert 0 <= region.start < region.end <= len(SINE)
            assert region.start <= region.loop_start <= region.loop_end <= region.end


def test_the_font_is_the_variables_or_pretty_midis(tmp_path, monkeypatch):
    assert soundfont.default_path().name == "TimGM6mb.sf2"
    monkeypatch.setenv(soundfont.VARIABLE, str(tmp_path / "mine.sf2"))
    assert soundfont.default_path() == tmp_path / "mine.sf2"
    with pytest.raises(InvalidInput, match=r"cannot read the SoundFont .*mine\.sf2"):
        SoundFont(soundfont.default_path())


def test_without_a_font_the_message_says_how_to_get_one(monkeypatch):
    monkeypatch.delenv(soundfont.VARIABLE, raising=False)
    monkeypatch.setattr(soundfont, "_FONT_PACKAGE", "a_package_that_is_not_installed")
    with pytest.raises(MissingExtra, match=r"pip install octet .*OCTET_SOUNDFONT"):
        soundfont.default_path()


def test_the_default_font_has_all_of_general_midi():
    found = SoundFont(soundfont.default_path())
    for program in range(128):
        covered = {key for region in found.regions(program, is_drum=False) for key in range(region.keys[0], 128)}
        assert covered >= set(range(36, 97))
    drums = found.regions(0, is_drum=True)
    assert all(any(region.sounds(key, 100) for region in drums) for key in range(35, 82))
