"""Synthetic stand-ins: made files in the shape of the real ones, from a seed, marked as made."""
