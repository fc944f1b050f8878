"""Heads: the hard choice with a soft gradient, and blends of no other pixels."""

import torch

from pixelization.networks.heads import MixHead, SelectHead


def test_select_head_is_hard_forward_and_soft_backward():
    head = SelectHead(4, 3, temperature=0.25)
    features = torch.randn(1, 4, 5, 5)
    candidates = torch.randn(1, 3, 3, 5, 5, requires_grad=True)
    chosen = head(features, candidates).chosen
    distance = (chosen.unsqueeze(1) - candidates).abs().sum(2).min(dim=1).values
    assert distance.max() < 1e-6
    chosen.square().sum().backward()
    assert all(
        parameter.grad.abs().sum() > 0
        for name, parameter in head.named_parameters()
        if name != "color.bias"
    )
    weights = candidates.grad.abs().sum((2, 3, 4))
    assert (weights > 0).all()  # every candidate hears from the loss, not only the chosen one


def test_select_head_takes_the_candidate_of_the_best_score():
    head = SelectHead(4, 5, temperature=0.25)
    candidates, scores, chosen = head(torch.randn(1, 4, 6, 6), torch.randn(1, 5, 3, 6, 6))
    for y in range(6):
        for x in range(6):
            best = scores[0, :, y, x].argmax()
            assert torch.equal(chosen[0, :, y, x], candidates[0, best, :, y, x])


def test_a_head_start_is_what_the_untrained_head_prefers():
    torch.manual_seed(0)
    plain, started = (SelectHead(4, 9, temperature=0.25, head_start=start) for start in (None, 4))
    started.load_state_dict(plain.state_dict() | {"prior": started.prior})
    features, candidates = torch.randn(1, 4, 6, 6), torch.randn(1, 9, 3, 6, 6)
    more = started(features, candidates).scores - plain(features, candidates).scores
    assert torch.allclose(more[:, 4], torch.tensor(1.0)) and (more.argmax(dim=1) == 4).all()


def test_mix_head_blends_colors_around_a_pixel_and_no_others():
    head = MixHead(4)
    features, image = torch.randn(1, 4, 20, 20), torch.zeros(1, 3, 20, 20)
    assert torch.allclose(head(features, image + 0.3), torch.tensor(0.3))  # flat stays flat
    image[..., 10, 10] = 1
    reached = head(features, image)[0, 0].nonzero()
    assert sorted({y for y, _ in reached.tolist()}) == [6, 8, 10, 12, 14] and len(reached) == 25
    with torch.no_grad():
        head.prior[12] = 100  # all weight on the pixel itself
    assert torch.allclose(head(features, image), image)
