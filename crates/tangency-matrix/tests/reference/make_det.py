"""determinant.json and volume.json, by exact rational arithmetic."""

from itertools import combinations

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat

import arithmetic as ar
import families
import named_exp
import named_log
from cases import as_rows, to_f32
from fixtures import matrix, number, unmatrix, write


def rational(rows):
    return fmpq_mat([[fmpq(*float(x).as_integer_ratio()) for x in row] for row in rows])


def log_of(q):
    """ln |q| of a rational, to the nearest double; None for 0."""
    if q == 0:
        return None
    with ar.precision(3000):
        return float(abs(arb(q.p)).log() - abs(arb(q.q)).log())


def minor(m, skip_row, skip_column):
    rows = m.tolist()
    return fmpq_mat([[x for j, x in enumerate(row) if j != skip_column] for i, row in enumerate(rows) if i != skip_row])


def adjugate(m):
    n = m.nrows()
    if n == 1:
        return [[1.0]]
    return [[to_double(minor(m, j, i).det() * (-1) ** (i + j)) for j in range(n)] for i in range(n)]


def to_double(q):
    return int(q.p) / int(q.q)  # Python's division of integers rounds correctly


def condition_1(rows):
    """norm1(a) norm1(a^-1), or None beyond the doubles."""
    a = ar.exact(rows)
    with ar.precision(3000):
        kappa = float((ar.norm1(a) * ar.norm1(a.inv())).mid())
    return kappa if np.isfinite(kappa) else None


def real_case(name, family, a, source=None):
    rows = as_rows(a)
    m = rational(rows)
    det = m.det()
    n = len(rows)
    case = {"name": name, "family": family, "n": n, "complex": False}
    case |= {} if source is None else {"source": source}
    case |= {"a": matrix(rows), "sign": float((det > 0) - (det < 0)), "log_abs": log_of(det)}
    if det.q == 1:
        case["det"] = str(det.p)
    case["kappa"] = None if det == 0 else condition_1(rows)
    if n <= 6 and np.abs(rows).max() < 1e40:
        case["adjugate"] = matrix(adjugate(m))
    return case


def complex_case(name, family, a):
    rows = as_rows(a)
    with ar.precision(1000):
        det = ar.exact(rows).det()
        size = abs(det)
        sign = complex(det / size)
        log_abs = float(size.log())
    return {"name": name, "family": family, "n": len(rows), "complex": True, "a": matrix(rows), "sign": number(sign),
            "log_abs": log_abs, "kappa": condition_1(rows)}


