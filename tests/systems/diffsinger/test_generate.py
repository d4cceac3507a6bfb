"""From a song to sound: requests, wishes, retakes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.systems.diffsinger.examples import small

from octet.core.errors import InvalidInput
from octet.symbolic.song import Curve, Phrase, Song, SungNote, SungPhone
from octet.systems.diffsinger.contours import ContourFlow
from octet.systems.diffsinger.encoder import HEADS, SUNG_IDS, words_of
from octet.systems.diffsinger.generate import Singer, joined
from octet.systems.diffsinger.model import DiffSinger
from octet.systems.diffsinger.request import Line, Region, SingingRequest, lines_of, request_of
from octet.systems.diffsinger.score import told_line

NOTES = (SungNote(0.3, None), SungNote(0.5, 60.0, "la"), SungNote(0.25, 62.0, slur=True), SungNote(0.4, 64.0, "mi"))
PHONES = (SungPhone("SP", 0), SungPhone("l", 0, leads=True), SungPhone("a", 1), SungPhone("m", 1, leads=True))
PHRASE = Phrase(0.0, NOTES, (*PHONES, SungPhone("i", 3)))
SONG = Song((PHRASE, Phrase(1.4, NOTES, (*PHONES, SungPhone("i", 3)))))


class Tones:
    """A vocoder in all but timbre: a sine of the F0 that is told, as loud as the mel's mean."""

    def __init__(self, spec) -> None:
        self.spec = spec

    def sing(self, mel, f0_hz):
        steps = (f0_hz / self.spec.sample_rate_hz).repeat_interleave(self.spec.hop_samples, dim=1)
        loudness = mel.mean(1).exp().clamp(max=1).repeat_interleave(self.spec.hop_samples, dim=1)
        return (torch.sin(2 * torch.pi * steps.cumsum(1)) * loudness)[:, None]


def flows(model: DiffSinger) -> list[ContourFlow]:
    return [part for part in model.modules() if isinstance(part, ContourFlow)]


def singer(**changes) -> Singer:
    torch.manual_seed(0)
    model = DiffSinger(small(**changes)).eval()
    for denoiser in (model.diffusion.denoiser, *(part.denoiser for part in flows(model))):
        torch.nn.init.normal_(denoiser.leave.weight, std=0.1)  # else an untrained one says the same everywhere
    return Singer(model, Tones(model.config.spec), {"model": {"name": "small"}})


@pytest.fixture(scope="module")
def made() -> Singer:
    return singer()


def test_a_song_is_sung_for_as_long_as_it_is_written(made: Singer) -> None:
    audio = made.generate(SONG)
    assert audio.duration_seconds == pytest.approx(SONG.end_seconds, abs=0.03)
    assert np.isfinite(audio.samples).all()
    assert audio.metadata["verb"] == "sing"
    assert audio.metadata["request"]["lines"][0]["phones"][1]["symbol"] == "l"


def test_speed_and_key_are_followed(made: Singer) -> None:
    plain, fast = (next(made.stream(request_of(SONG, speed=speed))) for speed in (1.0, 1.5))
    assert fast.audio.duration_seconds == pytest.approx(plain.audio.duration_seconds / 1.5, abs=0.03)
    config = made.model.config
    line = lines_of(SONG)[0]
    low, high = (told_line(line, request_of([line], key_semitones=key), config).told.notes for key in (0, 3))
    assert torch.equal(high, low + 3)


def test_notes_begin_with_vowels(made: Singer) -> None:
    """However long consonants are thought to be, a word lasts from its note's start to the next word's."""
    take = next(made.stream(request_of(SONG)))
    seconds = [phone.seconds for phone in take.line.phones]
    assert sum(seconds[:2]) == pytest.approx(0.3, abs=0.0126)
    assert sum(seconds[2:4]) == pytest.approx(0.75, abs=0.0126)
    assert seconds[2] >= 0.4 * 0.75 - 0.0126  # a vowel keeps its share


