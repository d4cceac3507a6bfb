import torch
from transformers import ConvNextConfig
from transformers.models.convnext.modeling_convnext import ConvNextLayer

from octet.nn.convnext import ConvNeXtBlock, initialise
from octet.nn.masks import padding_mask


def _random(channels: int, hidden: int) -> ConvNeXtBlock:
    block = ConvNeXtBlock(channels, hidden, layer_scale=0.5).apply(initialise)
    with torch.no_grad():
        for weight in block.parameters():
            weight.normal_(generator=torch.Generator().manual_seed(weight.numel()))
    return block


def test_equals_the_two_dimensional_block_on_a_picture_of_one_line() -> None:
    """transformers' ConvNeXt layer, its 7 x 7 kernels zero but for the middle line."""
    block = _random(6, 24)
    reference = ConvNextLayer(ConvNextConfig(), dim=6)
    state = {name: tensor for name, tensor in block.state_dict().items() if name not in ("gamma", "dwconv.weight")}
    state = {name.replace("norm", "layernorm"): tensor for name, tensor in state.items()}
    kernel = torch.zeros(6, 1, 7, 7)
    kernel[:, :, 3] = block.dwconv.weight
    reference.load_state_dict({**state, "dwconv.weight": kernel, "layer_scale_parameter": block.gamma.detach()})
    x = torch.randn(2, 6, 20, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(block(x), reference(x[:, :, None])[:, :, 0], rtol=1e-5, atol=1e-5)


def test_names_are_those_of_the_public_vocos_checkpoints() -> None:
    layers = ("dwconv", "norm", "pwconv1", "pwconv2")
    expected = {"gamma", *(f"{layer}.{part}" for layer in layers for part in ("weight", "bias"))}
    assert set(ConvNeXtBlock(4, 8, layer_scale=1.0).state_dict()) == expected


def test_a_row_does_not_depend_on_what_fills_up_the_batch() -> None:
    block = _random(4, 8)
    x = torch.randn(2, 4, 12, generator=torch.Generator().manual_seed(1))
    lengths = torch.tensor([7, 12])
    together = block(x, padding_mask(lengths))
    torch.testing.assert_close(together[:1, :, :7], block(x[:1, :, :7]))
    torch.testing.assert_close(together[1:], block(x[1:]))


def test_without_layer_scale_the_block_changes_nothing() -> None:
    block = ConvNeXtBlock(4, 8, layer_scale=0.0)
    x = torch.randn(1, 4, 9)
    torch.testing.assert_close(block(x), x, rtol=0, atol=0)


def test_initialise_sets_small_weights_and_no_biases() -> None:
    block = ConvNeXtBlock(64, 256, layer_scale=0.1).apply(initialise)
    assert 0.015 < float(block.pwconv1.weight.detach().std()) < 0.025
    assert float(block.pwconv1.bias.detach().abs().max()) == 0.0