def hadamard(n):
    return np.array([[1.0]]) if n == 1 else np.kron([[1.0, 1.0], [1.0, -1.0]], hadamard(n // 2))


def growth(n):
    """Partial pivoting doubles the last column at every step; the determinant is 2^(n-1)."""
    a = np.eye(n) - np.tril(np.ones((n, n)), -1)
    a[:, -1] = 1.0
    return a


def kac_murdock_szego(n, rho):
    return np.array([[rho ** abs(i - j) for j in range(n)] for i in range(n)])


def pascal(n):
    a = np.ones((n, n))
    for i in range(1, n):
        for j in range(1, n):
            a[i, j] = a[i - 1, j] + a[i, j - 1]
    return a


def named_determinants():
    for n in (2, 4, 6, 8, 10, 12):
        yield f"hilbert_{n}", named_log.hilbert(n), "Hilbert's matrix, entries rounded to doubles"
    for n in (2, 4, 8, 16):
        yield f"hadamard_{n}", hadamard(n), "Sylvester's construction, |det| = n^(n/2)"
    for n in (10, 20):
        yield f"growth_{n}", growth(n), "element growth 2^(n-1) in partial pivoting, det = 2^(n-1)"
    yield "kac_murdock_szego_10", kac_murdock_szego(10, 0.5), "det = (1 - rho^2)^(n-1)"
    yield "frank_12", named_exp.frank(12), "det = 1, condition 1e7 and more"
    yield "pascal_10", pascal(10), "det = 1"
    yield "ones_4", np.ones((4, 4)), "exactly singular"
    yield "zeros_3", np.zeros((3, 3)), "exactly singular"
    yield "count_3", np.arange(1.0, 10.0).reshape(3, 3), "exactly singular, rank 2"
    yield "equal_rows", [[1, 2, 3, 4], [5, 6, 7, 9], [1, 2, 3, 4], [0, 1, 0, 1]], "exactly singular, rank 3"
    yield "rank_1", np.outer([1.0, 2, 3, 4], [1.0, -1, 2, 5]), "adjugate is zero"
    yield "nearly_singular", [[1, 1], [1, 1 + 2.0 ** -52]], "det = 2^-52"
    yield "swap_2", [[0, 1], [1, 0]], "det = -1"
    yield "cyclic_3", np.roll(np.eye(3), 1, axis=0), "even permutation"
    yield "cyclic_4", np.roll(np.eye(4), 1, axis=0), "odd permutation"
    yield "permutation_7", np.eye(7)[[3, 0, 6, 1, 5, 2, 4]], "permutation"
    wide = np.diag([1e200, 1e-200, 1e200, 1e200, 1e-200]) + np.triu(np.ones((5, 5)), 1)
    yield "triangle_1e200", wide, "product overflows on the way"
    yield "huge", 1e300 * np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]]), "det overflows"
    yield "subnormal", 5e-324 * np.array([[1.0, 2], [3, 4]]), "det underflows"
    yield "scalar_minus_3", [[-3.0]], None
    rng = np.random.default_rng(families.SEED + 8)
    yield "signs_27", rng.choice([-1.0, 1.0], (27, 27)), "random signs: an integer of 16 digits and more"


def with_twin(case):
    """The case with its values at the entries rounded to f32 where they differ: sign, logarithm and condition."""
    rows = unmatrix(case["a"])
    single = to_f32(rows)
    if single is not None and single != rows:
        twin = (complex_case if case["complex"] else real_case)(case["name"], case["family"], single)
        case["f32"] = {key: twin[key] for key in ("sign", "log_abs", "kappa")} | {"det": None}
    return case


def make_determinant():
    cases = [with_twin(real_case(name, "named", a, source)) for name, a, source in named_determinants()]
    for name, n, value in (("tenth_400", 400, 0.1), ("large_100", 100, 1e5), ("minus_half_301", 301, -0.5)):
        q = fmpq(*value.as_integer_ratio())
        cases.append({"name": name, "family": "scaled_identity", "n": n, "complex": False, "diagonal": value,
                      "sign": 1.0 if value > 0 or n % 2 == 0 else -1.0, "log_abs": scaled_log(q, n), "kappa": 1.0})
    rng = np.random.default_rng(families.SEED + 9)
    for k in range(10):
        n = 2 + k % 7
        cases.append(real_case(f"integers_{k}", "integers", rng.integers(-9, 10, (n, n)).astype(float)))
    for kind in (families.normal, families.nonnormal, families.graded, families.badly_scaled, families.positive_definite):
        for k in range(4):
            cases.append(with_twin(real_case(f"{kind.__name__}_{k}", kind.__name__, kind(rng, 2 + 2 * k))))
    for k in range(6):
        a = families.complex_gaussian(rng, 2 + k)
        cases.append(with_twin(complex_case(f"complex_gaussian_{k}", "complex_gaussian", a)))
    cases.append(with_twin(complex_case("hermitian_4", "hermitian", families.hermitian(rng, 4))))
    roots = np.exp(2j * np.pi * np.outer(range(6), range(6)) / 6)
    cases.append(with_twin(complex_case("unit_roots_6", "named", roots)))
    write("determinant", "sign and ln|det|, by rational arithmetic", cases)


def scaled_log(q, n):
    with ar.precision(500):
        return float((abs(arb(q.p)).log() - abs(arb(q.q)).log()) * n)


# --- volumes ----------------------------------------------------------------------------------------------------------


def own_rank_log_volume(b, rank):
    """ln of the product of the nonzero singular values: half of ln of the sum of squared minors (Cauchy-Binet)."""
    if rank == 0:
        return None
    gram = (b.transpose() * b).charpoly()  # det(x - B^T B); the coefficient of x^(n - rank) is +- the sum
    return log_of(gram[b.ncols() - rank]) / 2


