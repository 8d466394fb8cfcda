"""English local authority districts through time: the area register and the conversion of values.

Usable without the workflow, by anyone with a table of LAD codes::

    from datetime import date
    import polars as pl
    from lds.geography import Register, convert_frame

    register = Register.load()
    table = pl.DataFrame({"code": ["E07000205", "E07000206"], "deaths": [3, 4]})
    done = convert_frame(
        table, register, to=date(2021, 4, 1), kind="count", code="code", values={"value": "deaths"}
    )
    done.table  # East Suffolk, 7, exact
    done.account.totals

Everything but the register is imported when it is first asked for, so that those who need little
wait for little. Inside the project, import from the modules themselves.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from lds.geography.register import Register

if TYPE_CHECKING:
    from lds.geography.classification.row_segments import split_rows
    from lds.geography.classification.table_vintage import classify
    from lds.geography.classification.verdict import Classification
    from lds.geography.common import coarser_areas, common_areas, common_areas_of_codes
    from lds.geography.conversion.engine import Conversion, convert, convert_frame
    from lds.geography.conversion.sensitivity import compare_weights
    from lds.geography.conversion.streaming import convert_file, convert_rows
    from lds.geography.conversion.weights import (
        Weights,
        area_weights,
        lsoa_weights,
        population_weights,
    )
    from lds.geography.names import match_names, name_keys
    from lds.geography.translation import history, links, not_convertible, predecessors, translate

__all__ = [
    "Classification",
    "Conversion",
    "Register",
    "Weights",
    "area_weights",
    "classify",
    "coarser_areas",
    "common_areas",
    "common_areas_of_codes",
    "compare_weights",
    "convert",
    "convert_file",
    "convert_frame",
    "convert_rows",
    "history",
    "links",
    "lsoa_weights",
    "match_names",
    "name_keys",
    "not_convertible",
    "population_weights",
    "predecessors",
    "split_rows",
    "translate",
]

_MODULES = {
    "classification.row_segments": ("split_rows",),
    "classification.table_vintage": ("classify",),
    "classification.verdict": ("Classification",),
    "common": ("coarser_areas", "common_areas", "common_areas_of_codes"),
    "conversion.engine": ("Conversion", "convert", "convert_frame"),
    "conversion.sensitivity": ("compare_weights",),
    "conversion.streaming": ("convert_file", "convert_rows"),
    "conversion.weights": ("Weights", "area_weights", "lsoa_weights", "population_weights"),
    "names": ("match_names", "name_keys"),
    "translation": ("history", "links", "not_convertible", "predecessors", "translate"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import what is asked for by name, once."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = found
    return found
