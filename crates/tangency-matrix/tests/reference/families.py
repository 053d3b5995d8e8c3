"""Random matrices: eight real families, five complex ones. Norms are set in the 1-norm."""

import numpy as np

import arithmetic as ar

SEED = 20190218


def orthogonal(rng, n, kind=float):
    g = rng.standard_normal((n, n))
    if kind is complex:
        g = g + 1j * rng.standard_normal((n, n))
    return np.linalg.qr(g)[0]


def normal(rng, n):
    """A normal matrix, up to rounding: blocks [[x, y], [-y, x]] in a random orthonormal basis."""
    d = np.diag(rng.standard_normal(n))
    for i in range(0, n - 1, 2):
        if rng.random() < 0.6:
            x, y = rng.standard_normal(2)
            d[i:i + 2, i:i + 2] = [[x, y], [-y, x]]
    q = orthogonal(rng, n)
    return q @ d @ q.T


def nonnormal(rng, n):
    """A triangle ten times heavier than its diagonal, in a random orthonormal basis."""
    q = orthogonal(rng, n)
    return q @ (np.diag(rng.standard_normal(n)) + 10 * np.triu(rng.standard_normal((n, n)), 1)) @ q.T


def nearly_defective(rng, n):
    """A Jordan block whose eigenvalues differ by 1e-8, in a random basis."""
    j = rng.standard_normal() * np.eye(n) + np.eye(n, k=1) + 1e-8 * np.diag(rng.standard_normal(n))
    p = rng.standard_normal((n, n))
    return np.linalg.solve(p, j @ p)


def generator(rng, n):
    """Rates of a Markov chain: off the diagonal not negative, rows summing to zero up to rounding."""
    q = rng.random((n, n)) * (rng.random((n, n)) < 0.8)
    np.fill_diagonal(q, 0.0)
    q[0, -1] += 0.1
    return q - np.diag(q.sum(axis=1))


def skew(rng, n):
    g = rng.standard_normal((n, n))
    return g - g.T


def graded(rng, n):
    """Rows and columns that shrink together, by 1e6 in all."""
    d = 10.0 ** (-3 * np.arange(n) / max(n - 1, 1))
    return d[:, None] * rng.standard_normal((n, n)) * d[None, :]


def nilpotent(rng, n):
    """Strictly triangular with rows and columns permuted alike."""
    p = rng.permutation(n)
    return np.triu(rng.standard_normal((n, n)), 1)[np.ix_(p, p)]


def badly_scaled(rng, n):
    """D R D^-1 with D from 1 to 1e4."""
    d = 10.0 ** rng.uniform(0, 4, n)
    return d[:, None] * rng.standard_normal((n, n)) / d[None, :]


def complex_normal(rng, n):
    q = orthogonal(rng, n, complex)
    return (q * (rng.standard_normal(n) + 1j * rng.standard_normal(n))) @ q.conj().T


def complex_nonnormal(rng, n):
    q = orthogonal(rng, n, complex)
    g = rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n))
    return q @ (np.diag(np.diag(g)) + 10 * np.triu(g, 1)) @ q.conj().T


def complex_nearly_defective(rng, n):
    z = complex(*rng.standard_normal(2))
    p = rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n))
    j = z * np.eye(n) + np.eye(n, k=1) + 1e-8 * np.diag(rng.standard_normal(n))
    return np.linalg.solve(p, j @ p)


def hermitian(rng, n):
    g = rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n))
    return (g + g.conj().T) / 2


def skew_hermitian(rng, n):
    return 1j * hermitian(rng, n)


REAL = [normal, nonnormal, nearly_defective, generator, skew, graded, nilpotent, badly_scaled]
COMPLEX = [complex_normal, complex_nonnormal, complex_nearly_defective, hermitian, skew_hermitian]


def scaled(a, norm):
    """a with this 1-norm, by one rounding an entry: exact zeros and symmetries stay."""
    return a * (norm / np.abs(a).sum(axis=0).max())


def exp_matrices():
    """(name, family, matrix): 25 of each real family, 8 of each complex one; norms from 1e-3 to 1e2."""
    for kind, count in [(f, 25) for f in REAL] + [(f, 8) for f in COMPLEX]:
        rng = np.random.default_rng([SEED, len(kind.__name__), sum(map(ord, kind.__name__))])
        for k in range(count):
            n = 12 if k == 12 else 2 + (3 * k) % 7
            norm = 10.0 ** (-3 + 5 * k / (count - 1))
            yield f"{kind.__name__}_{k}", kind.__name__, scaled(kind(rng, n), norm)


def sizes(k):
    """Orders of the 25 matrices of a family: 2 to 6, and one each of 9 and 12."""
    return {12: 12, 20: 9}.get(k, 2 + (3 * k) % 5)


def trigonometric_matrices():
    """(name, family, matrix): 25 of each real family, 8 of each complex one; norms from 1e-3 to 1e2."""
    for kind, count in [(f, 25) for f in REAL] + [(f, 8) for f in COMPLEX]:
        rng = np.random.default_rng([SEED + 20, len(kind.__name__), sum(map(ord, kind.__name__))])
        for k in range(count):
            a = scaled(kind(rng, sizes(k)), 10.0 ** (-3 + 5 * k / (count - 1)))
            yield f"{kind.__name__}_{k}", kind.__name__, a


