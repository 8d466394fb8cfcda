"""JSON Schema checks with messages for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError


def key_path(error: ValidationError) -> str:
    """Return the place of a validation error as ``a.b[0].c``."""
    text = ""
    for part in error.absolute_path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text or "(top level)"


def _sentence(error: ValidationError) -> str:
    schema: Any = error.schema
    value: Any = error.validator_value
    if error.validator == "additionalProperties":
        known = sorted(schema.get("properties", {}))
        instance: Any = error.instance
        unknown = sorted(set(instance) - set(known))
        parts = []
        for key in unknown:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; known keys: {', '.join(known)}"
            parts.append(f"unknown key '{key}'{hint}")
        return " / ".join(parts)
    if error.validator == "enum":
        choices = ", ".join(str(choice) for choice in value)
        return f"{error.instance!r} is not one of: {choices}"
    if error.validator == "pattern" and schema.get("description"):
        return f"{error.instance!r} does not fit: {schema['description']}"
    return str(error.message)


def problems(instance: Any, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each problem of `instance` under `schema` as (place, sentence), in order of place."""
    validator = Draft202012Validator(schema)
    for error in sorted(validator.iter_errors(instance), key=lambda each: key_path(each)):
        yield key_path(error), _sentence(error)
