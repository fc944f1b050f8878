"""Requests that schemathesis makes of the OpenAPI description: answered as it says, never a 5xx."""

import pytest
from hypothesis import HealthCheck, Phase, errors, given, settings, strategies as st

from tests.make import drawing
from tests.studio.conftest import png

schemathesis = pytest.importorskip("schemathesis")
server = pytest.importorskip("pixelization.studio.server")

MODES = schemathesis.GenerationMode
PICTURE = png(drawing(12, 8))
HOST = {"host": "localhost:8420"}
FEW = settings(
    max_examples=5,  # requests of a route
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [MODES.POSITIVE, MODES.NEGATIVE])
def test_every_answer_is_as_described(workshop, mode):
    """To requests as described, and to others."""
    app = server.build_app(workshop)
    description = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=HOST)
    asked = set()

    def ask(case, known):
        key = workshop.pictures.add(PICTURE, "drawing.png").key
        if known:  # mostly, the picture that is there is meant
            mean(case, key)
        answer = case.call(headers=HOST)
        assert answer.status_code < 500, answer.text
        description[case.operation.path][case.operation.method].validate_response(answer)
        asked.add(case.operation.path)

    for result in description.get_all_operations():
        case = result.ok().as_strategy(generation_mode=mode)
        try:
            FEW(given(case=case, known=st.integers(0, 9))(ask))()
        except errors.Unsatisfiable:
            assert mode == MODES.NEGATIVE  # nothing of this route can be wrong
    assert {"/api/sprites", "/api/files", "/api/palettes/picture"} <= asked


def mean(case, key):
    """Have a request be about a picture."""
    if case.path_parameters and "key" in case.path_parameters:
        case.path_parameters["key"] = key
    for name, value in (("picture", key), ("pictures", [key])):
        if isinstance(case.body, dict) and name in case.body:
            case.body[name] = value