def test_the_same_seed_sings_the_same_and_another_does_not(made: Singer) -> None:
    first, again, other = (made.generate(SONG, seed=seed).samples for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("sampler", ["ddpm", "ddim", "pndm", "dpm++", "unipc"])
def test_every_sampler_sings(made: Singer, sampler: str) -> None:
    assert np.isfinite(made.generate([lines_of(SONG)[0]], sampler=sampler, num_inference_steps=3).samples).all()


def test_without_expression_and_vibrato_pitch_is_the_notes(made: Singer) -> None:
    line = lines_of(SONG)[0]
    take = next(made.stream(request_of([line], expressiveness=0, vibrato=0)))
    told = told_line(line, request_of([line]), made.model.config).told
    f0_hz = torch.tensor(take.line.curves["f0_hz"].values)
    wanted = 440 * 2 ** ((made.model.pitch.base(told.notes)[0] - 69) / 12)
    voiced = f0_hz > 0
    torch.testing.assert_close(f0_hz[voiced], wanted[voiced], rtol=1e-4, atol=1e-2)


def test_curves_are_followed_where_they_are_given(made: Singer) -> None:
    steps = 29 * 4
    curves = {"f0_hz": Curve(0.0125, (250.0,) * steps), "energy": Curve(0.0125, (-30.0,) * steps)}
    phrase = Phrase(0.0, NOTES, PHRASE.phones, curves=curves)
    take = next(made.stream(request_of(Song((phrase,)), energy_db=6.0)))
    assert set(take.line.curves["f0_hz"].values) == {250.0}
    assert set(take.line.curves["energy"].values) == {-30.0}
    assert len(set(take.line.curves["tension"].values)) > 1


def test_what_is_drawn_is_moved_by_wishes(made: Singer) -> None:
    plain, airy = (next(made.stream(request_of(SONG, breathiness_db=db))) for db in (0.0, 6.0))
    before, after = (np.array(take.line.curves["breathiness"].values) for take in (plain, airy))
    np.testing.assert_allclose(after, before + 6, atol=1e-3)


def test_a_region_is_taken_again_and_the_rest_stays(made: Singer) -> None:
    takes = list(made.stream(request_of(SONG)))
    retaken = made.again(takes, [Region(start_seconds=0.5, end_seconds=0.8)], seed=9)
    assert retaken[1] is takes[1]
    inside = (np.arange(takes[0].mel.shape[1]) + 0.5) / 80
    inside = (inside >= 0.5) & (inside < 0.8)
    for name, curve in takes[0].line.curves.items():
        old, new = np.array(curve.values), np.array(retaken[0].line.curves[name].values)
        np.testing.assert_allclose(new[~inside], old[~inside], rtol=1e-5)
        assert not np.allclose(new[inside], old[inside], rtol=1e-3)
    assert torch.equal(retaken[0].mel[:, ~inside], takes[0].mel[:, ~inside])
    assert not torch.equal(retaken[0].mel[:, inside], takes[0].mel[:, inside])


def test_a_phrase_sounds_the_same_alone(made: Singer) -> None:
    lines = [line.model_copy(update={"seed": 5}) for line in lines_of(SONG)]
    together = list(made.stream(request_of(lines)))
    alone = next(made.stream(request_of(lines[1:])))
    assert np.array_equal(together[1].audio.samples, alone.audio.samples)


def test_overlapping_phrases_fade_into_each_other(made: Singer) -> None:
    takes = list(made.stream(request_of(SONG)))
    mixed = joined(takes)
    overlap = slice(round(1.4 * 16000), round(1.45 * 16000))
    parts = takes[0].audio.samples[:, overlap]
    assert (
        np.abs(mixed.samples[:, overlap]).max() <= max(np.abs(parts).max(), np.abs(takes[1].audio.samples).max()) + 1e-6
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"singer": "nobody"}, "unknown singer 'nobody': choose one of one, two"),
        ({"key_semitones": 40}, "notes are outside the singer's range .*note 2 at 100"),
        ({"speed": 0}, "speed: Input should be greater than or equal to 0.1"),
        ({"loudness": 1}, "unknown option 'loudness'"),
        ({"retake": [{"start_seconds": 2, "end_seconds": 1}]}, "a region ends after it starts"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(made: Singer, options: dict, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        made.generate(SONG, **options)


def test_octaves_are_changed_only_when_asked(made: Singer) -> None:
    line = lines_of(SONG)[0]
    told = told_line(line, request_of([line], key_semitones=40, octaves_to_range=True), made.model.config).told
    low, high = made.model.config.statistics.f0_low_hz, made.model.config.statistics.f0_high_hz
    f0_hz = 440 * 2 ** ((told.notes - 69) / 12)
    assert ((f0_hz >= low * 0.999) & (f0_hz <= high * 1.001)).all()
    assert set(((told.notes - 40) % 12).flatten().tolist()) <= {60.0 % 12, 62.0 % 12, 64.0 % 12}


def test_songs_that_cannot_be_sung_are_refused(made: Singer) -> None:
    unpronounced = Song((Phrase(0.0, NOTES),))
    with pytest.raises(InvalidInput, match="phrase 1: note 2 of the phrase has no phones"):
        made.generate(unpronounced)
    strange = Song((Phrase(0.0, NOTES, (*PHONES, SungPhone("q!", 3))),))
    with pytest.raises(InvalidInput, match="unknown phone 'q!'"):
        made.generate(strange)
    long = Song((Phrase(0.0, (SungNote(400.0, 60.0, "a"),), (SungPhone("a", 0),)),))
    with pytest.raises(InvalidInput, match="cut it at a rest"):
        made.generate(long)


def test_a_version_that_is_told_pitch_and_durations_asks_for_them() -> None:
    told = singer(pitch="given", durations="given", curves=False)
    with pytest.raises(InvalidInput, match="give every phone its seconds"):
        told.generate(SONG)
    timed = tuple(SungPhone(p.symbol, p.note, leads=p.leads, duration_seconds=0.29) for p in PHRASE.phones)
    with pytest.raises(InvalidInput, match="give each line a curve f0_hz"):
        told.generate(Song((Phrase(0.0, NOTES, timed),)))
    curve = {"f0_hz": Curve(0.0125, (0.0,) * 16 + (220.0,) * 100)}
    take = next(told.stream(request_of(Song((Phrase(0.0, NOTES, timed, curves=curve),)))))
    assert take.line.curves["f0_hz"].values[:16] == (0.0,) * 16
    assert set(take.line.curves["f0_hz"].values[16:]) == {220.0}


def test_words_run_from_vowel_to_vowel() -> None:
    symbols = [SUNG_IDS[symbol] for symbol in ("sil", "l", "a", "m", "i", "s", "t", "AP", "k", "a")]
    assert words_of(symbols, [0, 1, 1, 2, 2, 2, 2, 3, 4, 4]) == [0, 0, 1, 1, 2, 2, 2, 3, 3, 4]
    assert SUNG_IDS["AP"] in HEADS


def test_requests_are_plain_data() -> None:
    request = request_of(SONG, seed=3, vibrato=0.5)
    assert SingingRequest.model_validate_json(request.model_dump_json()) == request
    assert Line.model_validate(request.lines[0].model_dump()) == request.lines[0]
