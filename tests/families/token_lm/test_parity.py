"""The decoder against transformers' own, on random weights: logits, and greedy tokens with guidance."""

from __future__ import annotations

import pytest
import torch
from tests.families.token_lm.examples import SMALL, lengths_mask, tokens, vectors
from transformers import MusicgenDecoderConfig, MusicgenForCausalLM

from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.engine import TorchEngine
from octet.families.token_lm.generate import generate
from octet.families.token_lm.guidance import guided
from octet.families.token_lm.patterns import delay
from octet.families.token_lm.transformer import DecoderConfig, TokenDecoder
from octet.nn.sampling import GREEDY

FRAMES = 24


def theirs(config: DecoderConfig) -> MusicgenForCausalLM:
    torch.manual_seed(0)
    made = MusicgenForCausalLM(
        MusicgenDecoderConfig(
            vocab_size=config.vocabulary,
            hidden_size=config.width,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            ffn_dim=config.inner_width,
            num_codebooks=config.codebooks,
            pad_token_id=config.special,
            bos_token_id=config.special,
            dropout=0.0,
        )
    ).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(torch.randn_like(weight) * 0.2)
    return made


def ours(model: MusicgenForCausalLM, config: DecoderConfig) -> TokenDecoder:
    """Weight by weight, so that this test does not rely on the loader."""
    source, made = model.model.decoder, TokenDecoder(config)
    with torch.no_grad():
        for mine, other in zip(made.embeddings, source.embed_tokens, strict=True):
            mine.weight.copy_(other.weight)
        for mine, other in zip(made.heads, model.lm_heads, strict=True):
            mine.weight.copy_(other.weight)
        for mine, other in zip(made.layers, source.layers, strict=True):
            qkv = [other.self_attn.q_proj.weight, other.self_attn.k_proj.weight, other.self_attn.v_proj.weight]
            mine.self_attention.qkv.weight.copy_(torch.cat(qkv))
            mine.self_attention.out.load_state_dict(other.self_attn.out_proj.state_dict())
            mine.cross_attention.query.load_state_dict(other.encoder_attn.q_proj.state_dict())
            mine.cross_attention.key_value.weight.copy_(
                torch.cat([other.encoder_attn.k_proj.weight, other.encoder_attn.v_proj.weight])
            )
            mine.cross_attention.out.load_state_dict(other.encoder_attn.out_proj.state_dict())
            for name, their_name in (("self", "self_attn"), ("cross", "encoder_attn"), ("inner", "final")):
                norm = getattr(other, f"{their_name}_layer_norm")
                getattr(mine, f"{name}_norm").load_state_dict(norm.state_dict())
            mine.up.load_state_dict(other.fc1.state_dict())
            mine.down.load_state_dict(other.fc2.state_dict())
        made.norm.load_state_dict(source.layer_norm.state_dict())
    return made.eval()


def test_logits() -> None:
    model = theirs(SMALL)
    sequence, valid = tokens(2, 12), lengths_mask(3, 6)
    cross = vectors(2, 6)
    with torch.no_grad():
        expected = model(
            sequence.flatten(0, 1), encoder_hidden_states=cross, encoder_attention_mask=valid.long()
        ).logits.view(2, 4, 12, 16)
        found = ours(model, SMALL)(sequence, Conditions(cross=cross, cross_valid=valid))
    assert expected.std() > 0.3
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def by_hand(model: MusicgenForCausalLM, prompt: torch.Tensor, cross: torch.Tensor, scale: float) -> torch.Tensor:
    """Greedy tokens of the delay pattern, every step from scratch, both halves of guidance attending."""
    config = model.config
    batch, codebooks, given = prompt.shape
    laid = torch.full((batch, codebooks, FRAMES + 4), config.vocab_size)
    for k in range(codebooks):
        laid[:, k, 1 + k : 1 + k + given] = prompt[:, k]
    for step in range(given + 1, FRAMES + 4):
        rows = laid[:, :, :step].repeat(2, 1, 1).flatten(0, 1)
        both = torch.cat([cross, torch.zeros_like(cross)])
        logits = model(rows, encoder_hidden_states=both).logits[:, -1].view(2, batch, codebooks, -1)
        chosen = (logits[1] + scale * (logits[0] - logits[1])).argmax(-1)
        for k in range(codebooks):
            if given <= step - 1 - k < FRAMES:
                laid[:, k, step] = chosen[:, k]
    return torch.stack([laid[:, k, 1 + k : 1 + k + FRAMES] for k in range(codebooks)], dim=1)


@pytest.mark.parametrize("prompt_frames", [0, 7])
@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_greedy_tokens(prompt_frames: int, scale: float) -> None:
    model, cross, prompt = theirs(SMALL), vectors(2, 6), tokens(2, prompt_frames)
    pieces = generate(
        TorchEngine(ours(model, SMALL)),
        guided(Conditions(cross=cross), Conditions(), scale),
        delay(4).pattern(FRAMES),
        prompt,
        GREEDY,
        torch.Generator(),
    )
    found = torch.cat([prompt, *pieces], dim=2)
    with torch.no_grad():
        expected = by_hand(model, prompt, cross, scale)
    assert torch.equal(found, expected)
    assert expected[:, :, prompt_frames:].unique().numel() > 5
