"""Files in muzic's layouts, with random weights, and an independent computation of what they mean."""

from __future__ import annotations

import argparse
import json
import math

import torch
from transformers import BertConfig, BertModel

from octet.systems.musecoco.config import READABLE, ReaderConfig

VOCABULARY = [
    *("[PAD]", *(f"[unused{number}]" for number in range(64)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *("a", "sad", "waltz", "for", "piano", ",", "in", "min", "##or"),
]
WIDTH, HEADS, LAYERS, INNER = 18, 4, 2, 20  # 18 // 4 = 4: projections are 16 wide, as 2040 of 2048 are


def attribute2music(seed: int = 0) -> dict:
    """A checkpoint of fairseq's, with settings and optimiser."""
    rng = torch.Generator().manual_seed(seed)

    def drawn(*shape):
        return 0.3 * torch.randn(*shape, generator=rng)

    inner = WIDTH // HEADS * HEADS
    shapes = {
        "self_attn.q_proj": (inner, WIDTH),
        "self_attn.k_proj": (inner, WIDTH),
        "self_attn.v_proj": (inner, WIDTH),
        "self_attn.out_proj": (WIDTH, inner),
        "fc1": (INNER, WIDTH),
        "fc2": (WIDTH, INNER),
    }
    state = {
        "decoder.version": torch.tensor([3.0]),
        "decoder.embed_positions._float_tensor": torch.zeros(1),
        "decoder.embed_tokens.weight": drawn(1253, WIDTH),
        "decoder.output_projection.weight": drawn(1253, WIDTH),
    }
    for layer in range(LAYERS):
        for name, shape in shapes.items():
            state[f"decoder.layers.{layer}.{name}.weight"] = drawn(*shape)
            state[f"decoder.layers.{layer}.{name}.bias"] = drawn(shape[0])
        for name in ("self_attn_layer_norm", "final_layer_norm"):
            state |= _norm(f"decoder.layers.{layer}.{name}", drawn)
    state |= _norm("decoder.layer_norm", drawn)
    args = argparse.Namespace(
        arch="linear_transformer_lm_1billion", decoder_attention_heads=HEADS, activation_fn="gelu", user_dir=None
    )
    optimiser = {"state": {0: {"exp_avg": torch.zeros(7)}}, "param_groups": [{"lr": 1e-4}]}
    return {"args": args, "model": state, "last_optimizer_state": optimiser, "extra_state": {"epoch": 2}}


def _norm(name, drawn):
    return {f"{name}.weight": 1 + drawn(WIDTH), f"{name}.bias": drawn(WIDTH)}


def logits_of(state: dict, tokens: list[int], first_position: int) -> torch.Tensor:
    """(T, V) in float64, straight from the formulas: every position sums over all before it.

    Tokens before number `first_position` have no position, that one has row 2.
    """
    w = {name: tensor.double() for name, tensor in state.items()}

    def linear(x, name):
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x, name):
        centred = x - x.mean(-1, keepdim=True)
        scaled = centred / (centred.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    def phi(x):
        return torch.where(x > 0, x + 1, x.exp())

    rows = [0 if t < first_position else t - first_position + 2 for t in range(len(tokens))]
    x = w["decoder.embed_tokens.weight"][tokens] * math.sqrt(WIDTH)
    x = x + torch.stack([_position(row) for row in rows])
    for layer in range(LAYERS):
        at = f"decoder.layers.{layer}"
        h = norm(x, f"{at}.self_attn_layer_norm")
        q, k, v = (linear(h, f"{at}.self_attn.{part}_proj").unflatten(-1, (HEADS, -1)) for part in "qkv")
        mixed = torch.zeros_like(v)
        for t in range(len(tokens)):
            for head in range(HEADS):
                weights = phi(k[: t + 1, head]) @ phi(q[t, head])
                mixed[t, head] = weights @ v[: t + 1, head] / (weights.sum() + 1e-6)
        x = x + linear(mixed.flatten(1), f"{at}.self_attn.out_proj")
        h = linear(norm(x, f"{at}.final_layer_norm"), f"{at}.fc1")
        x = x + linear(h * 0.5 * (1 + torch.erf(h / math.sqrt(2))), f"{at}.fc2")
    return norm(x, "decoder.layer_norm") @ w["decoder.output_projection.weight"].T


def _position(row: int) -> torch.Tensor:
    if row == 0:
        return torch.zeros(WIDTH, dtype=torch.float64)
    half = WIDTH // 2
    angles = [row * 10000 ** (-i / (half - 1)) for i in range(half)]
    return torch.tensor([*map(math.sin, angles), *map(math.cos, angles)], dtype=torch.float64)


def text2attribute(folder, *, weights: str = "pytorch_model.bin") -> tuple[BertModel, dict]:
    """Write a folder; the BERT it was made of, and its state."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=20,
        max_position_embeddings=40,
    )
    bert = BertModel(config).eval()
    for weight in bert.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    state = {f"bert.{name}": tensor.detach().clone() for name, tensor in bert.state_dict().items()}
    state["bert.embeddings.position_ids"] = torch.arange(40)[None]
    state |= {"pooler.dense.weight": torch.randn(16, 16), "pooler.dense.bias": torch.randn(16)}
    values = ReaderConfig(text={"kind": "tiny"}, heads=1).values
    for number, key in enumerate(READABLE):
        state[f"classifieratt.{number}.weight"] = torch.randn(values[key] + 1, 16)
        state[f"classifieratt.{number}.bias"] = torch.randn(values[key] + 1)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    (folder / "config.json").write_text(json.dumps({**config.to_dict(), "num_labels": 219}))
    if weights.endswith(".safetensors"):
        from safetensors.torch import save_file

        save_file(state, folder / weights)
    else:
        torch.save(state, folder / weights)
    return bert, state


def read_by_bert(bert: BertModel, state: dict, ids: list[int]) -> list[torch.Tensor]:
    """Logits of a text's numbers, with transformers' layers: sixty unused words, without positions, before it."""
    table = bert.embeddings
    unused = torch.tensor([VOCABULARY.index(f"[unused{number}]") for number in range(60)])
    segment = table.token_type_embeddings.weight[0]
    queries = table.LayerNorm(table.word_embeddings(unused) + segment)
    words = table(input_ids=torch.tensor([ids]))
    hidden = bert.encoder(torch.cat([queries[None], words], 1)).last_hidden_state[0, :60]
    pooled = torch.tanh(hidden @ state["pooler.dense.weight"].T + state["pooler.dense.bias"])
    return [
        state[f"classifieratt.{number}.weight"] @ pooled[number] + state[f"classifieratt.{number}.bias"]
        for number in range(60)
    ]
