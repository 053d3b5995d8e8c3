"""exp.json and exp_random.json."""

import arithmetic as ar
import families
import named_exp
from condition import accurate_conditions
from fixtures import matrix, write


def exp_entry(rows):
    """expected and conditions for one input."""
    a = ar.exact(rows)
    expected = ar.accurate(lambda: ar.exp(a))
    bits = ar.BITS if a.nrows() <= 12 else ar.BITS // 2
    return {"expected": matrix(expected)} | accurate_conditions(a, lambda: ar.exp_kron(a), bits)


def moduli(rows):
    return [[abs(complex(*x)) if isinstance(x, list) else abs(x) for x in row] for row in rows]


def case_of(name, family, rows, entry, f32=True, **more):
    """A case with its single-precision twin, the same function at the input rounded to f32."""
    rows = named_exp.as_rows(rows)
    case = {"name": name, "family": family, "n": len(rows), "complex": isinstance(rows[0][0], complex)}
    case |= more | {"a": matrix(rows)} | entry(rows)
    single = named_exp.to_f32(rows) if f32 else None
    if single is not None:
        if single == rows:
            twin = {k: case[k] for k in ("expected", "cond")}
        else:
            twin = {k: v for k, v in entry(single).items() if k in ("expected", "cond")}
        if twin.get("cond") is not None and named_exp.fits_f32(moduli(twin["expected"])):
            case["f32"] = {"cond": twin["cond"]} if single == rows else twin
    return case


def make_exp():
    cases = []
    for number, name, source, a, bound in named_exp.exp_cases() + named_exp.more_exp_cases():
        more = {"source": source}
        if number is not None:
            more["number"] = number
        if bound is not None:
            more["bound"] = bound
        cases.append(case_of(name, "named", a, exp_entry, **more))
    write("exp", "exp(A) of named matrices", cases)


def make_exp_random():
    cases = []
    for k, (name, family, a) in enumerate(families.exp_matrices()):
        cases.append(case_of(name, family, a, exp_entry, f32=k % 3 == 0))
    write("exp_random", "exp(A) of random matrices; numpy.random.default_rng(seed in families.py)", cases)
