"""Muon: what it does to a kernel, by hand, and to everything else."""

import pytest
import torch
from torch import nn

from pixelization.training.muon import MOMENTUM, RMS, Muon, orthogonalized

BETAS = (0.9, 0.99)


@pytest.mark.parametrize("shape", [(8, 32), (32, 8), (16, 16)])
def test_orthogonalized_keeps_singular_vectors_and_makes_their_values_alike(shape):
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    assert values[0] / values[-1] > 1.5
    inner = left.T @ orthogonalized(matrix) @ right.T
    assert torch.allclose(inner, inner.diag().diag(), atol=1e-4)
    assert inner.diag().min() > 0.65
    assert inner.diag().max() < 1.25


def test_a_gradient_of_any_length_moves_a_kernel_as_far():
    """One channel out: the update is the gradient's direction, 0.2 for a value in the mean."""
    moves = []
    for factor in (1.0, 1e4):
        conv = nn.Conv2d(1, 1, 2, bias=False)
        before = conv.weight.detach().clone()
        conv.weight.grad = factor * torch.tensor([[[[3.0, 0.0], [0.0, 4.0]]]])
        Muon(conv.parameters(), lr=0.1, betas=BETAS).step()
        moves.append(before - conv.weight.detach())
    assert torch.allclose(moves[0], moves[1], atol=1e-6)
    direction = torch.tensor([[[[0.6, 0.0], [0.0, 0.8]]]])
    length = (moves[0] * direction).sum()
    assert torch.allclose(moves[0], length * direction, atol=1e-6)
    assert 0.65 < length / (0.1 * RMS * 2) < 1.25  # the root of the four values is 2


def test_momentum_goes_on_where_the_gradient_turns():
    conv = nn.Conv2d(1, 1, (1, 2), bias=False)
    optimizer = Muon(conv.parameters(), lr=0.1, betas=BETAS)
    conv.weight.grad = torch.tensor([[[[1.0, 0.0]]]])
    optimizer.step()
    momentum = optimizer.state[conv.weight]["momentum"]
    assert torch.allclose(momentum, (1 - MOMENTUM) * torch.tensor([[[[1.0, 0.0]]]]))
    before = conv.weight.detach().clone()
    conv.weight.grad = torch.tensor([[[[0.0, 1.0]]]])
    optimizer.step()
    # Nesterov: 0.05 of the new gradient and 0.95 of the momentum, which is 0.0475 and 0.05
    move = (before - conv.weight.detach()).flatten()
    assert (move[0] / move[1]).item() == pytest.approx(
        0.0475 * 0.95 / (0.05 + 0.05 * 0.95), rel=1e-4
    )


def test_everything_else_is_moved_as_by_adamw():
    networks = [nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.Linear(3, 2)) for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    settings = {"lr": 0.01, "betas": BETAS, "weight_decay": 0.1}
    optimizers = [
        Muon(networks[0].parameters(), **settings),
        torch.optim.AdamW(networks[1].parameters(), **settings),
    ]
    picture = torch.randn(1, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    for network, optimizer in zip(networks, optimizers, strict=True):
        network(picture).square().sum().backward()
        optimizer.step()
    same = [torch.equal(*pair) for pair in zip(*map(nn.Module.parameters, networks), strict=True)]
    assert same == [False, True, True, True]


def test_weight_decay_takes_a_share_of_kernels():
    kernels = []
    for share in (0.0, 0.5):
        conv = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.ones_(conv.weight)
        conv.weight.grad = torch.ones_like(conv.weight)
        Muon(conv.parameters(), lr=0.1, betas=BETAS, weight_decay=share).step()
        kernels.append(conv.weight.item())
    assert kernels[0] - kernels[1] == pytest.approx(0.1 * 0.5)


def test_what_has_no_gradient_stays_and_gradients_are_kept():
    convs = [nn.Conv2d(1, 1, 1) for _ in range(2)]
    parameters = [parameter for conv in convs for parameter in conv.parameters()]
    before = convs[1].weight.detach().clone()
    gradient = convs[0].weight.grad = torch.ones_like(convs[0].weight)
    Muon(parameters, lr=0.1, betas=BETAS).step()
    assert torch.equal(convs[1].weight, before)
    assert convs[0].weight.grad is gradient


def test_a_state_that_is_loaded_goes_on_as_before():
    def stepped(conv, optimizer, count):
        for index in range(count):
            optimizer.zero_grad()
            (conv(torch.full((1, 2, 4, 4), index + 1.0)) - 1).square().sum().backward()
            optimizer.step()

    whole = nn.Conv2d(2, 3, 3)
    parts = nn.Conv2d(2, 3, 3)
    parts.load_state_dict(whole.state_dict())
    optimizer = Muon(whole.parameters(), lr=0.1, betas=BETAS)
    stepped(whole, optimizer, 2)
    first = Muon(parts.parameters(), lr=0.1, betas=BETAS)
    stepped(parts, first, 2)
    second = Muon(parts.parameters(), lr=0.1, betas=BETAS)
    second.load_state_dict(first.state_dict())
    for conv, each in ((whole, optimizer), (parts, second)):
        stepped(conv, each, 1)
    assert torch.equal(whole.weight, parts.weight)
    assert torch.equal(whole.bias, parts.bias)
