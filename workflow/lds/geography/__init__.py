"""English local authority districts through time: the area register and code translation."""

from lds.geography.names import name_keys
from lds.geography.register import Register
from lds.geography.translation import history, not_convertible, predecessors, translate

__all__ = [
    "Register",
    "history",
    "name_keys",
    "not_convertible",
    "predecessors",
    "translate",
]
