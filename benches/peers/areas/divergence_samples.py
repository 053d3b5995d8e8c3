"""Kullback-Leibler divergence from nearest neighbours, 10⁵ standard normal points against 10⁵ shifted ones.

The peer is the best form of the same formula with SciPy: two k-d trees and two vectorised queries with all threads. Building the
trees is part of the work on both sides.
"""

import numpy as np
import scipy
from _run import Work, best, read, write
from scipy.spatial import cKDTree

POINTS = 100_000


def normal(dimension):
    def prepare(folder):
        rng = np.random.default_rng(dimension)
        x = rng.standard_normal((POINTS, dimension))
        y = rng.standard_normal((POINTS, dimension))
        y[:, 0] += 1.0
        write(folder, "x", x)
        write(folder, "y", y)
        write(folder, "dimension", np.array([float(dimension)]))

    return prepare


def with_scipy(folder, threads):
    dimension = int(read(folder, "dimension")[0])
    x, y = (read(folder, name).reshape(-1, dimension) for name in "xy")

    def go():
        rho = cKDTree(x).query(x, k=2, workers=threads)[0][:, 1]
        nu = cKDTree(y).query(x, k=1, workers=threads)[0]
        return dimension * np.mean(np.log(nu / rho)) + np.log(len(y) / (len(x) - 1))

    return f"SciPy {scipy.__version__}", best(go, 1.0, 2 if dimension > 5 else 5), [go()]


WORKS = {
    f"kNN KL, d = {dimension}": Work(f"{POINTS} x {dimension}", normal(dimension), {"scipy": with_scipy}, 1e-11)
    for dimension in (2, 5, 10)
}
