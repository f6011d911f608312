"""Drift: statistics and decisions; tables or profiles in, `nbship.model.drift` out."""
