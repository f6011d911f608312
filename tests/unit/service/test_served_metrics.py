"""What is read from the metrics of a server."""

from __future__ import annotations

import math

import pytest

from images import HOSTILE
from nbship.model.served_reading import Latencies
from nbship.service.served_drift import LEAST_ROWS, read_metrics, standing
from nbship.service.served_metrics import reading_in, samples

TEXT = """\
# HELP nbship_requests_total Answered requests.
nbship_requests_total{code="200",protocol="mlflow",route="/invocations"} 7.0
nbship_requests_total{code="400",protocol="v2",route="/v2/models/{name}/infer"} 2.0
nbship_requests_total{code="503",protocol="mlflow",route="/invocations"} 1.0
nbship_requests_total{code="503",protocol="v2",route="/v2/health/ready"} 99.0
nbship_requests_total{code="200",protocol="",route="/metrics"} 50.0
nbship_request_duration_seconds_bucket{le="0.01",protocol="mlflow"} 5.0
nbship_request_duration_seconds_bucket{le="0.1",protocol="mlflow"} 8.0
nbship_request_duration_seconds_bucket{le="+Inf",protocol="mlflow"} 8.0
nbship_request_duration_seconds_bucket{le="0.01",protocol="v2"} 1.0
nbship_request_duration_seconds_bucket{le="0.1",protocol="v2"} 1.0
nbship_request_duration_seconds_bucket{le="+Inf",protocol="v2"} 2.0
nbship_request_duration_seconds_sum{protocol="mlflow"} 0.5
nbship_in_flight 3.0
process_start_time_seconds 1.0e+03
process_resident_memory_bytes 1.5e+08
nbship_predictions_total{value="a \\"b\\"\\\\ c"} 4.0
nbship_feature_drift{feature="x",statistic="jensen_shannon"} 0.3
nbship_feature_drift{feature="y",statistic="jensen_shannon"} NaN
nbship_drift_window_rows 250.0
nbship_wrong much
python_gc_objects_collected_total{generation="0"} 907.0
"""


def test_a_reading_counts_requests_of_predictions_only():
    reading = reading_in("s", TEXT, 1_060_000)
    assert (reading.requests, reading.errors, reading.refused, reading.in_flight) == (10, 1, 2, 3)
    assert (reading.uptime_seconds, reading.memory_bytes) == (60.0, 150_000_000)
    assert reading.predictions == {'a "b"\\ c': 4}
    assert reading.latencies == Latencies((0.01, 0.1), (6, 3, 1), 0.5)


def test_what_is_no_number_is_left_out():
    assert {sample.name for sample in samples(TEXT)} >= {"nbship_in_flight"}
    assert all(math.isfinite(sample.value) for sample in samples(TEXT))
    assert "y" not in [column.name for column in read_metrics("s", TEXT).columns]


@pytest.mark.parametrize(
    ("share", "seconds"), [(0.5, 0.01 * 5 / 6), (0.6, 0.01), (0.9, 0.1), (0.99, 0.1), (0.0, 0.0)]
)
def test_quantiles_lie_within_their_bins(share, seconds):
    assert Latencies((0.01, 0.1), (6, 3, 1)).quantile(share) == pytest.approx(seconds)


def test_without_requests_there_is_no_quantile():
    assert Latencies().quantile(0.5) is None
    assert Latencies((0.1,), (0, 0)).quantile(0.99) is None


def test_columns_are_judged_only_with_enough_rows():
    lines = ['nbship_feature_drift{feature="far",statistic="jensen_shannon"} 0.5']
    lines += ['nbship_feature_drift{feature="near",statistic="jensen_shannon"} 0.01']
    lines += ['nbship_feature_missing_ratio{feature="none"} 0.5']
    for rows, states in ((LEAST_ROWS, ("far", "near", "unknown")), (LEAST_ROWS - 1, ("few",) * 3)):
        drift = read_metrics("s", "\n".join([*lines, f"nbship_drift_window_rows {rows}.0"]))
        assert standing(drift) == dict(zip(("far", "near", "none"), states, strict=True))


def test_an_odd_name_stays_text():
    line = (
        f'nbship_feature_drift{{feature="{HOSTILE.replace(chr(34), chr(92) + chr(34))}",statistic="ks"}} 0.5'
    )
    assert [column.name for column in read_metrics("s", line).columns] == [HOSTILE]
