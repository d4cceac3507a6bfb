from __future__ import annotations

import numpy as np
import pytest
from tests.symbolic.fonts import font, keys

from octet.core.errors import InvalidInput
from octet.symbolic import tones
from octet.symbolic.sampler import Sampler
from octet.symbolic.score import Note, Score, Tempo, Track
from octet.symbolic.soundfont import G

LOOPED = {G.LOOPS: 1, G.RELEASE: -4000}


def sampler(tmp_path, *zones, **options):
    path = tmp_path / "font.sf2"
    path.write_bytes(font(zones or (LOOPED,), bank=options.pop("bank", 0)))
    return Sampler(path, **options)


def score(*notes, program=0, is_drum=False):
    return Score((Track(program, notes, is_drum),))


def heard(sampler, *notes, **options):
    return sampler.render(score(*notes, **options)).mix[0]


def frequency_hz(samples, rate_hz):
    """Of a tone, by the peak of its spectrum between bins."""
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) + 1e-9)
    peak = int(spectrum.argmax())
    left, top, right = spectrum[peak - 1 : peak + 2]
    return (peak + 0.5 * (left - right) / (left - 2 * top + right)) * rate_hz / len(samples)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("pitch", [36, 57, 69, 84])
def test_notes_have_their_pitch_at_every_rate(pitch, rate_hz, tmp_path):
    tone = heard(sampler(tmp_path, sample_rate_hz=rate_hz), Note(0, pitch, 960))[: rate_hz // 2]
    assert 12 * np.log2(frequency_hz(tone, rate_hz) / 440) + 69 == pytest.approx(pitch, abs=0.01)
    assert np.abs(tone[rate_hz // 10 :]).max() == pytest.approx(0.5 * (80 / 127) ** 2, rel=0.02)


def test_tones_above_half_the_rate_do_not_fold_back(tmp_path):
    silent = heard(sampler(tmp_path, sample_rate_hz=4_000), Note(0, 110, 960, 127))
    assert np.abs(silent).max() < 0.01


def test_loops_have_no_seam(tmp_path):
    tone = heard(sampler(tmp_path, sample_rate_hz=32_000), Note(0, 67, 4800, 127))[3_200:96_000]
    # A sine of this pitch never bends more than its own second derivative.
    frequency = frequency_hz(tone, 32_000)
    assert np.abs(np.diff(tone, 2)).max() < 0.5 * (2 * np.pi * frequency / 32_000) ** 2 * 1.1


def test_a_sample_without_loop_ends_by_itself(tmp_path):
    tone = heard(sampler(tmp_path, {}), Note(0, 67, 4800))
    assert np.abs(tone[: 16_000 // 5]).max() > 0.1
    assert not tone[16_000 // 3 :].any()


def test_notes_start_in_time_and_fade_when_they_are_released(tmp_path):
    playing = sampler(tmp_path)
    tone = playing.render(Score((Track(0, (Note(480, 69, 480),)),), tempos=(Tempo.of(60),))).mix[0]
    assert not tone[:16_000].any()
    level = [np.abs(tone[start : start + 400]).max() for start in (20_000, 31_600, 32_200, 33_600)]
    assert level[0] == pytest.approx(level[1], rel=0.01)
    assert level[1] > level[2] > 0
    assert level[3] == 0


def test_velocity_squared_is_loudness_and_attenuation_lowers_it(tmp_path):
    playing = sampler(tmp_path)
    soft, loud = (np.abs(heard(playing, Note(0, 69, 480, velocity))).max() for velocity in (50, 100))
    assert loud / soft == pytest.approx(4, rel=0.01)
    lowered = np.abs(heard(sampler(tmp_path, {**LOOPED, G.ATTENUATION: 100}), Note(0, 69, 480, 100))).max()
    assert lowered == pytest.approx(loud * 10 ** (-4 / 20), rel=0.01)


def test_envelopes_rise_and_fall(tmp_path):
    zone = {**LOOPED, G.ATTACK: -2400, G.DECAY: 0, G.SUSTAIN: 200}  # a quarter of a second up, then 20 dB down
    tone = heard(sampler(tmp_path, zone), Note(0, 69, 4800, 127))
    peaks = [np.abs(tone[round(at * 16_000) :][:160]).max() for at in (0.12, 0.25, 0.35, 1.0)]
    assert peaks == pytest.approx([0.25, 0.5, 0.5 * 10**-0.5, 0.05], rel=0.08)


def test_filters_take_away_what_lies_above_them(tmp_path):
    """6500 cents above 8.176 Hz are 349 Hz; two octaves above it 24 dB are gone."""
    open_, closed = (
        np.abs(heard(sampler(tmp_path, {**LOOPED, G.FILTER_CUTOFF: cents}), Note(0, 89, 960))[4_000:8_000]).max()
        for cents in (13_500, 6_500)
    )
    assert 20 * np.log10(closed / open_) == pytest.approx(-24, abs=1)
    envelope = {G.ENVELOPE_TO_FILTER: 6_000, G.SHAPE_ATTACK: 0}
    opening = heard(sampler(tmp_path, {**LOOPED, G.FILTER_CUTOFF: 6_500, **envelope}), Note(0, 89, 1920, 127))
    assert np.abs(opening[14_000:16_000]).max() > 5 * np.abs(opening[800:1_600]).max()


def test_vibrato_and_envelopes_bend_the_pitch(tmp_path):
    zone = {**LOOPED, G.ENVELOPE_TO_PITCH: 1_200, G.SHAPE_ATTACK: -1_200}
    bent = heard(sampler(tmp_path, zone), Note(0, 60, 1920))
    assert 12 * np.log2(frequency_hz(bent[9_000:15_000], 16_000) / 440) + 69 == pytest.approx(72, abs=0.05)
    wavering = heard(sampler(tmp_path, {**LOOPED, G.VIBRATO_TO_PITCH: 50}), Note(0, 69, 1920))
    frequencies = [frequency_hz(wavering[start : start + 512], 16_000) for start in range(1_000, 12_000, 128)]
    assert min(frequencies) < 436 < 444 < max(frequencies)
    assert np.mean(frequencies) == pytest.approx(440, abs=2)


def test_panning_keeps_power_and_one_channel_has_both(tmp_path):
    zone = {**LOOPED, G.PAN: -500}
    left, right = sampler(tmp_path, zone, channels=2).render(score(Note(0, 69, 480))).mix
    assert np.abs(left).max() > 0.1
    assert np.abs(right).max() < 1e-6
    (middle,) = sampler(tmp_path).render(score(Note(0, 69, 480))).mix
    two = sampler(tmp_path, channels=2).render(score(Note(0, 69, 480))).mix
    assert (two**2).sum() == pytest.approx((middle**2).sum(), rel=1e-4)
    np.testing.assert_allclose(middle, two.sum(axis=0) / 2**0.5, atol=1e-6)


def test_drums_of_a_class_cut_each_other_off(tmp_path):
    zones = (
        {**LOOPED, G.KEYS: keys(42, 42), G.EXCLUSIVE_CLASS: 1, G.ROOT_KEY: 42, G.RELEASE: 0},
        {**LOOPED, G.KEYS: keys(46, 46), G.EXCLUSIVE_CLASS: 1, G.ROOT_KEY: 46, G.RELEASE: 0},
    )
    drums = sampler(tmp_path, *zones, bank=128)
    open_, closed, both = (
        heard(drums, *notes, is_drum=True)
        for notes in ([Note(0, 46, 960)], [Note(480, 42, 960)], [Note(0, 46, 960), Note(480, 42, 960)])
    )
    np.testing.assert_allclose(both[:8_000], open_[:8_000], atol=1e-6)
    np.testing.assert_allclose(both[8_200 : len(open_)], closed[8_200 : len(open_)], atol=1e-6)


def test_stems_add_up_to_the_mix_and_are_what_each_track_is_alone(tmp_path):
    playing = sampler(tmp_path)
    tracks = tuple(Track(program, (Note(240 * program, 60 + program, 480),)) for program in range(3))
    together = playing.render(Score(tracks))
    np.testing.assert_allclose(together.mix, together.stems.sum(axis=0), atol=1e-6)
    for track, stem in zip(tracks, together.stems, strict=True):
        alone = playing.render(Score((track,))).stems[0]
        np.testing.assert_array_equal(stem[:, : alone.shape[1]], alone)


def test_a_used_sampler_plays_as_a_new_one(tmp_path):
    playing = sampler(tmp_path)
    first = playing.render(score(Note(0, 69, 100)))
    playing.render(score(Note(0, 69, 9_600)))
    np.testing.assert_allclose(playing.render(score(Note(0, 69, 100))).mix, first.mix, atol=1e-6)


def test_bad_settings_and_scores_without_end_are_refused(tmp_path):
    for settings in ({"sample_rate_hz": 100}, {"channels": 3}):
        with pytest.raises(InvalidInput, match="4000 to 192000 Hz on 1 or 2 channels"):
            sampler(tmp_path, **settings)
    long = Note(0, 60, 480 * 7_000)
    for endless, message in (
        (score(Note(4_999_999, 60, 1)), "too long to render"),
        (Score((Track(0, (long,)),) * 100), "100 tracks are too many"),
        (score(*(Note(0, pitch, long.duration_ticks) for pitch in range(31))), "sound for 108500 s together"),
    ):
        with pytest.raises(InvalidInput, match=message):
            sampler(tmp_path).render(endless)


def test_a_note_is_held_for_a_minute_at_most(tmp_path):
    tone = heard(sampler(tmp_path, sample_rate_hz=4_000), Note(0, 57, 480 * 160))
    assert np.abs(tone[4_000 * 59 : 4_000 * 60]).max() > 0.1
    assert not tone[4_000 * 63 :].any()


def test_forgetting_tones_changes_nothing(tmp_path, monkeypatch):
    notes = [Note(480 * index, 60 + index, 480) for index in range(8)]
    expected = heard(sampler(tmp_path), *notes)
    monkeypatch.setattr(tones, "_KEPT_SAMPLES", 1)
    np.testing.assert_array_equal(heard(sampler(tmp_path), *notes), expected)


def test_nothing_to_play_is_silence(tmp_path):
    assert not sampler(tmp_path).render(Score(())).mix.any()


@pytest.mark.parametrize(("program", "pitch"), [(0, 57), (24, 64), (33, 40), (56, 67), (73, 76), (81, 60), (19, 48)])
def test_the_default_font_sounds_as_another_player_plays_it(program, pitch):
    """A tone's first twelve harmonics are as strong, one to the other, as tinysoundfont's."""
    oracle = pytest.importorskip("tinysoundfont")
    ours = Sampler(sample_rate_hz=44_100)
    synthesiser = oracle.Synth(samplerate=44_100)
    synthesiser.program_select(0, synthesiser.sfload(str(ours.font.path)), 0, program)
    synthesiser.noteon(0, pitch, 100)
    theirs = np.frombuffer(synthesiser.generate(44_100), dtype=np.float32).reshape(-1, 2).sum(axis=1)
    ours_heard = heard(ours, Note(0, pitch, 1_920, 100), program=program)
    differences_db = harmonics_db(theirs, pitch) - harmonics_db(ours_heard, pitch)
    assert np.abs(differences_db - np.median(differences_db)).max() < 2.5


def harmonics_db(samples, pitch, rate_hz=44_100):
    spectrum = np.abs(np.fft.rfft(samples[8_192:40_960] * np.hanning(32_768)))
    bins = np.rint(440 * 2 ** ((pitch - 69) / 12) * np.arange(1, 13) / rate_hz * 32_768).astype(int)
    return 20 * np.log10([spectrum[bin_ - 5 : bin_ + 6].max() for bin_ in bins])
