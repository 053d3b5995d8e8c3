"""principal_random.json and trig_random.json: random matrices, several functions of each.

A case has, beside its input, an object for each function with `expected`, `cond` and, where single precision can hold
them, `f32` with the same two for the input rounded to f32; there `expected` has 12 digits.
"""

import families
from cases import as_rows, fits_f32, to_f32
from fixtures import matrix, write
from make_log import log_entry, sqrt_entry
from make_trig import trigonometric_entry

SINGLE_DIGITS = 12


def shortened(x):
    return [shortened(y) for y in x] if isinstance(x, list) else float(f"{x:.{SINGLE_DIGITS}g}")


def value_of(rows, entry):
    """`expected` and `cond` alone; None where the function is not defined or its condition is not finite."""
    try:
        found = entry(rows)
    except ValueError:
        return None
    return {key: found[key] for key in ("expected", "cond")} if found["cond"] is not None else None


def case_of(name, family, a, entries):
    rows = as_rows(a)
    case = {"name": name, "family": family, "n": len(rows), "complex": isinstance(rows[0][0], complex), "a": matrix(rows)}
    single = to_f32(rows)
    for function, entry in entries.items():
        value = value_of(rows, entry)
        if value is None:
            raise ValueError(f"{name}: no {function}")
        twin = None if single is None else value_of(single, entry)
        if twin is not None and fits_f32(twin["expected"]):
            value["f32"] = {"expected": shortened(twin["expected"]), "cond": shortened(twin["cond"])}
        case[function] = value
    return case


def make_principal_random():
    entries = {"log": log_entry, "sqrt": sqrt_entry}
    cases = [case_of(name, family, a, entries) for name, family, a in families.principal_matrices()]
    write("principal_random", "logarithm and square root of random matrices; seeds in families.py", cases)


def make_trig_random():
    entries = {"sin": trigonometric_entry("sin"), "cos": trigonometric_entry("cos")}
    cases = [case_of(name, family, a, entries) for name, family, a in families.trigonometric_matrices()]
    write("trig_random", "sine and cosine of random matrices; seeds in families.py", cases)