def volume_case(name, family, a, source=None):
    rows = as_rows(a)
    b = rational(rows)
    rank = b.rank()
    m, n = b.nrows(), b.ncols()
    gram = (b.transpose() * b).det()
    case = {"name": name, "family": family, "m": m, "n": n, "complex": False}
    case |= {} if source is None else {"source": source}
    log_volume = log_of(gram)
    case |= {"a": matrix(rows), "rank": int(rank), "log_volume": None if log_volume is None else log_volume / 2,
             "log_volume_own_rank": own_rank_log_volume(b, rank)}
    if rank == n:
        inverse = (b.transpose() * b).inv()
        pinv = (inverse * b.transpose()).tolist()
        gradient = [[to_double(pinv[j][i]) for j in range(n)] for i in range(m)]
        case["kappa"] = float(np.linalg.norm(np.array(rows), 2) * np.linalg.norm(np.array(gradient), 2))
        if m * n <= 60:
            case["gradient"] = matrix(gradient)
    return case


def lauchli(n, eps):
    return np.vstack([np.ones(n), eps * np.eye(n)])


def named_volumes():
    for power in (4, 7, 8, 12):
        yield f"lauchli_1e_{power}", lauchli(3, 10.0 ** -power), "Lauchli's matrix, its Gram matrix singular from 1e-8 on"
    yield "lauchli_6_1e_8", lauchli(6, 1e-8), "Lauchli's matrix"
    yield "parallelogram", [[1, 0], [2, 1], [0, 3]], "area sqrt(46)"
    yield "column", [[3], [4], [12]], "length 13"
    yield "row", [[3, 4, 12]], "one row: rank 1, no volume of 3 columns"
    yield "equal_columns", [[1, 1, 0], [2, 2, 1], [3, 3, 0], [0, 0, 5]], "rank 2"
    yield "outer", np.outer([1.0, 2, 3, 4, 5], [2.0, -1, 3]), "rank 1"
    yield "zero_4_2", np.zeros((4, 2)), "rank 0"
    yield "wide_2_4", [[1, 2, 3, 4], [0, 1, 0, 1]], "rank 2, own volume by minors"
    yield "orthonormal_4_2", np.array([[1, 1], [1, -1], [1, 1], [1, -1]]) / 2, "volume 1"
    yield "square_3", [[2, 1, 0], [1, 3, 1], [0, 1, 4]], "volume |det|"
    yield "singular_square", np.arange(1.0, 10.0).reshape(3, 3), "rank 2"
    yield "huge", 1e200 * np.array([[1.0, 2], [3, 4], [5, 7]]), "volume overflows"
    yield "small", 1e-200 * np.array([[1.0, 2], [3, 4], [5, 7]]), "volume underflows"
    yield "vandermonde_8_5", np.vander(np.linspace(-1, 1, 8), 5, increasing=True), "equidistant nodes"


def check_cauchy_binet():
    b = rational([[1, 0], [2, 1], [0, 3]])
    table = b.tolist()
    total = sum(fmpq_mat([table[i] for i in rows]).det() ** 2 for rows in combinations(range(3), 2))
    assert total == (b.transpose() * b).det() == 46


def make_volume():
    check_cauchy_binet()
    ctx.prec = ar.BITS
    cases = [volume_case(name, "named", a, source) for name, a, source in named_volumes()]
    rng = np.random.default_rng(families.SEED + 10)
    for k in range(12):
        n = 1 + k % 5
        m = n + [0, 1, 2, 5][k % 4]
        scale = 10.0 ** rng.uniform(-3, 3, n)
        cases.append(volume_case(f"random_{k}", "scaled_columns", rng.standard_normal((m, n)) * scale))
    cases.append(volume_case("small_entries_40_25", "gaussian", 1e-20 * rng.standard_normal((40, 25))))
    write("volume", "ln of the volume of the columns of an m x n matrix, by rational arithmetic", cases)
