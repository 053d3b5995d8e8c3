"""Condition numbers from the exact derivative matrix K."""

import numpy as np

from flint import arb

from arithmetic import BITS, NotAccurate, is_complex, norm1, norm_frobenius, precision

LARGEST_INDUCED = 12  # the exact 1-norm condition visits 2^(n-1) sign vectors


def to_array(m, scale):
    """Rows of K times scale, as NumPy's doubles."""
    scaled = m * scale
    if is_complex(scaled):
        return np.array([[complex(x) for x in row] for row in scaled.tolist()])
    return np.array([[float(x) for x in row] for row in scaled.tolist()])


def relative_radius(m):
    """The largest radius over the largest midpoint."""
    size, radius = arb(0), arb(0)
    for x in m.entries():
        size, radius = size.max(abs(x).mid()), radius.max(abs(x).rad())
    return radius / size if size > 0 else radius


def accurate_conditions(a, compute, bits=BITS):
    """conditions(a, f, K) with (f, K) = compute() at the first precision that gives them to 50 bits."""
    while True:
        with precision(bits):
            f, k = compute()
            if relative_radius(f) < 2.0 ** -50 and relative_radius(k) < 2.0 ** -50:
                return conditions(a, f, k)
        bits *= 2
        if bits > 32 * BITS:
            raise NotAccurate("derivative")


def induced_1(k, n):
    """max |L(E)|_1 over |E|_1 <= 1 for a real K.

    The unit ball of the operator 1-norm is a product of n cross-polytopes, one a column, so a maximiser has one entry
    +-1 in each column. For output column j and signs t, sum_i t_i L_ij is linear in E: its maximum is the sum over the
    columns of E of the largest modulus. The maximum over t gives the sum of moduli.
    """
    t = np.ones((2 ** (n - 1), n))
    for i in range(1, n):
        t[:, i] = 1 - 2 * ((np.arange(len(t)) >> (i - 1)) & 1)
    best = 0.0
    for j in range(n):
        w = t @ k[j * n:(j + 1) * n, :]  # [signs, column and row of E]
        best = max(best, np.abs(w).reshape(len(t), n, n).max(axis=2).sum(axis=1).max())
    return best


def spectral_norm(array):
    return float(np.linalg.norm(array, 2)) if np.isfinite(array).all() else np.inf


def conditions(a, f, k):
    """Relative conditions as a dictionary: cond, cond_frobenius, and cond_induced for small real matrices.

    Given matrices of balls. None where f(a) = 0 or the condition overflows.
    """
    n = a.nrows()
    size_a, size_f = norm1(a), norm1(f)
    if not size_f > 0:
        return {"cond": None, "cond_frobenius": None}
    array = to_array(k, (size_a / size_f).mid())
    ratio = float((norm_frobenius(a) / size_a * size_f / norm_frobenius(f)).mid()) if size_a > 0 else 0.0
    out = {
        "cond": float(np.abs(array).sum(axis=0).max()),
        "cond_frobenius": spectral_norm(array) * ratio,
    }
    if not is_complex(k) and n <= LARGEST_INDUCED:
        out["cond_induced"] = float(induced_1(array, n))
    if np.isinf(out["cond"]):  # beyond the doubles
        return {"cond": None, "cond_frobenius": None}
    if not all(np.isfinite(v) for v in out.values()):
        raise ArithmeticError(f"condition {out}")
    return out
