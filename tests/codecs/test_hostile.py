"""A codec's configuration is a stranger's: whatever stands in it, loading works or ends in one line."""

import json
from functools import partial

import pytest
import torch
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.codecs.checkpoints import audiocraft_file, theirs, transformers_folder, xp_cfg
from tests.codecs.examples import SHAPES, SPECTRAL, made, noise
from tests.codecs.test_dac import SMALL as DAC
from tests.jobs.test_hostile_configurations import VALUES, places, replaced

from octet.codecs import contract, published
from octet.codecs.dac import Dac
from octet.codecs.spectral import SpectralCodec
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput


def artifact(codec, config, folder):
    artifacts.save(folder, codec.config.kind, {}, codec.state_dict())
    document = {"kind": codec.config.kind, "format": 1, "config": config}
    (folder / artifacts.CONFIG).write_text(json.dumps(document))
    return contract.load(folder)


def of_transformers(config, folder):
    transformers_folder(folder, "48 kHz")
    (folder / "config.json").write_text(json.dumps(config))
    return published.load(folder)


def of_audiocraft(config, folder):
    audiocraft_file(folder, **{"xp.cfg": yaml.safe_dump(config)})
    return published.load(folder)


def their_config():
    return json.loads(theirs("48 kHz").config.to_json_string(use_diff=False))


STEREO, SMALL = made(SHAPES["48 kHz"]), SpectralCodec(SPECTRAL).eval()
SMALL_DAC = Dac(DAC).eval()
KINDS = {
    "encodec": (lambda: STEREO.config.model_dump(mode="json"), partial(artifact, STEREO)),
    "spectral-codec": (lambda: SPECTRAL.model_dump(mode="json"), partial(artifact, SMALL)),
    "dac": (lambda: DAC.model_dump(mode="json"), partial(artifact, SMALL_DAC)),
    "transformers": (their_config, of_transformers),
    "audiocraft": (lambda: xp_cfg("32 kHz"), of_audiocraft),
}


def use(codec):
    audio = noise(1, codec.channels, 130)
    if hasattr(codec, "encode_scaled"):
        assert codec.decode(*codec.encode_scaled(audio)).shape[-1] >= 130
    else:
        assert codec.decode(codec.encode(audio)).shape[-1] >= 130


@pytest.mark.parametrize("kind", KINDS)
def test_the_unchanged_configuration_loads(kind, tmp_path):
    config, load = KINDS[kind]
    use(load(config(), tmp_path))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_any_place_loads_or_is_refused_in_one_line(kind, tmp_path, data):
    config, load = KINDS[kind]
    place, value = data.draw(st.sampled_from(list(places(config())))), data.draw(VALUES)
    said = ""
    try:
        use(load(replaced(config(), place, value), tmp_path))
    except (InvalidArtifact, InvalidInput) as refusal:
        said = str(refusal)
    assert "\n" not in said
    assert len(said) < 4000


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_damaged_byte_is_refused_or_changes_only_numbers(tmp_path, position, byte):
    audiocraft_file(tmp_path)
    file = tmp_path / "compression_state_dict.bin"
    content = bytearray(file.read_bytes())
    content[int(position * len(content))] = byte
    file.write_bytes(bytes(content))
    said, state = "", {}
    try:
        state = published.load(tmp_path).state_dict()
    except InvalidArtifact as refusal:
        said = str(refusal)
    assert "\n" not in said
    assert all(torch.isfinite(tensor).all() for tensor in state.values())
