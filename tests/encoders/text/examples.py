"""A small T5 in the published layout: configuration, weights, tokenizer."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import T5Config, T5EncoderModel, T5Tokenizer

WORDS = ("warm", "lo", "fi", "piano", "loud", "guitar", "a", "b")
VOCABULARY = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -9.0), *((f"▁{word}", -2.0) for word in WORDS)]


def t5_config() -> T5Config:
    return T5Config(vocab_size=40, d_model=24, d_kv=8, d_ff=32, num_layers=2, num_heads=3, dropout_rate=0.0)


def t5(seed: int = 0) -> T5EncoderModel:
    torch.manual_seed(seed)
    made = T5EncoderModel(t5_config()).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_(std=0.5)
    return made


def tokenizer() -> T5Tokenizer:
    return T5Tokenizer(vocab=VOCABULARY, extra_ids=0)


def t5_folder(folder: Path) -> T5EncoderModel:
    model = t5()
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return model
