from __future__ import annotations

from nbship.model.image import ServedModel
from nbship.service.served_drift import read_metrics, served_drift

TEXT = """\
# HELP nbship_feature_drift Distance of the newest rows from what the model learnt from.
# TYPE nbship_feature_drift gauge
nbship_feature_drift{feature="near",statistic="jensen_shannon"} 0.02
nbship_feature_drift{feature="a \\"quoted\\" {name}\\nin two",statistic="jensen_shannon"} 0.61
nbship_feature_drift{feature="a \\"quoted\\" {name}\\nin two",statistic="psi"} 1.5
nbship_feature_missing_ratio{feature="near"} 0.25
nbship_prediction_drift{statistic="jensen_shannon"} 0.1
nbship_drift_window_rows 640.0
"""


def test_the_farthest_column_comes_first():
    found = read_metrics("iris", TEXT)
    assert [column.name for column in found.columns] == ['a "quoted" {name}\nin two', "near"]
    assert found.columns[0].distances == {"jensen_shannon": 0.61, "psi": 1.5}
    assert found.columns[1].missing == 0.25
    assert (found.rows, found.prediction, found.problem) == (640, {"jensen_shannon": 0.1}, "")


def test_a_server_without_a_profile_says_so():
    assert "no profile" in read_metrics("iris", "nbship_ready 1.0\n").problem


def test_a_server_that_does_not_answer_says_so():
    dead = ServedModel("iris", "process", "http://127.0.0.1:9", "ready", "r")
    (found,) = served_drift((dead,))
    assert found.problem.startswith("its metrics cannot be read")


def test_only_services_that_are_ready_are_asked():
    assert served_drift((ServedModel("iris", "process", "http://127.0.0.1:9", "failed", "r"),)) == ()
