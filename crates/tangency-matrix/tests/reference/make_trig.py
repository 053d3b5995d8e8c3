"""trig.json, phi.json and near_zero.json."""

import arithmetic as ar
import families
import named_exp
from cases import case_of
from condition import accurate_conditions
from fixtures import matrix, write

TRIGONOMETRIC = ["cos", "sin", "cosh", "sinh", "tanh"]
FAMILIES = [families.normal, families.nonnormal, families.nearly_defective, families.skew, families.graded,
            families.nilpotent, families.badly_scaled, families.complex_normal, families.complex_nonnormal]


def trigonometric_inputs():
    """(name, family, matrix) of moderate norm, and ends of the range."""
    for number, name, _, a, _ in named_exp.exp_cases():
        if number in (1, 2, 3, 7, 9, 10, 11, 13, 14, 16, 18, 30):
            yield name, "named", a
    yield "scalar_1e_10", "named", [[1e-10]]
    yield "tiny", "named", 1e-200 * families.np.ones((3, 3))
    yield "rotation_300", "named", [[0, 300.0], [-300.0, 0]]
    yield "complex_jordan_3", "named", (1 + 2j) * families.np.eye(3) + families.np.eye(3, k=1)
    yield "imaginary_diagonal", "named", [[300j, 1], [0, -300j]]
    rng = families.np.random.default_rng(families.SEED + 3)
    for kind in FAMILIES:
        for k, norm in enumerate((1e-3, 1.0, 30.0)):
            yield f"{kind.__name__}_{k}", kind.__name__, families.scaled(kind(rng, 2 + k), norm)
    for kind in (families.normal, families.nonnormal, families.nearly_defective, families.graded, families.complex_nonnormal):
        yield f"{kind.__name__}_wide", kind.__name__, families.scaled(kind(rng, 8), 100.0)


def trigonometric_entry(name):
    def entry(rows):
        a = ar.exact(rows)
        expected = ar.accurate(lambda: ar.trigonometric(name, a))
        return {"expected": matrix(expected)} | accurate_conditions(a, lambda: ar.trigonometric(name, a, True))

    return entry


def make_trig():
    """Every function for the named matrices, two of the five for each random one."""
    cases = []
    for k, (name, family, a) in enumerate(trigonometric_inputs()):
        chosen = TRIGONOMETRIC if family == "named" else [TRIGONOMETRIC[k % 5], TRIGONOMETRIC[(k + 2) % 5]]
        for function in chosen:
            entry = trigonometric_entry(function)
            cases.append(case_of(f"{function}_{name}", family, a, entry, function=function))
    write("trig", "cos, sin, cosh, sinh, tanh", cases)


def phi_inputs():
    rng = families.np.random.default_rng(families.SEED + 4)
    yield "zero", "named", families.np.zeros((2, 2))
    yield "scalar_minus_1e_5", "named", [[-1e-5]]
    yield "jordan_3_minus_1", "named", named_exp.jordan(-1.0, 3)
    yield "moler_van_loan", "named", [[-49, 24], [-64, 31]]
    yield "nilpotent_6_n4", "named", 6.0 * families.np.eye(4, k=1)
    yield "scalar_minus_50", "named", [[-50.0]]
    for kind in (families.normal, families.nonnormal, families.nearly_defective, families.generator,
                 families.badly_scaled, families.complex_gaussian):
        for k, norm in enumerate((1e-10, 0.3, 5.0, 50.0)):
            yield f"{kind.__name__}_{k}", kind.__name__, families.scaled(kind(rng, 2 + k), norm)


def phi_entry(order):
    def entry(rows):
        a = ar.exact(rows)
        expected = ar.accurate(lambda: ar.phi(a, order))
        return {"expected": matrix(expected)} | accurate_conditions(a, lambda: ar.phi(a, order, True))

    return entry


def make_phi():
    """phi_1 to phi_4 of the named matrices, one or two orders of each random one."""
    cases = []
    for k, (name, family, a) in enumerate(phi_inputs()):
        for order in range(1, 5) if family == "named" else [k % 4 + 1, (k + 2) % 4 + 1]:
            cases.append(case_of(f"phi_{order}_{name}", family, a, phi_entry(order), f32=k % 2 == 0, order=order))
    write("phi", "phi_order(A) = sum_k A^k/(k + order)!", cases)


def expm1_entry(rows):
    a = ar.exact(rows)

    def with_kron():
        x, k = ar.exp_kron(a)
        return x - ar.identity(a), k

    expected = ar.accurate(lambda: ar.exp(a) - ar.identity(a))
    return {"expected": matrix(expected)} | accurate_conditions(a, with_kron)


def log1p_entry(rows):
    a = ar.exact(rows)
    expected = ar.to_rows(ar.agreed(lambda: ar.log1p(a)))
    return {"expected": matrix(expected)} | accurate_conditions(a, lambda: ar.log1p_kron(a))


def make_near_zero():
    cases = []
    rng = families.np.random.default_rng(families.SEED + 5)
    for kind in (families.normal, families.nonnormal, families.nearly_defective, families.graded, families.nilpotent,
                 families.complex_nonnormal):
        for k, norm in enumerate((1e-12, 1e-8, 1e-3, 0.3)):
            a = families.scaled(kind(rng, 2 + k), norm)
            for function, entry in (("expm1", expm1_entry), ("log1p", log1p_entry)):
                cases.append(case_of(
                    f"{function}_{kind.__name__}_{k}", kind.__name__, a, entry, f32=k % 2 == 0, function=function))
    for function, entry in (("expm1", expm1_entry), ("log1p", log1p_entry)):
        tiny = [[1e-300, 2e-300], [0.0, 3e-310]]
        cases.append(case_of(f"{function}_tiny", "named", tiny, entry, f32=False, function=function))
        cases.append(case_of(f"{function}_jordan", "named", [[0.5, 1e-9], [0, 0.5]], entry, function=function))
    cases.append(case_of("expm1_moler_van_loan", "named", [[-49, 24], [-64, 31]], expm1_entry, function="expm1"))
    write("near_zero", "exp(A) - I and log(I + A)", cases)
