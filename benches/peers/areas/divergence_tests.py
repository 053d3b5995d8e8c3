"""Permutation tests of two samples of 1000 points in 10 dimensions, with 500 permutations.

The peer is the quickest form found in NumPy and SciPy: squared distances by `cdist` (quicker here than the identity with the
product of the points), the exponential in place, the labels of all permutations as one matrix of zeros and ones, and one
product of the kernel matrix with it; everything else follows from the sums of rows. Two rows each: the whole test, which is what
ours does, and that product alone, which is less than ours does.
"""

import numpy as np
import scipy
from _run import Work, best, read, write
from scipy.spatial.distance import cdist, pdist

N, D, COUNT, WIDTH = 1000, 10, 500, 3.0
SECONDS = 1.0
NAME = f"NumPy {np.__version__}, SciPy {scipy.__version__}"


def prepare(folder):
    rng = np.random.default_rng(1)
    write(folder, "p", rng.standard_normal((N, D)))
    write(folder, "q", rng.standard_normal((N, D)) + 0.02)
    write(folder, "shape", np.array([N, D, WIDTH]))


def points(folder):
    return np.concatenate([read(folder, name).reshape(N, D) for name in "pq"])


def gaussian(z, width):
    k = cdist(z, z, "sqeuclidean")
    k *= -0.5 / width**2
    np.exp(k, out=k)
    np.fill_diagonal(k, 0.0)
    return k


def labels(rng):
    """Columns of zeros and ones: the given labels, then random ones."""
    marked = np.zeros((2 * N, COUNT + 1))
    marked[:N, 0] = 1.0
    places = np.argpartition(rng.random((COUNT, 2 * N)), N, axis=1)[:, :N]
    marked[places.T, np.arange(1, COUNT + 1)] = 1.0
    return marked


def statistics(k, marked, pairs):
    within = (marked * (k @ marked)).sum(0)
    rows = k.sum(1)
    touched = rows @ marked
    return within / pairs + (rows.sum() - 2 * touched + within) / pairs - 2 * (touched - within) / N**2


def p_value(values):
    return (1 + np.count_nonzero(values[1:] >= values[0] - 1e-13)) / (COUNT + 1)


def work(test):
    """`test(z, rng)` gives the statistics of all labellings; `test(z, rng, True)` the kernel matrix instead."""

    def whole(folder, _):
        z, rng = points(folder), np.random.default_rng(2)

        def go():
            values = test(z, rng)
            p_value(values)
            return values

        return NAME, best(go, SECONDS), go()[:1]

    def product(folder, _):
        z, rng = points(folder), np.random.default_rng(2)
        k, marked = test(z, rng, True), labels(rng)
        return NAME + ": the product alone", best(lambda: k @ marked, SECONDS), test(z, rng)[:1]

    return Work(f"{N} + {N} points in {D} dimensions", prepare, {"whole": whole, "product": product}, 1e-10)


def mmd(z, rng, matrix_alone=False):
    k = gaussian(z, WIDTH)
    return k if matrix_alone else statistics(k, labels(rng), N * (N - 1))


def mmd_median(z, rng, matrix_alone=False):
    k = gaussian(z, np.median(pdist(z)))
    return k if matrix_alone else statistics(k, labels(rng), N * (N - 1))


def energy(z, rng, matrix_alone=False):
    k = cdist(z, z)
    np.negative(k, out=k)
    return k if matrix_alone else statistics(k, labels(rng), N**2)


WORKS = {
    "MMD, 500 permutations": work(mmd),
    "MMD with its width, 500 permutations": work(mmd_median),
    "energy, 500 permutations": work(energy),
}
