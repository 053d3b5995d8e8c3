"""The rest of the matrix functions: trigonometric ones, equations, decompositions, determinants, volumes, derivatives,
other number types and batches."""

import numpy as np
import scipy
import scipy.sparse.linalg
from _run import Work, best, read, write
from matrix import SCIPY, definite, laplacian_of, normal, right_half, square

SECONDS = 0.3
NUMPY = f"NumPy {np.__version__}"


def work(size, prepare, name, peer, tolerance, **others):
    """`peer(folder)` returns what is timed; what that returns is compared. Further peers by keyword, as `Work` has them."""

    def run(folder, _):
        go = peer(folder)
        return name, best(go, SECONDS), go()

    return Work(size, prepare, {"peer": run} | others, tolerance)


def of_matrix(function):
    def peer(folder):
        a = square(folder)
        return lambda: function(a)

    return peer


def scipy_function(n, prepare, function, tolerance):
    return work(f"{n} x {n}", prepare(n), SCIPY, of_matrix(function), tolerance)


def unit_norm(n):
    """Norms of about two, where sine and cosine are not lost in the exponential of the norm."""
    a = np.random.default_rng(n).standard_normal((n, n)) / np.sqrt(n)
    return lambda folder: write(folder, "a", a)


def with_torch(build):
    """`build(torch, folder)` returns what is timed."""

    def run(folder, threads):
        import torch

        torch.set_num_threads(threads)
        go = build(torch, folder)
        value = go()
        return f"PyTorch {torch.__version__}", best(go, SECONDS), np.asarray(value)

    return run


# Equations and decompositions.


def equation(n):
    def prepare(folder):
        rng = np.random.default_rng(n)
        for name, shift in (("a", 2.0), ("b", 2.0), ("c", 0.0)):
            write(folder, name, rng.standard_normal((n, n)) / np.sqrt(n) + shift * np.eye(n))

    return prepare


def sylvester(folder):
    a, b, c = (square(folder, name) for name in "abc")
    return lambda: scipy.linalg.solve_sylvester(a, b, c)


def lyapunov(folder):
    a, c = square(folder), square(folder, "c")
    return lambda: scipy.linalg.solve_continuous_lyapunov(a, c)


def polar(folder):
    a = square(folder)
    return lambda: np.concatenate([np.ravel(x) for x in scipy.linalg.polar(a)])


# Volumes.


def tall(m, n):
    return lambda folder: write(folder, "a", np.random.default_rng(m).standard_normal((m, n)))


def volume(n):
    def peer(folder):
        a = read(folder, "a").reshape(-1, n)
        return lambda: [np.sum(np.log(np.abs(np.diag(np.linalg.qr(a, "r")))))]

    return peer


def angles(n):
    def prepare(folder):
        rng = np.random.default_rng(n)
        write(folder, "a", rng.standard_normal((500, n)))
        write(folder, "b", rng.standard_normal((500, n)))

    def peer(folder):
        a, b = (read(folder, name).reshape(500, n) for name in "ab")
        return lambda: np.sort(scipy.linalg.subspace_angles(a, b))

    return work(f"500 x {n}, twice", prepare, SCIPY, peer, 1e-12)


# Determinants.


def log_det_cholesky(n):
    def peer(folder):
        a = square(folder)
        return lambda: [2 * np.sum(np.log(np.diag(np.linalg.cholesky(a))))]

    return work(f"{n} x {n}", definite(n), NUMPY, peer, 1e-12)


SIDE = 100


