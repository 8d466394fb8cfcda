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
"""

from lds.geography.classification import Classification
from lds.geography.common import coarser_areas, common_areas, common_areas_of_codes
from lds.geography.conversion import Conversion, convert, convert_frame
from lds.geography.names import match_names, name_keys
from lds.geography.register import Register
from lds.geography.row_segments import split_rows
from lds.geography.sensitivity import compare_weights
from lds.geography.streaming import convert_file, convert_rows
from lds.geography.table_vintage import classify
from lds.geography.translation import history, links, not_convertible, predecessors, translate
from lds.geography.weights import Weights, area_weights, lsoa_weights, population_weights

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
