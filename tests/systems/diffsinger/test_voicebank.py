"""openvpi voicebanks: tiny graphs in that layout, whose arithmetic shows what each part was told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidArtifact, InvalidInput
from octet.symbolic.song import Curve, Phrase, Song, SungNote, SungPhone
from octet.systems.diffsinger.request import request_of
from octet.systems.diffsinger.voicebank import Voicebank, is_layout

onnx = pytest.importorskip("onnx", reason="voicebanks are tested on graphs that onnx writes")
pytest.importorskip("onnxruntime", reason="voicebanks are sung by onnxruntime")

from onnx import TensorProto as Kind  # noqa: E402
from onnx import helper  # noqa: E402

HOP, BINS, WIDTH, RATE_HZ = 100, 4, 3, 10_000
NOTES = (SungNote(0.2, None), SungNote(0.5, 60.0, "la"), SungNote(0.3, 62.0, slur=True))
PHONES = (SungPhone("SP", 0), SungPhone("l", 0, leads=True), SungPhone("a", 1))
SONG = Song((Phrase(0.0, NOTES, PHONES),))
TYPES = {
    **dict.fromkeys(("tokens", "durations", "ph_dur", "word_div", "word_dur", "ph_midi", "languages"), Kind.INT64),
    **dict.fromkeys(("note_dur", "steps"), Kind.INT64),
    **dict.fromkeys(("note_rest", "retake"), Kind.BOOL),
    "x_masks": Kind.BOOL,
}
SCALARS = ("steps", "depth")


def graph(file: Path, inputs: tuple[str, ...], outputs: dict[str, str], nodes: list, constants: dict) -> None:
    """`outputs` say which value of the nodes each is a copy of."""
    values = [helper.make_tensor_value_info(n, TYPES.get(n, Kind.FLOAT), [] if n in SCALARS else None) for n in inputs]
    copies = [helper.make_node("Identity", [source], [name]) for name, source in outputs.items()]
    made = [helper.make_tensor_value_info(n, TYPES.get(n, Kind.FLOAT), None) for n in outputs]
    stored = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    body = helper.make_graph([*nodes, *copies], "tiny", values, made, stored)
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)


def node(kind: str, inputs: list[str], output: str, **attributes):
    return helper.make_node(kind, inputs, [output], **attributes)


def f32(value) -> np.ndarray:
    return np.array(value, dtype=np.float32)


def linguistic(file: Path, *inputs: str) -> None:
    """Each phone's id as its vector."""
    nodes = [
        node("Cast", ["tokens"], "numbers", to=Kind.FLOAT),
        node("Unsqueeze", ["numbers", "last"], "encoder_out_"),
        node("Equal", ["tokens", "zero"], "masks"),
    ]
    constants = {"last": np.array([2]), "zero": np.array(0)}
    graph(file, ("tokens", *inputs), {"encoder_out": "encoder_out_", "x_masks": "masks"}, nodes, constants)


def settings_of(folder: Path, **content) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    base = {"phonemes": "phonemes.json", "sample_rate": RATE_HZ, "hop_size": HOP, "num_mel_bins": BINS}
    (folder / "dsconfig.yaml").write_text(yaml.safe_dump(base | {"mel_base": "10", "hidden_size": WIDTH} | content))
    (folder / "phonemes.json").write_text(json.dumps({"<PAD>": 0, "AP": 1, "SP": 2, "a": 3, "l": 4, "en/i": 5}))


