"""The matrix exponential over orders, norms and signs.

Entries are standard normal, or their moduli, scaled to the wanted 1-norm. Non-negative matrices of norm 100 have a
condition of about 100 as well, so the tolerance of the comparison is that of the peers: SciPy's real path carries errors
of up to 1e-12 (see the accuracy profile in docs/benchmarks.md).
"""

import numpy as np
import scipy
from _run import Work, best, read, write

SECONDS = 0.3
ORDERS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
NORMS = (0.1, 1, 10, 100)


def with_scipy(folder, _):
    a = square(folder)
    result = scipy.linalg.expm(a)
    return f"SciPy {scipy.__version__}", best(lambda: scipy.linalg.expm(a), SECONDS), result


def with_torch(folder, threads):
    import torch

    torch.set_num_threads(threads)
    a = torch.from_numpy(square(folder))
    result = torch.matrix_exp(a).numpy()
    return f"PyTorch {torch.__version__}", best(lambda: torch.matrix_exp(a), SECONDS), result


def square(folder):
    a = read(folder, "a")
    n = int(np.sqrt(a.size))
    return a.reshape(n, n)


def work(n, norm, entries):
    def prepare(folder):
        a = np.random.default_rng(n).standard_normal((n, n))
        a = np.abs(a) if entries == "non-negative" else a
        write(folder, "a", a * (norm / np.linalg.norm(a, 1)))

    return Work(f"{n} x {n}", prepare, {"scipy": with_scipy, "torch": with_torch}, 1e-9)


COUNT = 10_000


def stack(folder):
    return read(folder, "a").reshape(COUNT, 2, 2)


def many_with_scipy(folder, _):
    a = stack(folder)
    return f"SciPy {scipy.__version__}", best(lambda: scipy.linalg.expm(a), SECONDS), scipy.linalg.expm(a)


def many_with_torch(folder, threads):
    import torch

    torch.set_num_threads(threads)
    a = torch.from_numpy(stack(folder))
    return f"PyTorch {torch.__version__}", best(lambda: torch.matrix_exp(a), SECONDS), torch.matrix_exp(a).numpy()


def prepare_many(folder):
    write(folder, "a", np.random.default_rng(1).standard_normal((COUNT, 2, 2)))


WORKS = {"10 000 of order 2": Work("10 000 x 2 x 2", prepare_many, {"scipy": many_with_scipy, "torch": many_with_torch}, 1e-12)}
WORKS |= {
    f"{n}, norm {norm}, {entries}": work(n, norm, entries)
    for n in ORDERS
    for norm in NORMS
    for entries in ("normal", "non-negative")
}
