"""One case of a fixture file: the input, what a function gives for it, and its single-precision twin."""

import math

import numpy as np

from fixtures import matrix


def as_rows(a):
    """Rows of Python floats or complex numbers."""
    a = np.asarray(a)
    kind = complex if np.iscomplexobj(a) else float
    return [[kind(x) for x in row] for row in a]


def to_f32(rows):
    """The rows rounded to single precision, or None if that overflows or loses a nonzero entry."""
    a = np.array(rows)
    with np.errstate(over="ignore", under="ignore"):
        b = a.astype(np.complex64 if np.iscomplexobj(a) else np.float32)
    if not np.isfinite(b).all() or np.any((b == 0) & (a != 0)):
        return None
    return as_rows(b.astype(a.dtype))


def fits_f32(rows):
    """Whether the values and their sums are in the range of single precision."""
    return all(math.hypot(*x) < 1e37 if isinstance(x, list) else abs(x) < 1e37 for row in rows for x in row)


def single_twin(rows, case, entry, keys=("expected", "cond")):
    """What `entry` gives under `keys` at the input rounded to f32, or None where that makes no test."""
    single = to_f32(rows)
    if single is None:
        return None
    if single == rows:
        twin, out = case, {k: case[k] for k in keys if not isinstance(case[k], list)}
    else:
        try:
            twin = out = {k: v for k, v in entry(single).items() if k in keys}
        except ValueError:  # rounding moved an eigenvalue to where the function is not defined
            return None
    return out if twin["cond"] is not None and fits_f32(twin["expected"]) else None


def case_of(name, family, a, entry, f32=True, **more):
    """The case of input `a`; `entry(rows)` returns a dictionary with `expected` and `cond`."""
    rows = as_rows(a)
    case = {"name": name, "family": family, "n": len(rows), "complex": isinstance(rows[0][0], complex)}
    case |= {k: v for k, v in more.items() if v is not None}
    case |= {"a": matrix(rows)} | entry(rows)
    twin = single_twin(rows, case, entry) if f32 else None
    if twin is not None:
        case["f32"] = twin
    return case
