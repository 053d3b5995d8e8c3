"""log.json, sqrt.json, power.json, root.json and sign.json."""

import math

from flint import acb, arb

import arithmetic as ar
import families
import named_log
from cases import as_rows, case_of
from condition import accurate_conditions
from fixtures import matrix, write

POWERS = [1 / 3, -0.5, 2.5, -3.7, 0.1]
ROOTS = [3, 5, 7]


def check_off_axis(rows):
    for z in ar.eigenvalues(ar.exact(rows)):
        if not (abs(z) > 0 and (z.real > 0 or abs(z.imag) > 1e-13 * abs(z))):
            raise ValueError(f"eigenvalue {z} on the closed negative axis")


def entry_of(plain, with_kron):
    """entry(rows) for a function that iterates on midpoints."""

    def entry(rows):
        check_off_axis(rows)
        a = ar.exact(rows)
        expected = ar.to_rows(ar.agreed(lambda: plain(a)))
        return {"expected": matrix(expected)} | accurate_conditions(a, lambda: with_kron(a))

    return entry


log_entry = entry_of(ar.log, ar.log_kron)
sqrt_entry = entry_of(ar.sqrt, ar.sqrt_kron)


def on_the_axis(rows, function):
    """The principal value with eigenvalues on the negative axis taken as limits from above.

    The matrix is turned by -1/4 first, so that nothing is on the axis: log A = log(e^(-i/4) A) + i/4.
    """

    def compute():
        a = ar.as_complex(ar.exact(rows))
        angle = arb(0.25)
        turned = a * acb(0, -angle).exp()
        if function == "log":
            return ar.log(turned) + ar.identity(turned) * acb(0, angle)
        return ar.sqrt(turned) * acb(0, angle / 2).exp()

    return ar.to_rows(ar.agreed(compute))


NOT_CONTINUOUS = "the function is not continuous here: an eigenvalue on the negative axis, limit from above"


def failing_case(function, number, name, source, a, kind, eigenvalue):
    rows = as_rows(a)
    case = {"name": name, "family": "named", "n": len(rows), "complex": isinstance(rows[0][0], complex)}
    case |= {} if number is None else {"number": number}
    case |= {"source": source, "a": matrix(rows)}
    singular_sqrt = function == "sqrt" and kind == "singular"
    if singular_sqrt and name in SINGULAR_ROOTS:
        expected = [[float(x) for x in row] for row in SINGULAR_ROOTS[name]]
        return case | {"expected": expected, "cond": None, "note": "singular: the derivative does not exist"}
    if singular_sqrt and name == "complex_singular":
        # a projector times i
        root = complex(math.sqrt(0.5), math.sqrt(0.5))
        expected = [[0j, 0j], [root, root]]
        return case | {"expected": matrix(expected), "cond": None, "note": "singular: the derivative does not exist"}
    case["error"] = {"kind": "no_square_root" if singular_sqrt else kind, "eigenvalue": eigenvalue}
    if kind == "negative_eigenvalue" and function in ("log", "sqrt"):
        case |= {"expected": matrix(on_the_axis(rows, function)), "cond": None, "note": NOT_CONTINUOUS}
    return case


# Each is a multiple of a projector, or diagonal.
SINGULAR_ROOTS = {
    "zeros_3": [[0] * 3] * 3,
    "ones_4": [[0.5] * 4] * 4,
    "diag_2_1_0": [[math.sqrt(2), 0, 0], [0, 1, 0], [0, 0, 0]],
    "rank_1_corner": [[math.sqrt(0.5), 0, 0, math.sqrt(0.5)], [0] * 4, [0] * 4, [math.sqrt(0.5), 0, 0, math.sqrt(0.5)]],
}


def all_inputs():
    """(name, family, matrix, number, source) of the matrices that have a principal logarithm."""
    for number, name, source, a in named_log.log_cases():
        yield name, "named", a, number, source
    for name, family, a in families.log_matrices():
        yield name, family, a, None, None