def bank(folder: Path, leave_out: tuple[str, ...] = (), speakers: tuple[str, ...] = ("soft", "loud")) -> Path:
    """Mel bins: log10 of F0, energy, the singer's first number, steps. Sound: the first two bins' sum at each frame."""
    settings_of(folder, acoustic="acoustic.onnx", speakers=list(speakers))
    for number, name in enumerate(speakers):
        np.full(WIDTH, number + 0.5, dtype="<f4").tofile(folder / f"{name}.emb")
    rows = [
        node("Log", ["f0"], "ln"),
        node("Mul", ["ln", "tenth"], "pitch"),
        node("ReduceMean", ["spk_embed"], "who", axes=[2], keepdims=0),
        node("Cast", ["steps"], "count", to=Kind.FLOAT),
        node("Mul", ["f0", "nothing"], "zeros"),
        node("Add", ["zeros", "count"], "counts"),
        *(node("Unsqueeze", [name, "last"], f"{name}_row") for name in ("pitch", "energy", "who", "counts")),
        node("Concat", ["pitch_row", "energy_row", "who_row", "counts_row"], "rows", axis=2),
    ]
    constants = {"tenth": f32(1 / np.log(10)), "nothing": f32(0), "last": np.array([2])}
    inputs = ("tokens", "durations", "f0", "energy", "spk_embed", "steps")
    graph(folder / "acoustic.onnx", inputs, {"mel": "rows"}, rows, constants)
    if "dsdur" not in leave_out:
        settings_of(folder / "dsdur", linguistic="linguistic.onnx", dur="dur.onnx")
        linguistic(folder / "dsdur" / "linguistic.onnx", "word_div", "word_dur")
        length = [node("Cast", ["ph_midi"], "x", to=Kind.FLOAT), node("Mul", ["x", "none"], "y")]
        length.append(node("Add", ["y", "ten"], "z"))
        inputs = ("encoder_out", "x_masks", "ph_midi")
        graph(folder / "dsdur" / "dur.onnx", inputs, {"ph_dur_pred": "z"}, length, {"none": f32(0), "ten": f32(10)})
    if "dspitch" not in leave_out:
        settings_of(folder / "dspitch", linguistic="linguistic.onnx", pitch="pitch.onnx")
        linguistic(folder / "dspitch" / "linguistic.onnx", "ph_dur")
        higher = [node("Add", ["pitch", "expr"], "higher")]
        inputs = ("encoder_out", "ph_dur", "note_midi", "note_rest", "note_dur", "pitch", "expr", "retake", "steps")
        graph(folder / "dspitch" / "pitch.onnx", inputs, {"pitch_pred": "higher"}, higher, {})
    if "dsvariance" not in leave_out:
        settings_of(folder / "dsvariance", linguistic="linguistic.onnx", variance="variance.onnx")
        linguistic(folder / "dsvariance" / "linguistic.onnx", "ph_dur")
        loud = [node("Mul", ["energy", "none"], "flat"), node("Add", ["flat", "level"], "loud")]
        inputs = ("encoder_out", "ph_dur", "pitch", "energy", "retake", "steps")
        constants = {"none": f32(0), "level": f32(-20)}
        graph(folder / "dsvariance" / "variance.onnx", inputs, {"energy_pred": "loud"}, loud, constants)
    if "dsvocoder" not in leave_out:
        vocoder = folder / "dsvocoder"
        vocoder.mkdir()
        said = {"model": "vocoder.onnx", "sample_rate": RATE_HZ, "hop_size": HOP, "num_mel_bins": BINS, "mel_base": "e"}
        (vocoder / "vocoder.yaml").write_text(yaml.safe_dump(said))
        held = [
            node("Slice", ["mel", "start", "end", "axis"], "first"),
            node("Mul", ["first", "small"], "quiet"),
            node("Expand", ["quiet", "shape"], "held"),
            node("Reshape", ["held", "line"], "audio"),
        ]
        constants = {"start": np.array([0]), "end": np.array([1]), "axis": np.array([2]), "small": f32(0.1)}
        constants |= {"shape": np.array([1, 1, HOP]), "line": np.array([1, -1])}
        graph(vocoder / "vocoder.onnx", ("mel", "f0"), {"waveform": "audio"}, held, constants)
    return folder


def mel_of(voicebank: Voicebank, song=SONG, **options):
    request = request_of(song, **options)
    return voicebank._mel(request.lines[0], request)


def test_a_song_is_sung_through_all_parts(tmp_path) -> None:
    voicebank = Voicebank(bank(tmp_path))
    audio = voicebank.generate(SONG, num_inference_steps=7)
    assert audio.duration_seconds == pytest.approx(1.0, abs=0.02)
    assert audio.sample_rate_hz == RATE_HZ
    mel, f0_hz = mel_of(voicebank, num_inference_steps=7)
    # The pitch graph adds `expr`, which is 1, to the notes; the vocoder reads natural logarithms.
    assert f0_hz[30] == pytest.approx(440 * 2 ** ((61 - 69) / 12), rel=1e-4)
    assert f0_hz[-5] == pytest.approx(440 * 2 ** ((63 - 69) / 12), rel=1e-4)
    np.testing.assert_allclose(mel[:, 0], np.log10(f0_hz), rtol=1e-4)
    np.testing.assert_allclose(audio.samples[0, ::HOP], 0.1 * np.log(f0_hz), rtol=1e-4)
    assert set(mel[:, 1]) == {-20.0}
    assert set(mel[:, 3]) == {7.0}


def test_words_last_as_written_however_long_their_phones_are_thought_to_be(tmp_path) -> None:
    voicebank = Voicebank(bank(tmp_path))
    request = request_of(SONG)
    frames = voicebank._durations(request.lines[0], request, 100.0)
    assert frames.tolist() == [10, 10, 80]  # SP and l share the rest; "a" has its note and the one that holds it on


def test_wishes_are_told(tmp_path) -> None:
    voicebank = Voicebank(bank(tmp_path))
    assert set(mel_of(voicebank, energy_db=3.0)[0][:, 1]) == {-17.0}
    assert set(mel_of(voicebank, singer="loud")[0][:, 2]) == {1.5}
    _, plain = mel_of(voicebank, expressiveness=0)
    _, high = mel_of(voicebank, expressiveness=0, key_semitones=12)
    np.testing.assert_allclose(high, plain * 2, rtol=1e-4)
    assert len(mel_of(voicebank, speed=2.0)[0]) == pytest.approx(len(mel_of(voicebank)[0]) / 2, abs=2)


