"""What is captured, what tracking a cell would record, and what works here, on the wire."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from nbship.model.preview import Captured, PreviewParameter

__all__ = [
    "CaptureJson",
    "CheckJson",
    "DoctorJson",
    "PreviewCellJson",
    "PreviewJson",
    "PreviewRequestJson",
    "SettingJson",
    "TourJson",
    "TourRequestJson",
]


class SettingJson(TypedDict):
    """A setting, without its passwords, and where its value came from."""

    name: str
    value: str
    origin: str


class CaptureJson(TypedDict):
    """What a tracked cell leaves in its run, and every setting of the project."""

    tracking_uri: str
    experiment: str
    captured: list[Captured]
    settings: list[SettingJson]


class PreviewCellJson(TypedDict):
    """A code cell."""

    source: str
    tags: NotRequired[list[str]]


class PreviewRequestJson(TypedDict):
    """A code cell, and those above it."""

    source: str
    tags: NotRequired[list[str]]
    earlier: NotRequired[list[PreviewCellJson]]


class PreviewJson(TypedDict):
    """What tracking a cell would record; see `nbship.model.preview.CellPreview`."""

    tracked: bool
    problem: str
    parameters: list[PreviewParameter]
    reads: list[str]
    unset: list[str]
    files: list[str]
    writes: list[str]
    metrics: list[str]
    model: str | None
    trained_on: str | None
    needed: list[int]
    secrets: int
    secret_lines: list[int]


class CheckJson(TypedDict):
    """One thing that was looked at; `ok` is null for what is merely not there."""

    name: str
    ok: bool | None
    found: str
    hint: str


class DoctorJson(TypedDict):
    """What works on this machine."""

    healthy: bool
    checks: list[CheckJson]
    settings: list[SettingJson]


class TourRequestJson(TypedDict):
    """The folder into which the tour goes, relative to the server's folder."""

    folder: str


class TourJson(TypedDict):
    """The tour's folder and notebooks, as the panel opens them."""

    folder: str
    notebooks: list[str]
