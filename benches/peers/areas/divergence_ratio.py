"""Density ratios and histograms."""

import sys
from importlib.metadata import version

import numpy as np
from _run import Work, best, read, write

SECONDS = 0.5
NUMPY = f"NumPy {np.__version__}"
GRID = 10 ** np.linspace(-3, 1, 9)
"""The candidates that densratio tries if it is not told others, for the width and for the ridge."""


def two_normal_samples(rows, columns):
    """Points by rows, after their number of coordinates."""

    def prepare(folder):
        rng = np.random.default_rng(rows)
        p, q = rng.standard_normal((rows, columns)), rng.standard_normal((rows, columns))
        p[:, 0] += 1
        for name, points in (("p", p), ("q", q)):
            write(folder, name, np.concatenate([[float(columns)], points.ravel()]))

    return prepare


def points(folder, name):
    numbers = read(folder, name)
    return numbers[1:].reshape(-1, int(numbers[0]))


def densratio(folder, _):
    """Least squares with the package's own candidates and number of kernels. It draws its centres; that draw is replaced
    by the first hundred points, so that both sides fit the same kernels. (The relative form is not compared: there the
    package leaves points out of one half of its matrix alone, and may choose otherwise.)"""
    import densratio  # noqa: F401

    module = sys.modules["densratio.RuLSIF"]
    module.choice = lambda count, size, replace: np.arange(size)
    p, q = points(folder, "p"), points(folder, "q")

    def go():
        return module.RuLSIF(p, q, 0.0, GRID, GRID, 100, False)

    found = go()
    return f"densratio {version('densratio')}", best(go, SECONDS, 3), [found.kernel_info.sigma, found.lambda_, *found.theta]


LOWER, UPPER, BINS = -4.0, 4.0, 100


def histogram(folder, _):
    x = read(folder, "x")

    def go():
        return np.histogram(x, bins=BINS, range=(LOWER, UPPER))[0]

    return f"{NUMPY} histogram", best(go, SECONDS), go()


def bincount(folder, _):
    """The fastest form in NumPy, which sorts numbers within rounding of an edge as the product comes out."""
    x = read(folder, "x")

    def go():
        index = ((np.clip(x, LOWER - 0.01, UPPER + 0.01) - LOWER) * (BINS / (UPPER - LOWER)) + 1).astype(np.int64)
        return np.bincount(index, minlength=BINS + 2)[1 : BINS + 1]

    return f"{NUMPY} bincount", best(go, SECONDS), go()


WORKS = {
    "uLSIF": Work("1000 x 5, twice", two_normal_samples(1000, 5), {"densratio": densratio}, 1e-8),
    "histogram": Work(
        "10 000 000",
        lambda folder: write(folder, "x", np.random.default_rng(7).standard_normal(10_000_000)),
        {"numpy": histogram, "bincount": bincount},
        1e-5,
    ),
}
