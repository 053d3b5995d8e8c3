"""frechet.json."""

from flint import arb

import arithmetic as ar
import families
import named_exp
import named_log
from cases import as_rows, single_twin
from condition import accurate_conditions
from fixtures import matrix, write


def trigonometric_pair(name):
    return lambda a: ar.trigonometric(name, a, True)


TWIN = ("value", "expected", "adjoint", "cond", "derivative_cond", "adjoint_cond")

# name -> (f by itself, f with K, exponent)
FUNCTIONS = {
    "exp": (ar.exp, ar.exp_kron, None),
    "cos": (lambda a: ar.trigonometric("cos", a), trigonometric_pair("cos"), None),
    "sin": (lambda a: ar.trigonometric("sin", a), trigonometric_pair("sin"), None),
    "log": (ar.log, ar.log_kron, None),
    "sqrt": (ar.sqrt, ar.sqrt_kron, None),
    "power_third": (lambda a: ar.power(a, arb(1 / 3)), lambda a: ar.power_kron(a, arb(1 / 3)), 1 / 3),
    "power_5_halves": (lambda a: ar.power(a, arb(2.5)), lambda a: ar.power_kron(a, arb(2.5)), 2.5),
}


def times(k, e):
    """L(E) from K."""
    n = e.nrows()
    table = e.tolist()
    column = ar.like(k, [[table[i][j]] for j in range(n) for i in range(n)])
    out = (k * column).entries()
    return ar.like(k, [[out[j * n + i] for j in range(n)] for i in range(n)])


def derivative_by_block(f, a, e):
    """L_f(a, e), the upper right block of f([[a, e], [0, a]])."""
    n = a.nrows()
    return ar.corner(f(ar.block([[a, e], [a * 0, a]])), range(n), range(n, 2 * n))


def derivative_condition(with_kron, a, e):
    """The relative condition of (A, E) -> L_f(A, E), of the kind of `cond`: column sums of the two derivatives.

    In E the map is linear, and its derivative is K. In A it is F -> L2(A, E, F), the upper right block of the derivative
    of f at [[a, e], [0, a]] in direction diag(F, F).
    """
    n = a.nrows()
    k = with_kron(a)[1]
    big = with_kron(ar.block([[a, e], [a * 0, a]]))[1].tolist()
    corner_rows = [(n + j) * 2 * n + i for j in range(n) for i in range(n)]
    largest = [arb(0), arb(0)]
    for q in range(n):
        for p in range(n):
            first, second = q * 2 * n + p, (n + q) * 2 * n + n + p
            in_a = sum((abs(big[r][first] + big[r][second]) for r in corner_rows), arb(0))
            in_e = sum((abs(x) for x in k.transpose().tolist()[q * n + p]), arb(0))
            largest = [largest[0].max(in_a), largest[1].max(in_e)]
    size = ar.norm1(times(k, e))
    return float(((largest[0] * ar.norm1(a) + largest[1] * ar.norm1(e)) / size).mid())


def conjugate_transpose(m):
    return m.transpose().conjugate() if ar.is_complex(m) else m.transpose()


def entry_of(function, e_rows):
    plain, with_kron, _ = FUNCTIONS[function]

    def entry(rows):
        a, e = ar.exact(rows), ar.exact(e_rows)
        if ar.is_complex(a):
            e = ar.as_complex(e)
        by_kron = ar.agreed(lambda: times(with_kron(a)[1], e))
        expected = ar.to_rows(by_kron)
        # the same by the block matrix, an independent way
        block = ar.agreed(lambda: derivative_by_block(plain, a, e))
        size = ar.norm1(by_kron)
        if not ar.norm1(block - by_kron) < size * arb(2) ** -150:
            raise ArithmeticError(f"{function}: the two derivatives differ")
        adjoint = ar.to_rows(ar.agreed(lambda: times(with_kron(conjugate_transpose(a))[1], e)))
        f = ar.to_rows(ar.agreed(lambda: plain(a)))
        with ar.precision(ar.BITS):
            value, k = with_kron(a)
            ratio = float((ar.norm1(value) / ar.norm1(a)).mid())
        c = accurate_conditions(a, lambda: with_kron(a))
        absolute = {"absolute_" + key: number * ratio for key, number in c.items() if key != "cond_frobenius"}
        with ar.precision(2 * ar.BITS):
            own = {"derivative_cond": derivative_condition(with_kron, a, e),
                   "adjoint_cond": derivative_condition(with_kron, conjugate_transpose(a), e)}
        return {"value": matrix(f), "expected": matrix(expected), "adjoint": matrix(adjoint)} | c | absolute | own

    return entry


def inputs():
    """(name, family, matrix, functions)"""
    entire, principal = ["exp", "cos", "sin"], ["log", "sqrt", "power_third", "power_5_halves"]
    named = {name: a for _, name, _, a, _ in named_exp.exp_cases()}
    for name in ("symmetric_2x2", "moler_van_loan", "jordan_2_1_split", "nag_f01ecf", "ward_1", "nilpotent_6_n4"):
        yield name, "named", named[name], entire
    yield "overscaling_1e6", "named", named["overscaling_1e6"], ["exp"]
    logs = {name: a for _, name, _, a in named_log.log_cases()}
    for name in ("quarter_turn", "near_negative_axis", "jordan_3_1e_3", "triangular_i_minus_i", "no_square_root_step"):
        yield name, "named", logs[name], principal
    rng = families.np.random.default_rng(families.SEED + 6)
    for k, (kind, norm) in enumerate((
        (families.normal, 3.0), (families.nonnormal, 20.0), (families.nearly_defective, 1.0), (families.skew, 0.1),
        (families.graded, 8.0), (families.complex_nonnormal, 5.0),
    )):
        yield kind.__name__, kind.__name__, families.scaled(kind(rng, 2 + k % 4), norm), entire
    for k, kind in enumerate((
        families.positive_definite, families.turns, families.positive_nearly_defective, families.near_identity,
        families.stochastic, families.triangular, families.complex_gaussian,
    )):
        yield kind.__name__, kind.__name__, kind(rng, 2 + k % 4), principal


def make_frechet():
    cases = []
    rng = families.np.random.default_rng(families.SEED + 7)
    for k, (name, family, a, functions) in enumerate(inputs()):
        rows = as_rows(a)
        n = len(rows)
        direction = rng.integers(-8, 9, (n, n)) / 8.0
        if isinstance(rows[0][0], complex):
            direction = direction + 1j * rng.integers(-8, 9, (n, n)) / 8.0
        e = as_rows(direction)
        for function in functions:
            entry = entry_of(function, e)
            case = {"name": f"{function}_{name}", "family": family, "n": n, "complex": isinstance(e[0][0], complex),
                    "function": function.split("_")[0]}
            p = FUNCTIONS[function][2]
            case |= {} if p is None else {"p": p}
            case |= {"a": matrix(rows), "e": matrix(e)} | entry(rows)
            twin = single_twin(rows, case, entry, TWIN)
            case |= {} if twin is None else {"f32": twin}
            cases.append(case)
    write("frechet", "Frechet derivatives L_f(A, E), their adjoints and the conditions of f at A", cases)
