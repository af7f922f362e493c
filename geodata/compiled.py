"""Compile the inner loops of a search: the only place that knows the compiler."""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays when it is first called.

    The machine code is kept beside the source, in the user's cache or in the folder that
    ``NUMBA_CACHE_DIR`` names, and where none of these can be written it is made anew by every
    process. Arithmetic stays as it is written: the same input gives the same bytes.

    Parameters
    ----------
    function
        Uses only what the compiler knows: loops, numbers, arrays, tuples of them.

    Returns
    -------
    function
        Of the same signature.
    """
    try:
        return cast("Function", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder for the machine code
        return cast("Function", numba.njit(nogil=True)(function))
