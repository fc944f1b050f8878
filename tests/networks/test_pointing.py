"""Both stages together: sizes, transparency, tiles."""

import torch

from pixelization.networks.drawer import DrawNet
from pixelization.networks.lattice import to_lattice
from pixelization.networks.pointer import CellNet
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.refiner import RefineNet


def cascade():
    torch.manual_seed(4)
    net = PointingCascade(
        CellNet(widths=(4, 4), channels=8, dilations=(1,), hidden=4),
        RefineNet(features=8, channels=8, dilations=(1, 2), hidden=4),
        DrawNet(channels=8, dilations=(1,)),
    )
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return net.eval()


def test_any_size_of_picture_and_grid():
    net = cascade()
    for size, grid in (((31, 17), (7, 5)), ((16, 16), (8, 8)), ((300, 200), (3, 2))):
        sprites = net.pixelize(torch.rand(4, *size) * 2 - 1, grid)
        assert sprites.grid.shape == sprites.refined.shape == (1, 4, *grid)


def test_an_opaque_picture_stays_opaque_and_an_empty_one_empty():
    net, picture = cascade(), torch.rand(4, 40, 40)
    picture[3] = 1
    assert (net.pixelize(picture, (10, 10)).refined[:, 3] == 1).all()
    picture[3] = -1
    assert (net.pixelize(picture, (10, 10)).refined[:, 3] == -1).all()


def test_a_tile_with_its_margin_equals_the_whole():
    net = cascade()
    assert net.reach <= 12
    picture = torch.rand(4, 8 * 60, 8 * 60, generator=torch.Generator().manual_seed(1)) * 2 - 1
    whole = net.pixelize(picture, (60, 60)).refined
    tile = net.pixelize(picture[:, 80:400, 80:400], (40, 40)).refined  # from cell 10 to cell 50
    assert torch.equal(tile[..., 12:28, 12:28], whole[..., 22:38, 22:38])


def test_the_first_stage_alone_is_the_grid_twice():
    net, picture = cascade(), torch.rand(4, 40, 40) * 2 - 1
    alone = PointingCascade(net.gridnet, None, net.depixelnet)
    sprites = alone.pixelize(picture, (10, 10))
    assert torch.equal(sprites.grid, sprites.refined)
    assert torch.equal(sprites.grid, net.pixelize(picture, (10, 10)).grid)
    assert alone.reach == net.gridnet.reach < net.reach


def test_the_grid_is_the_first_stage_alone():
    net, picture = cascade(), torch.rand(4, 40, 40) * 2 - 1
    lattice = to_lattice(picture[None], (10, 10))
    alone = net.gridnet(lattice, torch.tensor([4.0])).sprite()
    assert torch.equal(net.pixelize(picture, (10, 10)).grid, alone)
