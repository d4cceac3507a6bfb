"""openvpi voicebanks: singers that are ONNX graphs, sung by onnxruntime as OpenUtau has them sing.

    phones -> durations -> pitch -> curves -> mel -> sound, each by a graph of its own (voicebank_files.py)

A step whose graph is missing is left to the line: its phones' seconds, its F0, its curves. What no one tells is named.
Graphs draw their own noise, so a seed changes nothing, and two takes differ.

P phones, W words, K notes, T frames.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.core.version import VERSION
from octet.engines.onnx_graph import OnnxGraph
from octet.symbolic.song import Song
from octet.systems.diffsinger.config import CURVES
from octet.systems.diffsinger.request import F0, Line, LineCurve, SingingRequest, request_of
from octet.systems.diffsinger.voicebank_files import CONFIG, VOCODER, Part, inside, read_part

Floats = NDArray[np.float32]
Values = dict[str, NDArray[Any]]

PAUSES: Final = {"sil": "SP", "pau": "SP"}  # our names of what voicebanks call SP
STEPS: Final = 20  # of each diffusion: the editors' default
OLD_DIFFUSION_STEPS: Final = 1000  # of graphs that ask for a speed-up instead of steps
MOST_FRAMES: Final = 50_000


@dataclass(frozen=True)
class _Graphs:
    """A part with its graphs, by what they do."""

    part: Part
    linguistic: OnnxGraph
    main: OnnxGraph


class Voicebank:
    """A loaded voicebank: `generate` returns a `Waveform`, `sung` its phrases.

    Raises:
        InvalidArtifact: parts that are missing or broken; which is said.
    """

    def __init__(self, folder: Path, vocoder: Path | None = None) -> None:
        self.acoustic = read_part(folder)
        self._acoustic_graph = self.acoustic.graph(self.acoustic.config.acoustic, "acoustic graph")
        self._duration = _optional(folder, "dsdur", "dur")
        self._pitch = _optional(folder, "dspitch", "pitch")
        self._variance = _optional(folder, "dsvariance", "variance")
        self._vocoder = _vocoder_part(folder, self.acoustic, vocoder)
        self._vocoder_graph = OnnxGraph(inside(self._vocoder.folder, self._vocoder.config.model or "vocoder.onnx"))
        self.source: dict[str, Any] = {
            "model": {"name": str(folder), "vocoder": None if vocoder is None else str(vocoder)}
        }
        _require_fitting(self.acoustic, self._vocoder)

    @property
    def singers(self) -> tuple[str, ...]:
        """Names for `SingingRequest.singer`; empty where there is one, without a name."""
        return tuple(self.acoustic.speakers)

    def generate(self, song: Song | Iterable[Line], **options: Any) -> Waveform:
        """Sing a song or lines, mono at the voicebank's rate; options are the fields of `SingingRequest`.

        Raises:
            InvalidInput: as of `octet.systems.diffsinger.generate.Singer`; phones are the voicebank's own.
            InvalidArtifact: a graph asks for what neither the line nor another graph tells.
        """
        request = request_of(song, **options)
        if request.retake or request.sampler is not None:
            raise InvalidInput("a voicebank takes no regions again and has its own sampler: leave both out")
        pieces = [(line.start_seconds / request.speed, audio) for line, audio in self.sung(request)]
        said = request.model_dump(mode="json", exclude_defaults=True)
        metadata = {"octet": VERSION, "verb": "sing", **self.source, "request": said}
        return replace(_joined(pieces, self.acoustic.config.sample_rate), metadata=metadata)

    def sung(self, request: SingingRequest) -> Iterator[tuple[Line, Floats]]:
        """Each line and its audio (N,)."""
        for line in request.lines:
            mel, f0_hz = self._mel(line, request)
            yield line, self._sound(mel, f0_hz)

    def _mel(self, line: Line, request: SingingRequest) -> tuple[Floats, Floats]:
        """Mel (T, M) and F0 (T,) of a line."""
        rate = self.acoustic.config.frame_rate_hz / request.speed
        durations = self._durations(line, request, rate)
        total = int(durations.sum())
        f0_hz = self._f0(line, request, durations, rate)
        told = self._told(self.acoustic, line, request, total) | {
            "durations": durations[None],
            "f0": f0_hz[None],
            "gender": np.zeros((1, total)),
            "velocity": np.ones((1, total)),
            **self._curves(line, request, durations, f0_hz, rate),
            **self._diffusion(request),
        }
        return self._acoustic_graph(told)["mel"][0].astype(np.float32), f0_hz

    def _durations(self, line: Line, request: SingingRequest, rate: float) -> NDArray[np.int64]:
        """Frames of each phone (P,): the line's own, or predicted and stretched to the words'."""
        seconds = [phone.seconds for phone in line.phones]
        given = [value for value in seconds if value is not None]
        if len(given) == len(seconds):
            return _bounded(_frames(np.array(given), rate))
        if self._duration is None:
            raise InvalidInput(f"{self.acoustic.folder} has no dsdur folder: give every phone its seconds")
        words, word_frames = _words(line, rate)
        graphs = self._duration
        counts = np.bincount(words, minlength=len(word_frames))
        told = self._told(graphs.part, line, request, len(seconds)) | {
            "word_div": counts[None],
            "word_dur": word_frames[None],
            "ph_midi": _phone_notes(line, request)[None],
        }
        predicted = graphs.main(told | graphs.linguistic(told))["ph_dur_pred"][0].astype(np.float64)
        sums = np.bincount(words, weights=np.maximum(predicted, 1e-3), minlength=len(word_frames))
        stretched = np.maximum(predicted, 1e-3) * (word_frames / sums)[words]
        return _bounded(np.diff(np.rint(np.cumsum(stretched)), prepend=0).astype(np.int64))

    def _f0(self, line: Line, request: SingingRequest, durations: NDArray[np.int64], rate: float) -> Floats:
        """F0 (T,) without gaps: the line's, the pitch graph's, or the notes'."""
        total, factor = int(durations.sum()), 2 ** (request.key_semitones / 12)
        if F0 in line.curves:
            return _sampled(_filled(line.curves[F0]), total, rate) * factor
        notes, rests = _notes(line, request)
        note_frames = _to_total(_frames(np.array([note.seconds for note in line.notes]), rate), total)
        flat = np.repeat(notes, note_frames)
        if self._pitch is not None:
            graphs = self._pitch
            told = self._told(graphs.part, line, request, total) | {
                "ph_dur": durations[None],
                "note_midi": notes[None],
                "note_rest": rests[None],
                "note_dur": note_frames[None],
                "note_glide": np.zeros((1, len(notes))),
                "pitch": flat[None],
                "expr": np.full((1, total), min(1.0, request.expressiveness)),
                "retake": np.ones((1, total)),
                **self._steps(request),
            }
            flat = graphs.main(told | graphs.linguistic(told))["pitch_pred"][0]
        return (440 * 2 ** ((flat - 69) / 12)).astype(np.float32)

    def _curves(
        self, line: Line, request: SingingRequest, durations: NDArray[np.int64], f0_hz: Floats, rate: float
    ) -> Values:
        """The curves that the acoustic graph asks for (1, T) each: the line's, or the variance graph's and wishes."""
        asked = [name for name in CURVES if name in self._acoustic_graph.inputs]
        total = int(durations.sum())
        found: Values = {name: _sampled(line.curves[name], total, rate)[None] for name in asked if name in line.curves}
        absent = [name for name in asked if name not in found]
        if not absent:
            return found
        if self._variance is None:
            raise InvalidInput(f"{self.acoustic.folder} has no dsvariance folder: give each line {', '.join(absent)}")
        drawn = self._drawn(line, request, durations, f0_hz)
        wishes = dict(
            zip(CURVES, (request.energy_db, request.breathiness_db, request.voicing_db, request.tension), strict=True)
        )
        missing = [name for name in absent if f"{name}_pred" not in drawn]
        if missing:
            raise InvalidInput(f"{self._variance.main.file} draws no {missing[0]}: give each line {', '.join(missing)}")
        return found | {name: drawn[f"{name}_pred"] + wishes[name] for name in absent}

    def _drawn(self, line: Line, request: SingingRequest, durations: NDArray[np.int64], f0_hz: Floats) -> Values:
        assert self._variance is not None
        graphs, total = self._variance, len(f0_hz)
        wanted = [name for name in CURVES if name in graphs.main.inputs]
        told = self._told(graphs.part, line, request, total) | {
            "ph_dur": durations[None],
            "pitch": (69 + 12 * np.log2(f0_hz / 440))[None],
            **{name: np.zeros((1, total)) for name in wanted},
            "retake": np.ones((1, total, len(wanted))),
            **self._steps(request),
        }
        return graphs.main(told | graphs.linguistic(told))

    def _told(self, part: Part, line: Line, request: SingingRequest, length: int) -> Values:
        """What every part is told: ids of phones (1, P) and their languages, and the singer's vector at each place."""
        return {
            "tokens": np.array([[_id(part, phone.symbol, phone.language or line.language) for phone in line.phones]]),
            "languages": np.array([[part.languages.get(phone.language or line.language, 0) for phone in line.phones]]),
            **_singer(part, request.singer or line.singer, length),
        }

    def _diffusion(self, request: SingingRequest) -> Values:
        config = self.acoustic.config
        depth: float = config.max_depth if config.use_continuous_acceleration else round(config.max_depth)
        return {"depth": np.array(depth), **self._steps(request)}

    def _steps(self, request: SingingRequest) -> Values:
        """Steps, or for older graphs a speed-up that divides the schedule."""
        steps = request.num_inference_steps or STEPS
        speedup = next(n for n in range(max(1, OLD_DIFFUSION_STEPS // steps), 0, -1) if OLD_DIFFUSION_STEPS % n == 0)
        return {"steps": np.array(steps), "speedup": np.array(speedup)}

    def _sound(self, mel: Floats, f0_hz: Floats) -> Floats:
        """Mel (T, M) and F0 (T,) as audio (N,); logarithms are changed to the vocoder's base."""
        bases = {"e": 1.0, "10": math.log(10)}
        factor = bases[self.acoustic.config.mel_base] / bases[self._vocoder.config.mel_base]
        made = self._vocoder_graph({"mel": mel[None] * factor, "f0": f0_hz[None]})
        audio: Floats = next(iter(made.values())).reshape(-1).astype(np.float32)
        return np.clip(audio, -1, 1)


def is_layout(folder: Path) -> bool:
    """Whether a folder is a voicebank."""
    return (folder / CONFIG).is_file()


def _optional(folder: Path, name: str, kind: str) -> _Graphs | None:
    """A part in its folder, or in the voicebank's own configuration; None where neither is."""
    for place in (folder / name, folder):
        if (place / CONFIG).is_file():
            part = read_part(place)
            graph = getattr(part.config, kind)
            if graph:
                return _Graphs(part, part.graph(part.config.linguistic, "linguistic graph"), part.graph(graph, kind))
    return None


def _vocoder_part(folder: Path, acoustic: Part, given: Path | None) -> Part:
    named = acoustic.config.vocoder
    places = [given] if given else [folder / "dsvocoder", *([inside(folder, named)] if named else [])]
    for place in places:
        if (place / VOCODER).is_file():
            return read_part(place, file=VOCODER, phonemes=False)
    wanted = f" ({named})" if named else ""
    raise InvalidArtifact(
        f"{places[0]} holds no {VOCODER}: fetch the voicebank's vocoder{wanted} and give its folder with vocoder=..."
    )


def _require_fitting(acoustic: Part, vocoder: Part) -> None:
    for name in ("sample_rate", "hop_size", "num_mel_bins"):
        ours, theirs = getattr(acoustic.config, name), getattr(vocoder.config, name)
        if ours != theirs:
            raise InvalidArtifact(f"{acoustic.folder} has {name} {ours} and the vocoder {vocoder.folder} {theirs}")


def _id(part: Part, symbol: str, language: str) -> int:
    """A phone's id: by its name, or by that of its language and its name."""
    name = PAUSES.get(symbol, symbol)
    for candidate in (name, f"{language}/{name}"):
        if candidate in part.phonemes:
            return part.phonemes[candidate]
    some = ", ".join(list(part.phonemes)[:12])
    raise InvalidInput(f"the voicebank has no phone {symbol!r}; it has {some}, ...")


def _singer(part: Part, name: str, length: int) -> Values:
    if not part.speakers:
        return {}
    if name and name not in part.speakers:
        raise InvalidInput(f"unknown singer {name!r}: choose one of {', '.join(part.speakers)}")
    vector = part.speakers[name] if name else next(iter(part.speakers.values()))
    return {"spk_embed": np.broadcast_to(vector, (1, length, len(vector)))}


def _frames(seconds: NDArray[np.float64], rate: float) -> NDArray[np.int64]:
    """Whole frames (P,) by openvpi's rule, which adds half a frame before it rounds."""
    ends = np.rint(np.cumsum(seconds) * rate + 0.5)
    return np.diff(ends, prepend=0).astype(np.int64)


def _bounded(frames: NDArray[np.int64]) -> NDArray[np.int64]:
    if not 1 <= int(frames.sum()) <= MOST_FRAMES:
        raise InvalidInput(f"a line is {int(frames.sum())} frames long; 1 to {MOST_FRAMES} were expected")
    return frames


def _to_total(frames: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Frames of notes whose sum is `total`: the last gives or takes."""
    ends = np.minimum(np.cumsum(frames), total)
    ends[-1] = total
    return np.diff(ends, prepend=0)


def _words(line: Line, rate: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The word of each phone (P,), and the frames of each word (W,): its note's, and those that hold it on."""
    heads = line.heads
    place = {note: word for word, note in enumerate(heads)}
    owner = np.cumsum([not note.slur for note in line.notes]) - 1
    frames = _frames(np.array([note.seconds for note in line.notes]), rate)
    return np.array([place[phone.note] for phone in line.phones]), np.bincount(owner, frames).astype(np.int64)


def _notes(line: Line, request: SingingRequest) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """MIDI numbers (K,), those of rests being the nearest note's, and which are rests."""
    pitches = np.array([np.nan if note.pitch is None else note.pitch + request.key_semitones for note in line.notes])
    rests = np.isnan(pitches)
    if rests.all():
        return np.full(len(pitches), 60.0), rests
    places, sounding = np.arange(len(pitches)), np.flatnonzero(~rests)
    nearest = sounding[np.abs(places[:, None] - sounding[None]).argmin(axis=1)]
    return pitches[nearest], rests


def _phone_notes(line: Line, request: SingingRequest) -> NDArray[np.int64]:
    return np.rint(_notes(line, request)[0][[phone.note for phone in line.phones]]).astype(np.int64)


def _filled(curve: LineCurve) -> LineCurve:
    """An F0 curve without gaps."""
    values = np.array(curve.values)
    voiced = np.flatnonzero(values > 0)
    if not len(voiced):
        raise InvalidInput("an F0 curve is nowhere above 0 Hz")
    whole = np.interp(np.arange(len(values)), voiced, values[voiced])
    return curve.model_copy(update={"values": tuple(whole.tolist())})


def _sampled(curve: LineCurve, total: int, rate: float) -> Floats:
    """A curve at each frame (T,)."""
    steps = np.arange(len(curve.values)) * curve.step_seconds
    return np.interp(np.arange(total) / rate, steps, curve.values).astype(np.float32)


def _joined(pieces: Iterable[tuple[float, Floats]], rate_hz: int) -> Waveform:
    """Phrases on one timeline, summed where they overlap in a rest."""
    listed = list(pieces)
    origin = min(0.0, min(start for start, _ in listed))
    placed = [(round((start - origin) * rate_hz), audio) for start, audio in listed]
    mixed = np.zeros((1, max(start + len(audio) for start, audio in placed)), dtype=np.float32)
    for start, audio in placed:
        mixed[0, start : start + len(audio)] += audio
    return Waveform(np.clip(mixed, -1, 1), rate_hz)
