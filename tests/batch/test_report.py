"""What a report says as JSON."""

import json

from pixelization.batch.report import FIELDS, JobReport
from pixelization.detection.geometry import Candidate, GridDetection


def test_a_report_without_a_grid_has_no_such_key():
    assert tuple(JobReport("a.png").as_json()) == FIELDS


def test_a_grid_is_told_with_its_runners_up():
    other = Candidate((5.0, 5.0), (-1.0, 0.0), (10, 8), 0.03125)
    grid = GridDetection((4.0, 4.0), (-0.0, -2.0), (12, 10), (48, 40), 0.96875, False, (other,))
    found = json.loads(json.dumps(JobReport("a.png", grid=grid, finds_grid=True).as_json()))
    assert list(found) == [*FIELDS, "grid"]
    assert found["grid"] == {
        "cell": [4, 4],
        "phase": [0, -2],
        "size": [12, 10],
        "confidence": 0.9688,
        "native": False,
        "runners_up": [{"cell": [5, 5], "phase": [-1, 0], "size": [10, 8], "confidence": 0.0312}],
    }
    assert "-0.0" not in json.dumps(found)