# --- matrices with a principal logarithm ----------------------------------------------------------------------------


def positive_definite(rng, n):
    q = orthogonal(rng, n)
    a = (q * 10.0 ** rng.uniform(-3, 3, n)) @ q.T
    return (a + a.T) / 2


def spread(rng, n):
    """Positive eigenvalues over twelve orders of magnitude in a random basis."""
    p = rng.standard_normal((n, n))
    return p @ np.diag(10.0 ** rng.uniform(-6, 6, n)) @ np.linalg.inv(p)


def turns(rng, n):
    """Complex pairs of any angle in a random basis."""
    d = np.diag(rng.uniform(0.5, 2, n))
    for i in range(0, n - 1, 2):
        t = rng.uniform(0, 0.97 * np.pi)
        d[i:i + 2, i:i + 2] = rng.uniform(0.1, 5) * np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    p = rng.standard_normal((n, n))
    return p @ d @ np.linalg.inv(p)


def near_identity(rng, n):
    return np.eye(n) + 10.0 ** rng.uniform(-10, -1) * rng.standard_normal((n, n))


def positive_nearly_defective(rng, n):
    p = rng.standard_normal((n, n))
    j = rng.uniform(0.1, 3) * np.eye(n) + np.eye(n, k=1) + 1e-8 * np.diag(rng.standard_normal(n))
    return p @ j @ np.linalg.inv(p)


def near_negative_axis(rng, n):
    """Complex pairs whose angle is 1e-2 to 1e-7 short of pi, in a random orthonormal basis."""
    d = np.eye(n)
    for i in range(0, n - 1, 2):
        t = np.pi - 10.0 ** rng.uniform(-7, -2)
        d[i:i + 2, i:i + 2] = rng.uniform(0.5, 2) * np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    q = orthogonal(rng, n)
    return q @ d @ q.T


def stochastic(rng, n):
    p = rng.random((n, n))
    return 0.7 * np.eye(n) + 0.3 * p / p.sum(axis=1, keepdims=True)


def triangular(rng, n):
    return np.triu(10.0 ** rng.uniform(0, 4) * rng.standard_normal((n, n)), 1) + np.diag(rng.uniform(0.01, 2, n))


def complex_gaussian(rng, n):
    return rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n))


def complex_triangular(rng, n):
    return np.triu(10.0 ** rng.uniform(0, 3) * complex_gaussian(rng, n), 1) + np.diag(np.diag(complex_gaussian(rng, n)))


def hermitian_positive(rng, n):
    q = orthogonal(rng, n, complex)
    a = (q * 10.0 ** rng.uniform(-3, 3, n)) @ q.conj().T
    return (a + a.conj().T) / 2


LOG_REAL = [
    positive_definite, spread, turns, near_identity, positive_nearly_defective, near_negative_axis, stochastic, triangular,
]
LOG_COMPLEX = [complex_gaussian, complex_nearly_defective, complex_triangular, hermitian_positive]


def log_matrices():
    """(name, family, matrix): 8 of each real family and 5 of each complex one, n from 2 to 6."""
    for kind, count in [(f, 8) for f in LOG_REAL] + [(f, 5) for f in LOG_COMPLEX]:
        rng = np.random.default_rng([SEED + 1, len(kind.__name__), sum(map(ord, kind.__name__))])
        for k in range(count):
            yield f"{kind.__name__}_{k}", kind.__name__, kind(rng, 2 + (2 * k) % 5)


def with_principal_values(kind, rng, n, norm):
    """A matrix of the family with a principal logarithm: exp(B) of a member B, so that Markov generators give stochastic
    matrices, skew ones rotations and nilpotent ones unipotent matrices; norm(B) is at most `norm`, and less where the
    imaginary parts of the eigenvalues would come near pi. Graded matrices keep their grading: D M D with M + M^T
    positive definite.
    """
    if kind is graded:
        d = 10.0 ** (-3 * np.arange(n) / max(n - 1, 1))
        m = rng.standard_normal((n, n))
        m += (0.1 - min(0.0, np.linalg.eigvalsh((m + m.T) / 2)[0])) * np.eye(n)
        return scaled(d[:, None] * m * d[None, :], norm)
    b = scaled(kind(rng, n), norm)
    turn = np.abs(np.linalg.eigvals(b).imag).max()
    b = b * min(1.0, 3.0 / turn) if turn > 0 else b
    return np.array(ar.accurate(lambda: ar.exp(ar.exact(b.tolist()))))


def principal_matrices():
    """(name, family, matrix): 25 of each real family, 8 of each complex one, all with a principal logarithm."""
    for kind, count in [(f, 25) for f in REAL] + [(f, 8) for f in COMPLEX]:
        rng = np.random.default_rng([SEED + 21, len(kind.__name__), sum(map(ord, kind.__name__))])
        for k in range(count):
            norm = 10.0 ** (-3 + 4.3 * k / (count - 1))
            yield f"{kind.__name__}_{k}", kind.__name__, with_principal_values(kind, rng, sizes(k), norm)