def test_curves_and_seconds_of_a_line_come_before_graphs(tmp_path) -> None:
    curves = {"f0_hz": Curve(0.01, (0.0, *(220.0,) * 99)), "energy": Curve(0.01, (-30.0,) * 100)}
    timed = zip(PHONES, (0.1, 0.1, 0.8), strict=True)
    phones = tuple(SungPhone(p.symbol, p.note, leads=p.leads, duration_seconds=seconds) for p, seconds in timed)
    told = Song((Phrase(0.0, NOTES, phones, curves=curves),))
    voicebank = Voicebank(bank(tmp_path, leave_out=("dsdur", "dspitch", "dsvariance")))
    mel, f0_hz = mel_of(voicebank, told)
    np.testing.assert_allclose(f0_hz, 220.0, rtol=1e-5)
    assert set(mel[:, 1]) == {-30.0}


def test_without_a_pitch_graph_notes_are_sung(tmp_path) -> None:
    _, f0_hz = mel_of(Voicebank(bank(tmp_path, leave_out=("dspitch",))))
    assert f0_hz[30] == pytest.approx(440 * 2 ** ((60 - 69) / 12), rel=1e-4)
    assert f0_hz[0] == pytest.approx(f0_hz[30])


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("dsdur", "has no dsdur folder: give every phone its seconds"),
        ("dsvariance", "has no dsvariance folder: give each line energy"),
    ],
)
def test_what_a_missing_part_would_tell_is_named(tmp_path, part: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Voicebank(bank(tmp_path, leave_out=(part,))).generate(SONG)


def test_missing_files_are_named(tmp_path) -> None:
    assert not is_layout(tmp_path)
    with pytest.raises(InvalidArtifact, match=r"dsconfig.yaml is missing"):
        Voicebank(tmp_path)
    with pytest.raises(InvalidArtifact, match=r"holds no vocoder.yaml: fetch the voicebank's vocoder"):
        Voicebank(bank(tmp_path / "silent", leave_out=("dsvocoder",)))
    for name in ("acoustic.onnx", "phonemes.json", "loud.emb", "dsdur/dur.onnx", "dspitch/linguistic.onnx"):
        folder = bank(tmp_path / name.replace("/", "-"))
        (folder / name).unlink()
        with pytest.raises(InvalidArtifact, match=f"{name.split('/')[-1]} is missing"):
            Voicebank(folder)


def test_what_does_not_fit_is_refused(tmp_path) -> None:
    folder = bank(tmp_path / "a")
    other = {"model": "vocoder.onnx", "sample_rate": 44100, "hop_size": HOP, "num_mel_bins": BINS}
    (folder / "dsvocoder" / "vocoder.yaml").write_text(yaml.safe_dump(other))
    with pytest.raises(InvalidArtifact, match=r"has sample_rate 10000 and the vocoder .* 44100"):
        Voicebank(folder)
    settings_of(tmp_path / "b", acoustic="/etc/passwd")
    with pytest.raises(InvalidArtifact, match="lies outside the voicebank"):
        Voicebank(tmp_path / "b")
    broken = bank(tmp_path / "c")
    (broken / "acoustic.onnx").write_bytes(b"no graph")
    with pytest.raises(InvalidArtifact, match="is not a graph that onnxruntime runs"):
        Voicebank(broken)
    asking = bank(tmp_path / "d")
    same = [node("Identity", ["f0"], "same")]
    graph(asking / "acoustic.onnx", ("tokens", "f0", "wishes"), {"mel": "same"}, same, {})
    with pytest.raises(InvalidArtifact, match="asks for wishes, which nothing here tells it"):
        Voicebank(asking).generate(SONG)


def test_phones_and_singers_that_are_not_there_are_refused(tmp_path) -> None:
    voicebank = Voicebank(bank(tmp_path))
    assert voicebank.singers == ("soft", "loud")
    strange = Song((Phrase(0.0, NOTES, (PHONES[0], SungPhone("zz", 1))),))
    with pytest.raises(InvalidInput, match="has no phone 'zz'; it has <PAD>, AP, SP"):
        voicebank.generate(strange)
    with pytest.raises(InvalidInput, match="unknown singer 'none': choose one of soft, loud"):
        voicebank.generate(SONG, singer="none")
    with pytest.raises(InvalidInput, match="leave both out"):
        voicebank.generate(SONG, sampler="ddim")


def test_phones_go_by_their_language_too(tmp_path) -> None:
    phones = (PHONES[0], PHONES[1], SungPhone("i", 1, language="en"))
    mel_of(Voicebank(bank(tmp_path)), Song((Phrase(0.0, NOTES, phones),)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(text=st.text(max_size=80), phonemes=st.text(max_size=40))
def test_strange_settings_are_refused(tmp_path, text: str, phonemes: str) -> None:
    folder = tmp_path / "strange"
    folder.mkdir(exist_ok=True)
    (folder / "dsconfig.yaml").write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(InvalidArtifact):
        Voicebank(folder)
    settings_of(folder, acoustic="acoustic.onnx")
    (folder / "phonemes.json").write_text(phonemes, encoding="utf-8", errors="replace")
    with pytest.raises(InvalidArtifact):
        Voicebank(folder)