def make_inverse(function, entry, what):
    cases = []
    for k, (name, family, a, number, source) in enumerate(all_inputs()):
        try:
            single = family == "named" or k % 2 == 0
            cases.append(case_of(name, family, a, entry, f32=single, number=number, source=source))
        except ValueError as error:
            print(f"{function} {name} left out: {error}")
    cases += [failing_case(function, *case) for case in named_log.failing_cases()]
    write(function, what, cases)


def make_log():
    make_inverse("log", log_entry, "principal logarithm, and matrices that have none")


def make_sqrt():
    make_inverse("sqrt", sqrt_entry, "principal square root, and matrices that have none")


def power_entry(p):
    """Powers with the exponent a ball, computed anew at each precision."""
    return entry_of(lambda a: ar.power(a, p()), lambda a: ar.power_kron(a, p()))


def small_inputs():
    out_of_range = ("experiment_1", "scalar_1e300", "scalar_1e_100")
    return [case for case in all_inputs() if len(case[2]) <= 4 and case[0] not in out_of_range]


def make_power():
    cases = []
    for k, (name, family, a, _, source) in enumerate(small_inputs()[::2]):
        p = POWERS[k % len(POWERS)]
        entry = power_entry(lambda p=p: arb(p))
        cases.append(case_of(f"{name}_{k}", family, a, entry, f32=k % 2 == 0, p=p, source=source))
    for case in named_log.failing_cases()[:2]:
        cases.append(failing_case("power", *case) | {"p": 1 / 3})
    write("power", "principal power A^p, p the double given", cases)


def make_root():
    cases = []
    for k, (name, family, a, _, source) in enumerate(small_inputs()[1::4]):
        order = ROOTS[k % len(ROOTS)]
        entry = power_entry(lambda order=order: arb(1) / order)
        cases.append(case_of(f"{name}_{k}", family, a, entry, f32=k % 2 == 0, order=order, source=source))
    write("root", "principal root A^(1/order)", cases)


def sign_inputs():
    rng = families.np.random.default_rng(families.SEED + 2)
    yield "defective_4", "named", named_log.DEFECTIVE_4
    yield "swap", "named", [[0, 1], [1, 0]]
    yield "large_coupling", "named", [[1, 1e6], [0, -1]]
    yield "wide", "named", [[1e-8, 1], [0, -1e8]]
    for kind in (families.normal, families.nonnormal, families.nearly_defective, families.badly_scaled,
                 families.complex_gaussian):
        for k in range(4):
            yield f"{kind.__name__}_{k}", kind.__name__, kind(rng, 2 + k)


def sign_entry(rows):
    a = ar.exact(rows)
    for z in ar.eigenvalues(a):
        if abs(z.real) <= 1e-13 * abs(z):
            raise ValueError(f"eigenvalue {z} on the imaginary axis")
    expected = ar.to_rows(ar.agreed(lambda: ar.sign(a)))
    found = accurate_conditions(a, lambda: ar.sign_kron(a))
    if found["cond"] < 1e-100:  # sign is I or -I near by: the derivative is 0
        found = dict.fromkeys(found, 0.0)
    return {"expected": matrix(expected)} | found


def make_sign():
    cases = []
    for k, (name, family, a) in enumerate(sign_inputs()):
        try:
            cases.append(case_of(name, family, a, sign_entry, f32=k % 2 == 0))
        except ValueError as error:
            print(f"sign {name} left out: {error}")
    for name, a, z, note in (
        ("quarter_turn", [[0, 1], [-1, 0]], [0.0, 1.0], "eigenvalues i and -i"),
        ("zero", [[0, 0], [0, 0]], [0.0, 0.0], "eigenvalue 0"),
        ("nils_7", named_log.NILS_7, [0.0, 0.0], "eigenvalue 0"),
        ("nils_5", named_log.NILS_5, [0.0, 1.0], "eigenvalues -1.8e-15 +- i: on the axis but for rounding"),
    ):
        rows = as_rows(a)
        cases.append({"name": name, "family": "named", "n": len(rows), "complex": False, "a": matrix(rows),
                      "error": {"kind": "imaginary_eigenvalue", "eigenvalue": z}, "note": note})
    write("sign", "matrix sign, and matrices with an eigenvalue on the imaginary axis", cases)
