"""Stage 1: batches, losses, files, and learning what English and Korean texts say."""

from __future__ import annotations

import pytest
import torch
from tests.systems.musecoco.examples import model, reader, small_reader

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.encoders.text.contract import TextTokens
from octet.encoders.text.tiny import TinyTextConfig
from octet.systems.musecoco import recipe
from octet.systems.musecoco.config import READABLE, WordPieceConfig
from octet.systems.musecoco.examples import TextExample
from octet.systems.musecoco.text import KIND, AttributeReader, ReaderTextEncoder, load

CLOSE = {"atol": 1e-5, "rtol": 1e-5}
PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "sad", "waltz", "##es", ",")


def test_a_key_has_its_values_and_not_said():
    logits = reader()(reader().words.tokenize(["a sad waltz", ""]))
    assert len(logits) == len(READABLE) + 1
    assert [scores.shape[1] for scores in logits[-4:]] == [13, 5, 6, 13]  # octaves, emotion, seconds, tonic
    published = AttributeReader(small_reader(tonic=False))
    assert sum(head.out_features for head in published.heads) == 219


@pytest.mark.parametrize(
    "text", [TinyTextConfig(buckets=64, width=16, layers=0), WordPieceConfig(vocabulary=PIECES, width=16)]
)
def test_texts_of_a_batch_do_not_change_each_other(text):
    mine = reader(text=text)
    texts = ["a sad waltz", "waltzes, a sad waltz, a sad waltz", "", "슬픈 왈츠"]
    together = mine(mine.words.tokenize(texts))
    for row, one in enumerate(texts):
        for found, expected in zip(mine(mine.words.tokenize([one])), together, strict=True):
            torch.testing.assert_close(found[0], expected[row], **CLOSE)


def test_queries_have_no_order_among_words():
    mine = reader()
    words = mine.words.tokenize(["sad waltz"])
    with torch.no_grad():
        before = mine(words)
        mine.queries[:] = mine.queries.flip(0)
        mine.heads = mine.heads[::-1]
        after = mine(words)
    for found, expected in zip(after, reversed(before), strict=True):
        torch.testing.assert_close(found, expected, **CLOSE)


def test_the_loss_is_the_sum_of_all_classifiers():
    mine = reader()
    items = [TextExample("0", "a sad waltz", {"EM1": 2, "tonic": 7}), TextExample("1", "hello", {})]
    batch = mine.collate(items, torch.Generator())
    keys = list(mine.config.values)
    assert batch["told"][0, keys.index("EM1")] == 2
    assert batch["told"][1, keys.index("EM1")] == 4
    assert batch["told"][0, keys.index("tonic")] == 7
    logits = mine(TextTokens(batch["text"], batch["text_valid"]))
    expected = sum(
        -scores.log_softmax(-1)[row, batch["told"][row, key]] / 2
        for key, scores in enumerate(logits)
        for row in range(2)
    )
    torch.testing.assert_close(mine.loss(batch, step=0).total, expected)


def test_an_empty_text_says_nothing():
    assert reader().read(["", " \n"]) == [(), ()]


def test_confidence_is_a_probability():
    for one in reader().read(["a sad waltz"])[0]:
        assert 1 / 19 < one.confidence <= 1
        assert 0 <= one.value < reader().config.values[one.key]


@pytest.mark.parametrize(
    "text", [TinyTextConfig(buckets=64, width=16, layers=0), WordPieceConfig(vocabulary=PIECES, width=16)]
)
def test_a_reader_encodes_texts_for_others(text):
    mine = reader(text=text)
    keys = len(mine.queries)
    encoder = ReaderTextEncoder(mine)
    texts = ["a sad waltz in C#", "", "waltzes, a sad waltz"]
    tokens = encoder.tokenize(texts)
    vectors = encoder(tokens)
    assert vectors.shape == (3, tokens.valid.shape[1], encoder.width)
    assert tokens.ids.shape[:2] == tokens.valid.shape
    assert tokens.valid.sum(1).tolist() == [keys] * 3
    assert not vectors.requires_grad
    assert not vectors[:, keys:].any()
    torch.testing.assert_close(vectors[1], torch.zeros_like(vectors[1]), **CLOSE)
    for row, one in enumerate(texts):
        torch.testing.assert_close(encoder(encoder.tokenize([one]))[0, :keys], vectors[row, :keys], **CLOSE)
    words = mine.words.tokenize(["a sad waltz in C sharp", *texts[1:]])
    encoded = mine.encoded(words)[:, :keys]
    torch.testing.assert_close(vectors[:, :keys], encoded - encoded[1:2], **CLOSE)


def test_it_learns_thirty_texts_in_two_languages():
    torch.manual_seed(0)
    items = list(recipe.described(30, seed=1))
    learner = AttributeReader(
        small_reader(text=TinyTextConfig(buckets=2048, width=64, layers=0), inner_width=64)
    ).eval()
    batch = learner.collate(items, torch.Generator())
    optimizer = torch.optim.Adam(learner.parameters(), lr=2e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-2, 100, pct_start=0.2)
    losses = []
    for step in range(100):
        loss = learner.loss(batch, step=step).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    assert losses[0] > 60
    assert losses[-1] < 0.1
    for item, understood in zip(items, learner.read([item.text for item in items]), strict=True):
        assert {one.key: one.value for one in understood} == item.told
        assert min(one.confidence for one in understood) > 0.5


@pytest.mark.parametrize(
    "config", [small_reader(), small_reader(text=WordPieceConfig(vocabulary=PIECES, width=16), tonic=False)]
)
def test_a_reader_comes_back_from_its_folder(config, tmp_path):
    mine = AttributeReader(config).eval()
    artifacts.save(tmp_path, *mine.artifact())
    again = load(tmp_path)
    assert again.config == config
    assert again.read(["a sad waltz"]) == mine.read(["a sad waltz"])


def test_a_reader_of_the_wrong_stage_is_refused(tmp_path):
    artifacts.save(tmp_path, *model().artifact())
    with pytest.raises(InvalidArtifact, match="kind 'musecoco'; 'musecoco-text' was expected"):
        load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"heads": 3},
        {"layers": 10**6},
        {"text": {"kind": "t5"}},
        {"text": {"kind": "wordpiece", "vocabulary": ["a", "b", "c", "d"]}},
        {"text": {"kind": "wordpiece", "vocabulary": list(PIECES), "positions": 3}},
        {"text": {"kind": "tiny", "buckets": 10**6, "width": 4096}, "heads": 2},
        {"inner_width": 65_536, "layers": 100},
    ],
)
def test_hostile_configurations_end_in_one_line(change, tmp_path):
    _, config, state = reader().artifact()
    artifacts.save(tmp_path, KIND, config | change, state)
    with pytest.raises(InvalidArtifact) as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
