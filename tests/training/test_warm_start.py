import pytest
import torch
from tests.training.toys import Toy, ToyConfig, train
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.training.checkpoint import checkpoints
from octet.training.warm_start import warm_start


def save(folder, module):
    artifacts.save(folder, "toy", {}, module.state_dict())
    return folder


def scrambled(module):
    for weight in module.parameters():
        nn.init.normal_(weight)
    return module


def test_all_of_an_equal_model_is_taken(tmp_path):
    source, model = scrambled(Toy(ToyConfig())), Toy(ToyConfig())
    assert warm_start(model, save(tmp_path, source)) == (5, 5)
    assert all(torch.equal(value, source.state_dict()[name]) for name, value in model.state_dict().items())


def test_what_has_another_shape_or_name_keeps_its_own_weights(tmp_path):
    source, model = scrambled(Toy(ToyConfig())), Toy(ToyConfig(adversarial=True))
    source.embedding = nn.Embedding(9, 16)  # another inventory
    before = model.embedding.weight.detach().clone()
    taken, total = warm_start(model, save(tmp_path, source))
    assert (taken, total) == (4, 11)
    assert torch.equal(model.embedding.weight, before)
    assert torch.equal(model.hidden.weight, source.hidden.weight)


def test_a_run_gives_its_averaged_weights_and_its_discriminator(tmp_path):
    train(tmp_path, {"plan": {"steps": 5}, "model": {"adversarial": True}})
    model = Toy(ToyConfig(adversarial=True))
    assert warm_start(model, tmp_path) == (11, 11)
    state = artifacts.read_safetensors(checkpoints(tmp_path)[-1] / "trainer.safetensors")
    assert torch.equal(model.hidden.weight, state["ema.hidden.weight"])
    assert not torch.equal(model.hidden.weight, state["model.hidden.weight"])
    assert torch.equal(model.discriminator[0].weight, state["model.discriminator.0.weight"])


def test_a_folded_part_is_found_and_its_normalisation_made_anew(tmp_path):
    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.generator = nn.Sequential(weight_norm(nn.Conv1d(2, 3, 3)), nn.Conv1d(3, 1, 1))
            self.discriminator = nn.Conv1d(1, 1, 1)

    plain = scrambled(nn.Sequential(nn.Conv1d(2, 3, 3), nn.Conv1d(3, 1, 1)))
    model = Whole()
    assert warm_start(model, save(tmp_path, plain)) == (4, 6)
    sound = torch.randn(1, 2, 20)
    assert torch.allclose(model.generator(sound), plain(sound), atol=1e-6)
    assert sum(weight.requires_grad for weight in model.generator.parameters()) == 5


def test_a_model_without_anything_in_common_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"no weight of .* has the name and shape"):
        warm_start(Toy(ToyConfig()), save(tmp_path, nn.Linear(3, 3)))


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(InvalidArtifact):
        warm_start(Toy(ToyConfig()), tmp_path)
