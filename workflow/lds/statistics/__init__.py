"""Estimators: from frames to frames, each with its definition and its source."""
