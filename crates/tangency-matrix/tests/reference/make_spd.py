"""polar.json, spd_distance.json and angles.json."""

import numpy as np
from flint import acb, arb

import arithmetic as ar
import families
from cases import as_rows, to_f32
from fixtures import matrix, write
from make_frechet import conjugate_transpose


def polar(a):
    """U and H with a = U H, H = (a^H a)^(1/2)."""
    h = ar.sqrt(conjugate_transpose(a) * a)
    return a * h.inv(), h


def polar_inputs():
    rng = np.random.default_rng(families.SEED + 12)
    yield "rotation", "named", [[0, -2], [3, 0]]
    yield "nearly_singular", "named", [[1, 1], [1, 1 + 1e-8]]
    yield "column", "named", [[3], [4], [12]]
    yield "lauchli", "named", np.vstack([np.ones(3), 1e-6 * np.eye(3)])
    for k in range(6):
        n = 2 + k % 4
        yield f"gaussian_{k}", "gaussian", rng.standard_normal((n + k % 3, n))
    for k in range(3):
        yield f"complex_gaussian_{k}", "complex_gaussian", families.complex_gaussian(rng, 2 + k)
    for k in range(3):
        yield f"spread_{k}", "spread", families.spread(rng, 2 + k)


def polar_values(rows):
    exact = ar.exact(rows)
    u, h = (ar.to_rows(ar.agreed(lambda k=k: polar(exact)[k])) for k in range(2))
    singular = np.linalg.svd(np.array(rows), compute_uv=False)
    return {"unitary": matrix(u), "hermitian": matrix(h), "kappa": float(singular[0] / singular[-1])}


def make_polar():
    cases = []
    for name, family, a in polar_inputs():
        rows = as_rows(a)
        case = {"name": name, "family": family, "m": len(rows), "n": len(rows[0]),
                "complex": isinstance(rows[0][0], complex), "a": matrix(rows)} | polar_values(rows)
        single = to_f32(rows)
        if np.linalg.matrix_rank(np.array(single), tol=1e-12) == len(single[0]):  # rounding may make it singular
            case["f32"] = {} if single == rows else polar_values(single)
        cases.append(case)
    write("polar", "polar decomposition A = U H of m x n matrices, m >= n", cases)


def distances(a, b):
    """The three distances as a 1 x 3 matrix."""
    root = ar.sqrt(a)
    inverse = root.inv()
    affine = ar.norm_frobenius(ar.log(inverse * b * inverse))
    euclidean = ar.norm_frobenius(ar.log(a) - ar.log(b))
    squared = trace(a) + trace(b) - 2 * trace(ar.sqrt(root * b * root))
    # what rounding leaves where a = b
    bures = squared.mid().sqrt() if squared.mid() > arb(2) ** -500 else arb(0)
    return ar.arb_mat([[x.mid() if x.mid() > arb(2) ** -250 else 0 for x in (affine, euclidean, bures)]])


def trace(m):
    return sum((m[i, i] for i in range(m.nrows())), arb(0))


def spd_pairs():
    rng = np.random.default_rng(families.SEED + 13)
    yield "scalars", [[2.0]], [[8.0]]
    yield "diagonal", np.diag([1.0, 4.0]), np.diag([9.0, 4.0])
    yield "equal", [[2, 1], [1, 3]], [[2, 1], [1, 3]]
    yield "nearly_equal", [[2, 1], [1, 3]], [[2, 1], [1, 3 + 2.0 ** -30]]
    yield "not_commuting", [[2, 1], [1, 1]], [[1, 0], [0, 5]]
    for k in range(6):
        n = 2 + k % 4
        yield f"random_{k}", families.positive_definite(rng, n), families.positive_definite(rng, n)


def distance_values(rows, others):
    values = ar.to_rows(ar.agreed(lambda: distances(ar.exact(rows), ar.exact(others))))[0]
    return dict(zip(("affine_invariant", "log_euclidean", "bures"), values))


def make_spd_distance():
    cases = []
    for name, a, b in spd_pairs():
        rows, others = as_rows(a), as_rows(b)
        case = {"name": name, "n": len(rows), "complex": False, "a": matrix(rows), "b": matrix(others)}
        case |= distance_values(rows, others)
        case["f32"] = distance_values(to_f32(rows), to_f32(others))
        cases.append(case)
    write("spd_distance", "distances of symmetric positive definite matrices", cases)


def principal_angles(a, b):
    """Angles between the column spaces of a and b, ascending: cos^2 are the eigenvalues of P_a P_b on the smaller."""
    if a.ncols() > b.ncols():
        a, b = b, a
    at, bt = a.transpose(), b.transpose()
    m = (at * a).inv() * at * b * (bt * b).inv() * bt * a
    squares = ar.as_complex(ar.midpoints(m)).eig(algorithm="approx") if m.nrows() > 1 else [acb(m[0, 0])]
    angles = []
    for x in squares:
        c = x.real.mid().max(arb(0)).min(arb(1)).mid()
        angles.append(c.sqrt().acos().mid())
    angles = sorted(angles, key=float)
    return [0.0 if float(t) < 1e-60 else float(t) for t in angles]


def angle_pairs():
    rng = np.random.default_rng(families.SEED + 14)
    yield "planes_in_space", [[1, 0], [0, 1], [0, 0]], [[1, 0], [0, 1], [0, 1]]
    yield "tiny", [[1, 0], [0, 1], [0, 0], [0, 0]], [[1, 0], [0, 1], [1e-10, 0], [0, 1e-3]]
    yield "nearly_orthogonal", [[1], [0]], [[1e-12], [1]]
    yield "same", [[1, 2], [3, 4], [5, 6]], [[3, 5], [7, 11], [11, 17]]
    yield "line_in_plane", [[1], [1], [0]], [[1, 0], [0, 1], [0, 0]]
    yield "lauchli", np.vstack([np.ones(2), 1e-8 * np.eye(2)]), [[1, 0], [1, 1], [0, 1]]
    for k in range(6):
        m, p, q = 5 + k, 1 + k % 3, 2 + k % 2
        yield f"random_{k}", rng.standard_normal((m, p)), rng.standard_normal((m, q))


def make_angles():
    cases = []
    for name, a, b in angle_pairs():
        rows, others = as_rows(a), as_rows(b)
        with ar.precision(2 * ar.BITS):
            angles = principal_angles(ar.exact(rows), ar.exact(others))
        cases.append({"name": name, "a": matrix(rows), "b": matrix(others), "angles": angles})
    write("angles", "principal angles between column spaces, in radians, ascending", cases)
