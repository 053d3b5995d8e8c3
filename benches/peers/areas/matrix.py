"""Schur form, logarithm, square root, power, cosine, determinants, condition, derivative, and exp(tA) b."""

import numpy as np
import scipy
import scipy.sparse.linalg
from _run import Work, best, read, write

SECONDS = 0.5
SCIPY = f"SciPy {scipy.__version__}"


def square(folder, name="a"):
    a = read(folder, name)
    n = int(np.sqrt(a.size))
    return a.reshape(n, n)


def normal(n):
    return lambda folder: write(folder, "a", np.random.default_rng(n).standard_normal((n, n)))


def right_half(n):
    """Eigenvalues in a disc of radius √n about 1.5 √n: a logarithm and a square root exist."""
    a = np.random.default_rng(n).standard_normal((n, n)) + 1.5 * np.sqrt(n) * np.eye(n)
    return lambda folder: write(folder, "a", a)


def definite(n):
    g = np.random.default_rng(n).standard_normal((n, n))
    return lambda folder: write(folder, "a", g @ g.T / n + np.eye(n))


def scipy_work(n, prepare, function, tolerance, result=lambda x: x):
    def peer(folder, _):
        a = square(folder)
        value = result(function(a))
        return SCIPY, best(lambda: function(a), SECONDS), value

    return Work(f"{n} x {n}", prepare(n), {"scipy": peer}, tolerance)


def sorted_moduli(form):
    t, _ = form
    return np.sort(np.abs(scipy.linalg.rsf2csf(t, np.eye(len(t)))[0].diagonal()))


def slogdet_torch(folder, threads):
    import torch

    torch.set_num_threads(threads)
    a = torch.from_numpy(square(folder))
    value = torch.linalg.slogdet(a)
    return f"PyTorch {torch.__version__}", best(lambda: torch.linalg.slogdet(a), SECONDS), [float(v) for v in value]


def slogdet_numpy(folder, _):
    a = square(folder)
    return f"NumPy {np.__version__}", best(lambda: np.linalg.slogdet(a), SECONDS), list(np.linalg.slogdet(a))


def frechet(n):
    def prepare(folder):
        rng = np.random.default_rng(n)
        write(folder, "a", rng.standard_normal((n, n)) / np.sqrt(n))
        write(folder, "e", rng.standard_normal((n, n)))

    def peer(folder, _):
        a, e = square(folder), square(folder, "e")

        def go():
            return scipy.linalg.expm_frechet(a, e)

        return SCIPY, best(go, SECONDS), go()[1]

    return Work(f"{n} x {n}", prepare, {"scipy": peer}, 1e-9)


GRID = 316
"""Points on a side: 99 856 unknowns."""


def laplacian_of(side):
    """The five-point Laplacian of a square grid."""
    one = scipy.sparse.diags_array([np.ones(side - 1), -2.0 * np.ones(side), np.ones(side - 1)], offsets=[-1, 0, 1])
    identity = scipy.sparse.eye_array(side)
    return (scipy.sparse.kron(identity, one) + scipy.sparse.kron(one, identity)).tocsr()


def action(t):
    def prepare(folder):
        write(folder, "b", np.random.default_rng(5).standard_normal(GRID * GRID))
        write(folder, "t", np.array([float(t), float(GRID)]))

    def peer(folder, _):
        a, b = t * laplacian_of(GRID), read(folder, "b")

        def go():
            return scipy.sparse.linalg.expm_multiply(a, b, traceA=-4.0 * t * GRID * GRID)

        return SCIPY, best(go, SECONDS, 3), go()

    return Work(f"{GRID * GRID} unknowns", prepare, {"scipy": peer}, 1e-9)


WORKS = {f"Schur form {n}": scipy_work(n, normal, scipy.linalg.schur, 1e-9, sorted_moduli) for n in (8, 16, 32, 64, 128, 256, 512)}
WORKS |= {f"logm {n}": scipy_work(n, right_half, scipy.linalg.logm, 1e-9) for n in (8, 16, 32, 64, 128, 256, 512)}
WORKS |= {f"sqrtm {n}": scipy_work(n, right_half, scipy.linalg.sqrtm, 1e-9) for n in (8, 16, 32, 64, 128, 256, 512)}
WORKS |= {
    f"powm 1/3, {n}": scipy_work(n, right_half, lambda a: scipy.linalg.fractional_matrix_power(a, 1 / 3), 1e-9) for n in (64,)
}
WORKS |= {f"cosm {n}": scipy_work(n, normal, scipy.linalg.cosm, 1e-7) for n in (8, 64, 256)}
WORKS |= {f"signm {n}": scipy_work(n, normal, scipy.linalg.signm, 1e-6) for n in (64,)}
WORKS |= {
    f"log_det {n}": Work(f"{n} x {n}", normal(n), {"numpy": slogdet_numpy, "torch": slogdet_torch}, 1e-10)
    for n in (4, 16, 64, 256, 1024)
}
WORKS |= {f"expm_frechet {n}": frechet(n) for n in (8, 64, 256)}
WORKS |= {f"expm_condition {n}": scipy_work(n, normal, lambda a: [scipy.linalg.expm_cond(a)], 3.0) for n in (4, 16)}
WORKS |= {f"expm_multiply, Laplacian, t = {t}": action(t) for t in (1, 100)}
