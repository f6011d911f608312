"""Tells results how they look; importing it is enough."""

from __future__ import annotations

from nbship.display.comparison_page import comparison_bundle, comparison_page
from nbship.display.comparison_text import comparison_text
from nbship.display.drift_page import drift_bundle, drift_page, selfcheck_bundle, selfcheck_page
from nbship.display.drift_text import drift_text, selfcheck_text
from nbship.display.image_page import (
    image_bundle,
    image_page,
    served_bundle,
    served_page,
    services_bundle,
    services_page,
)
from nbship.display.image_text import image_text, served_text, services_text
from nbship.display.profile_page import profile_bundle, profile_page, profile_text
from nbship.display.runs_comparison_page import runs_comparison_bundle, runs_comparison_page
from nbship.display.runs_comparison_text import runs_comparison_text
from nbship.model.comparison import Comparison, RunsComparison
from nbship.model.drift import DriftReport, SelfCheck
from nbship.model.image import PackagedImage, ServedModel, ServedModels
from nbship.model.profile import Profile
from nbship.model.shown import Look, shown_with

__all__: list[str] = []

shown_with(DriftReport, Look(drift_text, drift_page, drift_bundle))
shown_with(SelfCheck, Look(selfcheck_text, selfcheck_page, selfcheck_bundle))
shown_with(Profile, Look(profile_text, profile_page, profile_bundle))
shown_with(Comparison, Look(comparison_text, comparison_page, comparison_bundle))
shown_with(RunsComparison, Look(runs_comparison_text, runs_comparison_page, runs_comparison_bundle))
shown_with(PackagedImage, Look(image_text, image_page, image_bundle))
shown_with(ServedModel, Look(served_text, served_page, served_bundle))
shown_with(ServedModels, Look(services_text, services_page, services_bundle))
