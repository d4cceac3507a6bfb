"""How `hifigan_*.safetensors` and `vocos_*.safetensors` were made: the published implementations on random weights.

Not run by the tests. It needs checkouts of jik876/hifi-gan (4769534) and gemelo-ai/vocos (c859e3b):

    python make_vocoders.py HIFIGAN_CHECKOUT VOCOS_CHECKOUT

Each file holds the weights under their published names ("state."), `mel`, `audio`, and the configuration as metadata.
"""

import importlib
import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
LJSPEECH = {"sampling_rate": 22050, "n_fft": 1024, "win_size": 1024, "hop_size": 256, "num_mels": 80, "fmin": 0}
HIFIGANS = {
    "hifigan_resblock1": {
        "resblock": "1",
        "upsample_rates": [8, 8, 2, 2],
        "upsample_kernel_sizes": [16, 16, 4, 4],
        "resblock_kernel_sizes": [3, 7],
        "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5]],
    },
    "hifigan_resblock2": {
        "resblock": "2",
        "upsample_rates": [8, 8, 4],
        "upsample_kernel_sizes": [16, 16, 8],
        "resblock_kernel_sizes": [3, 5],
        "resblock_dilation_sizes": [[1, 2], [2, 6]],
    },
}
VOCOS_FEATURES = {"sample_rate": 24000, "n_fft": 64, "hop_length": 16, "n_mels": 8}
VOCOS_BACKBONE = {"input_channels": 8, "dim": 16, "intermediate_dim": 32, "num_layers": 2}


def imported(checkout: str, module: str, absent: tuple[str, ...]):
    """A module of a checkout; packages that only its training needs are stood in for."""
    sys.modules.update({name: MagicMock() for name in absent})
    sys.path.insert(0, checkout)
    return importlib.import_module(module)


@torch.no_grad()
def hifigan(checkout: str, name: str, shape: dict) -> None:
    models = imported(checkout, "models", ("matplotlib", "matplotlib.pylab"))
    config = LJSPEECH | {"fmax": 8000, "upsample_initial_channel": 16} | shape
    torch.manual_seed(0)
    model = models.Generator(type("Config", (), config)).eval()
    for parameter_name, parameter in model.named_parameters():
        if parameter_name.endswith("_g"):  # louder than torch's initialisation, so that parity is not of silence
            parameter.mul_(torch.empty_like(parameter).uniform_(0.9, 1.8))
    mel = torch.randn(2, 80, 10) - 4
    save(name, model, mel, model(mel), config)


@torch.no_grad()
def vocos(checkout: str, padding: str) -> None:
    absent = ("torchaudio", "torchaudio.functional", "torchaudio.functional.functional", "encodec", "einops")
    heads, models = (imported(checkout, f"vocos.{module}", absent) for module in ("heads", "models"))
    torch.manual_seed(0)
    model = torch.nn.Module()
    model.backbone = models.VocosBackbone(**VOCOS_BACKBONE)
    model.head = heads.ISTFTHead(dim=16, n_fft=64, hop_length=16, padding=padding)
    for parameter in model.parameters():
        parameter.add_(torch.randn_like(parameter) * 0.1)
    model.feature_extractor = torch.nn.Module()  # its weights are in published files, and follow from the settings
    model.feature_extractor.register_buffer("window", torch.hann_window(64))
    mel = torch.randn(2, 8, 30)
    settings = {
        "feature_extractor": ("vocos.feature_extractors.MelSpectrogramFeatures", VOCOS_FEATURES | {"padding": padding}),
        "backbone": ("vocos.models.VocosBackbone", VOCOS_BACKBONE),
        "head": ("vocos.heads.ISTFTHead", {"dim": 16, "n_fft": 64, "hop_length": 16, "padding": padding}),
    }
    config = {part: {"class_path": path, "init_args": arguments} for part, (path, arguments) in settings.items()}
    audio = model.head(model.backbone(mel))[:, None]
    save(f"vocos_{padding}", model, mel, audio, config)


def save(name: str, model: torch.nn.Module, mel: torch.Tensor, audio: torch.Tensor, config: dict) -> None:
    print(name, tuple(audio.shape), "mean magnitude", float(audio.abs().mean()))
    state = {f"state.{key}": tensor.contiguous() for key, tensor in model.state_dict().items()}
    path = HERE / f"{name}.safetensors"
    save_file({**state, "mel": mel, "audio": audio}, path, metadata={"config": json.dumps(config)})
    path.chmod(0o644)


if __name__ == "__main__":
    hifigan_checkout, vocos_checkout = sys.argv[1:]
    for golden_name, golden_shape in HIFIGANS.items():
        hifigan(hifigan_checkout, golden_name, golden_shape)
    for golden_padding in ("center", "same"):
        vocos(vocos_checkout, golden_padding)
