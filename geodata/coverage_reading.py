"""What a coverage reads from its frames of households and facilities, and labels it gives back."""

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from geodata.errors import Fault, GeodataError
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Bools, Floats, Ints, flags
from geodata.street_profiles import numbers


def placed(
    network: Network, households: pd.DataFrame, max_metres: float, homes: Places | None
) -> Places:
    """Give where households meet the streets, or what is known of it.

    Raises
    ------
    GeodataError
        If neither is there, or what is known is of others.
    """
    if homes is None:
        if not isinstance(households, gpd.GeoDataFrame):
            raise GeodataError("households have no points")
        return network.places(households, max_metres)
    if len(homes) != len(households):
        raise GeodataError(f"{len(homes)} places for {len(households)} households")
    return homes


def check_labels(facilities: gpd.GeoDataFrame) -> None:
    """Raise GeodataError if labels repeat: an answer could not name its facility."""
    repeated = facilities.index[facilities.index.duplicated()].unique()
    if len(repeated):
        raise GeodataError(Fault("the label repeats", label) for label in repeated)


def opened(facilities: gpd.GeoDataFrame) -> Bools:
    """Tell which facilities are open; missing is open."""
    if "open" not in facilities:
        return np.ones(len(facilities), dtype=bool)
    found: Bools = flags(facilities, "open") | facilities["open"].isna().to_numpy()
    return found


def crews(facilities: gpd.GeoDataFrame) -> Ints:
    """Give crews their numbers; a facility whose `crew` is missing or blank has one of its own."""
    own = np.arange(len(facilities), dtype=np.intp)
    if "crew" not in facilities:
        return own
    names = facilities["crew"].astype("string").str.strip().replace("", pd.NA)
    number, _ = pd.factorize(names)
    return np.where(number < 0, len(own) + own, number).astype(np.intp)


def people(households: pd.DataFrame) -> Floats:
    """Read how many people live in each household, 1 each where nothing is said of any.

    Raises
    ------
    GeodataError
        If a number is missing, less than zero or no number; names every row.
    """
    if "people" not in households:
        return np.ones(len(households))
    return _counts(households, "people", missing=None)


def room(facilities: gpd.GeoDataFrame) -> Floats:
    """Read how many people each facility takes in; missing is without limit.

    Raises
    ------
    GeodataError
        If the column is missing, or a number less than zero or no number; names every row.
    """
    if "capacity" not in facilities:
        raise GeodataError([Fault("the column is missing", None, "capacity")])
    return _counts(facilities, "capacity", missing=np.inf)


def _counts(frame: pd.DataFrame, column: str, missing: float | None) -> Floats:
    """Read numbers of people; where `missing` is None one must be there."""
    faults: list[Fault] = []
    read = numbers(frame, column, faults)
    faults += [Fault("less than zero", row, column) for row in frame.index[read < 0]]
    if missing is None:
        gone = frame[column].isna().to_numpy()
        faults += [Fault("the number is missing", row, column) for row in frame.index[gone]]
    if faults:
        raise GeodataError(faults)
    return read if missing is None else np.where(np.isnan(read), missing, read)


def label_order(labels: pd.Index) -> Ints:
    """Return the positions of labels in their order, so that ties go to the lower label."""
    try:
        return np.asarray(labels.argsort(), dtype=np.intp)
    except TypeError:  # labels of several kinds have no order but that of their rows
        return np.arange(len(labels), dtype=np.intp)


def labelled(names: pd.Index, position: Ints) -> ExtensionArray:
    """Return the labels at these positions, `<NA>` for -1."""
    missing = position < 0
    if not len(names):
        return pd.array([pd.NA] * len(position), dtype="Int64")
    labels = names.take(np.where(missing, 0, position))
    if pd.api.types.is_integer_dtype(names.dtype):
        return pd.arrays.IntegerArray(labels.to_numpy(dtype=np.int64, copy=True), missing)
    held = labels.to_numpy(dtype=object, copy=True)
    held[missing] = pd.NA
    if pd.api.types.is_string_dtype(names.dtype):
        return pd.array(held, dtype="string")
    mixed: ExtensionArray = pd.Series(held, dtype=object).array
    return mixed
