"""Two processes that train one codec agree on its codebooks and on the balancer's averages."""

import pytest
import torch
from torch import distributed, multiprocessing

from octet.codecs.balancer import Balancer
from octet.codecs.learning import QuantizerLearner
from octet.codecs.processes import averaged, of_the_first, summed
from octet.codecs.quantizer import ResidualQuantizer


def test_alone_nothing_happens():
    x = torch.tensor([1.0, 2.0])
    assert torch.equal(summed(x.clone()), x)
    assert torch.equal(averaged(x.clone()), x)
    assert torch.equal(of_the_first(x.clone()), x)


def train(rank, folder):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    torch.manual_seed(0)
    quantizer = ResidualQuantizer(4, 3, 8)
    learner = QuantizerLearner(quantizer, decay=0.9, dead_share=0.5, dropout=1.0).train()
    balancer = Balancer({"size": 1.0}, balanced=True)
    torch.manual_seed(rank)
    for _ in range(4):
        latent = (1 + rank) * torch.randn(2, 4, 20)
        learner(quantizer, latent)
        balancer(latent.requires_grad_(), lambda x: {"size": x.square().sum()})
    torch.save([quantizer.state_dict(), learner.state_dict(), balancer.state_dict()], f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_agree(tmp_path):
    multiprocessing.spawn(train, (str(tmp_path),), nprocs=2)
    first, second = (torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1))
    for one, other in zip(first, second, strict=True):
        assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())
    assert first[1]["learners.0.counts"].sum() > 40  # both processes' latents were counted
