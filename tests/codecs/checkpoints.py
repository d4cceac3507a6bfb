"""Public codec checkpoints on random weights: transformers' own, and its weights as the other two formats have them."""

import json
import re
from functools import cache

import torch
import yaml
from safetensors.torch import save_file

SMALL = {
    "num_filters": 4,
    "hidden_size": 8,
    "codebook_size": 16,
    "upsampling_ratios": [5, 4, 2],
    "sampling_rate": 4000,
    "target_bandwidths": [0.4, 2.4],
}
STEREO = {"audio_channels": 2, "normalize": True, "chunk_length_s": 0.1, "overlap": 0.01}
VARIANTS = {
    "24 kHz": {},
    "32 kHz": {"use_causal_conv": False, "use_conv_shortcut": False},
    "48 kHz": {"use_causal_conv": False, "norm_type": "time_group_norm", **STEREO},
    "zeros at the edges": {"pad_mode": "constant", "use_causal_conv": False},
    "deeper": {"num_residual_layers": 3, "dilation_growth_rate": 3, "compress": 1, "num_lstm_layers": 1},
    "other kernels": {"kernel_size": 5, "last_kernel_size": 3, "residual_kernel_size": 5},
}


@cache
def theirs(variant):
    from transformers import EncodecConfig, EncodecModel

    torch.manual_seed(0)
    model = EncodecModel(EncodecConfig(**(SMALL | VARIANTS[variant]))).eval()
    for layer in model.quantizer.layers:
        layer.codebook.embed.normal_()
    for parameter in model.parameters():  # louder, so that parity is not of silence
        parameter.data.mul_(1.4)
    return model


def transformers_folder(folder, variant="24 kHz", weights="model.safetensors", **changes):
    model = theirs(variant)
    config = json.loads(model.config.to_json_string(use_diff=False)) | changes
    (folder / "config.json").write_text(json.dumps(config))
    save = save_file if weights.endswith("safetensors") else torch.save
    save({name: tensor.clone() for name, tensor in model.state_dict().items()}, folder / weights)
    return model


def native(state, *, new_names=False):
    """transformers' names as audiocraft and encodec write them."""
    renamed = {}
    for name, tensor in state.items():
        name = re.sub(r"^(encoder|decoder)\.layers\.", r"\1.model.", name)
        upsampling = name.startswith("decoder") and re.match(r"decoder\.model\.\d+\.conv\.", name)
        wrap = "convtr" if upsampling and tensor_is_of_upsampling(name) else "conv"
        name = re.sub(r"\.conv\.(?=weight|bias|param)", f".{wrap}.{wrap}.", name)
        name = re.sub(r"\.norm\.", f".{wrap if wrap == 'convtr' else 'conv'}.norm.", name)
        name = re.sub(r"^quantizer\.layers\.(\d+)\.codebook\.", r"quantizer.vq.layers.\1._codebook.", name)
        if not new_names:
            name = name.replace("parametrizations.weight.original0", "weight_g")
            name = name.replace("parametrizations.weight.original1", "weight_v")
        renamed[name] = tensor.clone()
    return renamed


def tensor_is_of_upsampling(name):
    """Layer 3, 6, 9, ... of a decoder with one residual block for each ratio, but the last."""
    number = int(name.split(".")[2])
    return number % 3 == 0 and number > 0


def xp_cfg(variant, **changes):
    config = SMALL | VARIANTS[variant]
    return {
        "sample_rate": 4000,
        "channels": config.get("audio_channels", 1),
        "compression_model": "encodec",
        "device": "${oc.env:HOME}",  # elsewhere in the file there is what only its own program understands
        "encodec": {
            "autoencoder": "seanet",
            "quantizer": "rvq",
            "sample_rate": "${sample_rate}",
            "channels": "${channels}",
            "causal": config.get("use_causal_conv", True),
            "renormalize": False,
        },
        "seanet": {
            "dimension": 8,
            "channels": "${channels}",
            "causal": "${encodec.causal}",
            "n_filters": 4,
            "n_residual_layers": 1,
            "ratios": [5, 4, 2],
            "activation": "ELU",
            "activation_params": {"alpha": 1.0},
            "norm": "weight_norm",
            "norm_params": {},
            "kernel_size": 7,
            "residual_kernel_size": 3,
            "last_kernel_size": 7,
            "dilation_base": 2,
            "pad_mode": config.get("pad_mode", "reflect"),
            "true_skip": not config.get("use_conv_shortcut", True),
            "compress": 2,
            "lstm": 2,
            "disable_norm_outer_blocks": 0,
            "decoder": {"trim_right_ratio": 1.0, "final_activation": None, "final_activation_params": None},
            "encoder": {},
            **changes,
        },
        "rvq": {"n_q": 6, "bins": 16, "q_dropout": False},
    }


def audiocraft_file(folder, variant="32 kHz", **changes):
    model = theirs(variant)
    content = {"best_state": native(model.state_dict(), new_names=True), "xp.cfg": yaml.safe_dump(xp_cfg(variant))}
    torch.save(content | changes, folder / "compression_state_dict.bin")
    return model
