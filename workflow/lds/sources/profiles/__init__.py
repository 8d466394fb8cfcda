"""Source profiles: what a staged source holds, and what changed since the profile before.

Not to be confused with disclosure profiles (`lds.disclosure.profiles`).
"""
