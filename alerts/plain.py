"""What was learned as bytes, and back: numbers, words, arrays and the records named here, and nothing else.

It is written with pickle, whose format can name whatever Python can import and have it called. Here a name
stands only for one of the records below, and reading it puts values into such a record: whoever writes such
bytes into the archive runs nothing by it.
"""

import io
import pickle
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from alerts.backlog import Backlog
from alerts.departure import Departure, Turn, Went
from alerts.dispersion import Dispersion
from alerts.fleet import Known, Prior
from alerts.forecast import Forecast
from alerts.forecast import Mark as Place
from alerts.hourly import Hourly
from alerts.nights import Nights
from alerts.onset import Onset, Window
from alerts.pauses import Pauses
from alerts.peaks import Peaks
from alerts.pooled import Pooled
from alerts.pulse import Pulse
from alerts.scan import Scan
from alerts.strand import Strand
from alerts.tail import Tail
from alerts.temper import Temper
from alerts.uneven import Uneven
from domain.finding import Kind

#: Records whose fields are all there is to them.
RECORDS: tuple[type, ...] = (
    Backlog, Departure, Dispersion, Hourly, Known, Nights, Onset, Pauses, Peaks, Pooled, Prior, Pulse, Scan,
    Tail, Temper, Turn, Uneven, Window,
)  # fmt: skip
_FIELDS: Mapping[type, tuple[str, ...]] = {kind: tuple(kind.__slots__) for kind in RECORDS}  # type: ignore[attr-defined]  # all of them have slots
#: Those that are made by calling them.
_MADE: tuple[type, ...] = (Strand, Place, Kind, Went, Forecast)
_ARRAYS = frozenset({"<f8", "<f4", "<u2", "|u1"})
_PROTOCOL = 5
#: No part unpacks to more than this, whatever it claims.
MOST = 256 << 20


class Unreadable(Exception):
    """These bytes hold nothing that was learned, or it is damaged."""


def packed(value: object) -> bytes:
    """Write down what was learned. Within one value, what is shared stays shared."""
    out = io.BytesIO()
    _Writer(out, _PROTOCOL).dump(value)
    return zlib.compress(out.getbuffer(), 1)


def unpacked(content: bytes) -> Any:
    """The way back; raises `Unreadable` for whatever `packed` has not written."""
    try:
        unzip = zlib.decompressobj()
        plain = unzip.decompress(content, MOST)
        if not unzip.eof:
            raise Unreadable("it is cut, or larger than anything that was learned")
        return _Reader(io.BytesIO(plain)).load()
    except Unreadable:
        raise
    except Exception as error:  # bytes that are damaged fail in as many ways as there are
        raise Unreadable(f"it cannot be read: {type(error).__name__}") from error


class _Writer(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if (fields := _FIELDS.get(kind)) is not None:
            return kind, tuple(getattr(obj, name) for name in fields)
        if kind is np.ndarray and obj.dtype.str in _ARRAYS and obj.ndim == 1:
            return np.ndarray, (obj.dtype.str, obj.tobytes())
        if kind is Strand or kind is Place:
            return kind, tuple(obj)
        if kind is deque:
            return deque, (list(obj), obj.maxlen)
        if kind is Forecast:
            return obj.__reduce__()
        if kind is Kind or kind is Went:
            return kind, (obj.value,)
        if isinstance(obj, np.floating):
            return float, (float(obj),)
        if isinstance(obj, np.integer):
            return int, (int(obj),)
        if isinstance(obj, np.bool_):
            return bool, (bool(obj),)
        if isinstance(obj, type) and _name(obj) in _MAKERS:
            return NotImplemented  # written by its name
        raise pickle.PicklingError(f"{kind.__name__} is nothing that is put away as learned")


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        maker = _MAKERS.get((module, name))
        if maker is None:
            raise Unreadable(f"it names {module}.{name}, which was never learned")
        return maker

    def persistent_load(self, pid: Any) -> NoReturn:
        raise Unreadable("it refers to something outside of it")


class _Maker:
    """Stands for a class while reading: it can be called, and nothing else can be done with it."""

    __slots__ = ("_make",)
    _make: Callable[..., object]

    def __init__(self, make: Callable[..., object]) -> None:
        object.__setattr__(self, "_make", make)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise Unreadable("it changes what it is read with")

    def __call__(self, *values: object) -> object:
        return self._make(*values)


def _record(kind: type) -> Callable[..., object]:
    fields = _FIELDS[kind]

    def make(*values: object) -> object:
        if len(values) != len(fields):
            raise Unreadable(f"{kind.__name__} has other fields")
        made: object = object.__new__(kind)
        for name, value in zip(fields, values, strict=True):
            object.__setattr__(made, name, value)
        return made

    return make


def _array(kind: str, content: bytes) -> NDArray[Any]:
    if kind not in _ARRAYS:
        raise Unreadable("an array of something else than numbers")
    return np.frombuffer(content, kind).copy()


def _name(kind: type) -> tuple[str, str]:
    return kind.__module__, kind.__qualname__


_MAKERS: Mapping[tuple[str, str], _Maker] = {
    **{_name(kind): _Maker(_record(kind)) for kind in RECORDS},
    **{_name(kind): _Maker(kind) for kind in (*_MADE, float, int, bool)},
    _name(np.ndarray): _Maker(_array),
    _name(deque): _Maker(lambda items, most: deque(items, most)),
}
