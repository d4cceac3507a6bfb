"""ming024's checkpoints: parity with its own code on random weights (a frozen run), and damaged files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from octet.core.errors import InvalidArtifact
from octet.families.acoustic.adaptor import Controls
from octet.families.acoustic.encoder import Phones
from octet.systems.fastspeech2 import ming024_symbols, published
from octet.text.phonemes import Phone, Word

GOLDEN = load_file(Path(__file__).parents[1] / "golden" / "ming024.safetensors")
STATE = {name: tensor for name, tensor in GOLDEN.items() if not name.startswith("golden.")}


def checkpoint(folder: Path, state: dict[str, torch.Tensor] = STATE) -> Path:
    path = folder / "900000.pth.tar"
    torch.save({"model": state, "optimizer": {"state": {}, "param_groups": []}}, path)
    return path


def test_parity(tmp_path: Path) -> None:
    (tmp_path / "speakers.json").write_text(json.dumps({"anna": 0, "bert": 1}))
    (tmp_path / "stats.json").write_text(
        json.dumps({"pitch": [-2.9, 11.4, 207.63, 46.78], "energy": [-1.43, 8.0, 37.33, 26.04]})
    )
    checkpoint(tmp_path)
    model = published.load(tmp_path)
    assert model.config.speakers == ("anna", "bert")
    texts, durations = GOLDEN["golden.texts"], GOLDEN["golden.durations"]
    zeros = torch.zeros_like(texts)
    ones = torch.ones(texts.shape)
    wishes = Controls(speed=ones, pitch_semitones=ones * 0, energy=ones, frames=durations)
    phones = Phones(texts, zeros, zeros, torch.tensor([1]))
    mel, _ = model.generate(phones, wishes)
    torch.testing.assert_close(mel.mT, GOLDEN["golden.mel"], atol=1e-4, rtol=0)
    hidden = model.encoder(phones)
    log_duration = model.adaptor.duration(hidden, phones.valid)[:, :, 0]
    torch.testing.assert_close(log_duration, GOLDEN["golden.log_duration"], atol=1e-5, rtol=0)


def test_without_files_beside_it_speakers_are_numbered(tmp_path: Path) -> None:
    assert published.load(checkpoint(tmp_path)).config.speakers == ("speaker-0", "speaker-1")


class Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


def test_a_hostile_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    path, trace = tmp_path / "evil.pth.tar", tmp_path / "executed"
    torch.save({"model": Hostile(trace)}, path)
    with pytest.raises(InvalidArtifact, match="more than tensors"):
        published.load(path)
    assert not trace.exists()


def test_damaged_files_say_so(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InvalidArtifact, match="damaged"):
        published.load(path)
    checkpoint(tmp_path, {name: t for name, t in STATE.items() if "mel_linear" not in name})
    with pytest.raises(InvalidArtifact, match="mel_linear"):
        published.load(tmp_path)
    with pytest.raises(InvalidArtifact, match="0 checkpoints"):
        published.load(tmp_path.parent / "nowhere")


@pytest.mark.parametrize(
    ("name", "tensor", "said"),
    [
        ("encoder.layer_stack.99999999.pos_ffn.w_1.weight", torch.zeros(1), "encoder_layers"),
        ("encoder.layer_stack.many", torch.zeros(1), "many"),
        ("speaker_emb.weight", torch.zeros(1, 1).half().expand(2**40, 2**10), "does not hold what it says"),
        ("speaker_emb.weight", torch.zeros(0, 16), "speakers"),
        ("speaker_emb.weight", torch.tensor(1.0), "0-d"),
        ("encoder.src_word_emb.weight", torch.zeros(4, 4, 4), "unpack"),
        ("encoder.src_word_emb.weight", torch.zeros(4, 4).to_sparse(), "does not hold what it says"),
        ("postnet.convolutions.0", torch.zeros(1), "unpack"),
    ],
)
def test_names_and_shapes_that_ask_for_too_much_are_refused_in_one_line(
    tmp_path: Path, name: str, tensor: torch.Tensor, said: str
) -> None:
    checkpoint(tmp_path, STATE | {name: tensor})
    with pytest.raises(InvalidArtifact, match=said) as caught:
        published.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_symbol_table() -> None:
    ids = ming024_symbols.IDS
    assert len(ids) == 360
    assert [ids[name] for name in ("@AA", "@ZH", "@b", "@vn5", "@rr", "@sp")] == [64, 147, 148, 355, 356, 357]


def test_words_are_spelled_in_its_symbols() -> None:
    word = Word("say", (Phone("s"), Phone("eɪ", "ˈ")), "en")
    assert [ming024_symbols.SYMBOLS[number] for number in ming024_symbols.spell(word)] == ["@S", "@EY1"]
    assert ming024_symbols.spell(Word(",", (Phone(","),), "en")) == [ming024_symbols.IDS["@sp"]]
