from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from nbship.model.bundle import Bundle, InputColumn, ModelFormat
from nbship.serving.live_drift import LiveDrift
from nbship.serving.metrics import Metrics

BUNDLE = Bundle(
    "iris", "r1", ModelFormat.SKOPS, "m", "d1", inputs=(InputColumn("a", "double"),), model_version="2"
)


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        (sample.name, *(f"{key}={value}" for key, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_requests_are_counted_by_route_protocol_and_code():
    metrics = Metrics()
    for code in (200, 200, 400):
        metrics.answered("/invocations", "mlflow", code)
    metrics.refused(["type", "type", "range"])
    metrics.took("v2", 0.003)
    metrics.told_truth(4)
    found = samples(metrics)
    assert found["nbship_requests_total", "code=200", "protocol=mlflow", "route=/invocations"] == 2
    assert found["nbship_requests_total", "code=400", "protocol=mlflow", "route=/invocations"] == 1
    assert found["nbship_validation_errors_total", "reason=type"] == 2
    assert found["nbship_request_duration_seconds_bucket", "le=0.005", "protocol=v2"] == 1
    assert found["nbship_request_duration_seconds_bucket", "le=0.0025", "protocol=v2"] == 0
    assert found["nbship_feedback_total",] == 4


def test_labels_are_counted_and_numbers_put_into_buckets():
    metrics = Metrics()
    model = metrics.tell_model(BUNDLE, LiveDrift(BUNDLE, None), None)
    model.answered(["yes", "yes", "no", True, 3, None, [1, 2], 0.3, -5.0, float("nan"), float("inf")])
    found = samples(metrics)
    counted = {key[1]: value for key, value in found.items() if key[0] == "nbship_predictions_total"}
    assert counted == {"value=yes": 2, "value=no": 1, "value=True": 1, "value=3": 1}
    assert found["nbship_prediction_value_bucket", "le=+Inf"] == 3
    assert found["nbship_prediction_value_bucket", "le=0.0"] == 1
    assert found["nbship_prediction_value_bucket", "le=0.5"] == 2


def test_labels_are_bounded():
    metrics = Metrics()
    model = metrics.tell_model(BUNDLE, LiveDrift(BUNDLE, None), None)
    model.answered([f"{number}-{'x' * 500}" for number in range(1000)])
    counted = {
        key[1]: value for key, value in samples(metrics).items() if key[0] == "nbship_predictions_total"
    }
    assert len(counted) == 51
    assert counted["value=other"] == 950
    assert max(map(len, counted)) < 100


def test_the_model_is_named():
    metrics = Metrics()
    metrics.tell_model(BUNDLE, LiveDrift(BUNDLE, None), None)
    info = next(key for key in samples(metrics) if key[0] == "nbship_model_info")
    assert {"name=iris", "version=2", "run_id=r1", "digest=d1"} <= set(info)


def test_two_servers_in_one_process_do_not_share_their_counts():
    first, second = Metrics(), Metrics()
    first.told_truth(1)
    assert samples(second)["nbship_feedback_total",] == 0