def log_det_sparse(folder):
    """SuperLU in its mode for symmetric matrices, which is its faster one here."""
    a = laplacian_of(SIDE).tocsc()

    def go():
        factor = scipy.sparse.linalg.splu(a, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
        return [np.sum(np.log(np.abs(factor.U.diagonal()))) + np.sum(np.log(np.abs(factor.L.diagonal())))]

    return go


def log_dets(count, n):
    def prepare(folder):
        write(folder, "a", np.random.default_rng(n).standard_normal((count, n, n)))

    def stack(folder):
        return read(folder, "a").reshape(count, n, n)

    def peer(folder):
        a = stack(folder)
        return lambda: np.linalg.slogdet(a)[1]

    def torch_peer(torch, folder):
        a = torch.from_numpy(stack(folder))
        return lambda: torch.linalg.slogdet(a)[1]

    return work(f"{count} x {n} x {n}", prepare, NUMPY, peer, 1e-9, torch=with_torch(torch_peer))


# Derivatives.


def two_matrices(n):
    def prepare(folder):
        rng = np.random.default_rng(n)
        write(folder, "a", rng.standard_normal((n, n)) / np.sqrt(n))
        write(folder, "e", rng.standard_normal((n, n)))

    return prepare


def adjoint(torch, folder):
    a, w = (torch.from_numpy(square(folder, name)) for name in "ae")

    def go():
        x = a.clone().requires_grad_()
        torch.matrix_exp(x).backward(w)
        return x.grad

    return go


def det_gradient(torch, folder):
    a = torch.from_numpy(square(folder))

    def go():
        x = a.clone().requires_grad_()
        torch.linalg.det(x).backward()
        return x.grad

    return go


# Other number types, and batches.


def narrow(dtype, n):
    def prepare(folder):
        rng = np.random.default_rng(n)
        a = rng.standard_normal((2, n, n)) / np.sqrt(n)
        write(folder, "a", a)

    def convert(folder):
        a = read(folder, "a").reshape(2, n, n)
        return (a[0] + 1j * a[1]).astype(dtype) if np.issubdtype(dtype, np.complexfloating) else a[0].astype(dtype)

    def flat(x):
        x = np.asarray(x)
        return np.stack([x.real, x.imag]).astype(np.float64)

    def peer(folder, _):
        a = convert(folder)
        return SCIPY, best(lambda: scipy.linalg.expm(a), SECONDS), flat(scipy.linalg.expm(a))

    def torch_peer(folder, threads):
        import torch

        torch.set_num_threads(threads)
        a = torch.from_numpy(convert(folder))
        return f"PyTorch {torch.__version__}", best(lambda: torch.matrix_exp(a), SECONDS), flat(torch.matrix_exp(a).numpy())

    tolerance = 1e-11 if np.finfo(dtype).eps < 1e-10 else 1e-3
    return Work(f"{n} x {n}", prepare, {"scipy": peer, "torch": torch_peer}, tolerance)


def batch(count, n, function, shift, torch_name=None):
    def prepare(folder):
        rng = np.random.default_rng(n)
        write(folder, "a", rng.standard_normal((count, n, n)) / np.sqrt(n) + shift * np.eye(n))

    def stack(folder):
        return read(folder, "a").reshape(count, n, n)

    def peer(folder):
        a = stack(folder)
        return lambda: function(a)

    def torch_peer(torch, folder):
        a = torch.from_numpy(stack(folder))
        return lambda: getattr(torch, torch_name)(a)

    others = {"torch": with_torch(torch_peer)} if torch_name else {}
    return work(f"{count} x {n} x {n}", prepare, SCIPY, peer, 1e-9, **others)


def phi_1(a):
    """By the exponential of a block matrix, for want of a function."""
    n = len(a)
    block = np.block([[a, np.eye(n)], [np.zeros((n, 2 * n))]])
    return scipy.linalg.expm(block)[:n, n:]


WORKS = {
    f"{name} {n}": scipy_function(n, unit_norm, getattr(scipy.linalg, name), 1e-9)
    for name in ("sinm", "sinhm", "coshm", "tanhm", "tanm")
    for n in (8, 64)
}
WORKS |= {"funm cos, 32": scipy_function(32, unit_norm, lambda a: scipy.linalg.funm(a, np.cos), 1e-6)}
WORKS |= {f"phi_1 {n}": scipy_function(n, unit_norm, phi_1, 1e-9) for n in (8, 64)}
WORKS |= {f"powm -2.7, {n}": scipy_function(n, right_half, lambda a: scipy.linalg.fractional_matrix_power(a, -2.7), 1e-8) for n in (8, 128)}
WORKS |= {f"signm {n}": scipy_function(n, normal, scipy.linalg.signm, 1e-5) for n in (8, 256)}
WORKS |= {f"polar {n}": work(f"{n} x {n}", normal(n), SCIPY, polar, 1e-10) for n in (8, 64, 256)}
WORKS |= {f"sylvester {n}": work(f"{n} x {n}", equation(n), SCIPY, sylvester, 1e-8) for n in (8, 64, 256)}
WORKS |= {f"lyapunov {n}": work(f"{n} x {n}", equation(n), SCIPY, lyapunov, 1e-8) for n in (8, 64)}
WORKS |= {f"log_volume {m} x {n}": work(f"{m} x {n}", tall(m, n), NUMPY, volume(n), 1e-12) for m, n in ((20, 5), (1000, 100))}
WORKS |= {"principal_angles 500 x 20": angles(20)}
WORKS |= {f"log_det_cholesky {n}": log_det_cholesky(n) for n in (8, 64, 512)}
WORKS |= {"log_det_sparse, Laplacian": work(f"{SIDE * SIDE} unknowns", lambda folder: write(folder, "a", np.array([float(SIDE)])), SCIPY, log_det_sparse, 1e-12)}
WORKS |= {f"log_det_batch {n}": log_dets(1000, n) for n in (3, 8)}
WORKS |= {
    f"expm_frechet_adjoint {n}": Work(f"{n} x {n}", two_matrices(n), {"torch": with_torch(adjoint)}, 1e-10) for n in (8, 64)
}
WORKS |= {f"det_gradient {n}": Work(f"{n} x {n}", unit_norm(n), {"torch": with_torch(det_gradient)}, 1e-9) for n in (8, 64)}
WORKS |= {f"expm single, {n}": narrow(np.float32, n) for n in (8, 64, 256)}
WORKS |= {f"expm complex, {n}": narrow(np.complex128, n) for n in (8, 64, 256)}
WORKS |= {f"expm_batch {n}": batch(1000, n, scipy.linalg.expm, 0.0, "matrix_exp") for n in (4, 16)}
WORKS |= {f"sqrtm_batch {n}": batch(200, n, scipy.linalg.sqrtm, 2.0) for n in (4, 16)}
WORKS |= {f"logm_batch {n}": batch(200, n, scipy.linalg.logm, 2.0) for n in (4, 16)}
