"""action.json."""

import numpy as np

import arithmetic as ar
import families
from cases import as_rows
from fixtures import matrix, write


def hopping():
    """A 9 x 9 Hamiltonian, times -i: states on the same diagonal are coupled."""
    h = np.zeros((9, 9))
    for i, j in [(1, 1), (1, 4), (2, 2), (2, 5), (4, 1), (4, 7), (5, 2), (5, 8), (7, 4), (8, 5)]:
        h[i, j] = 1.0
    h[7, 7] = h[8, 8] = -1.0
    return -1j * h


def laplacian(n):
    return np.eye(n, k=1) + np.eye(n, k=-1) - 2 * np.eye(n)


def inputs():
    """(name, family, a, b, times)"""
    rng = np.random.default_rng(families.SEED + 11)
    b = rng.standard_normal((20, 2))
    yield "normal_20", "normal", families.scaled(families.normal(rng, 20), 1.0), b, [0.0, 1.0, 10.0]
    yield "nonnormal_20", "nonnormal", families.scaled(families.nonnormal(rng, 20), 30.0), b, [0.1, 1.0]
    yield "generator_20", "generator", families.scaled(families.generator(rng, 20), 10.0), np.abs(b), [5.0, 5.5, 6.0, 6.5]
    yield "skew_20", "skew", families.scaled(families.skew(rng, 20), 50.0), b, [1.0]
    yield "skew_20_backward", "skew", families.scaled(families.skew(rng, 20), 5.0), b[:, :1], [2.0, 1.0, 0.0, -1.0]
    yield "badly_scaled_20", "badly_scaled", families.scaled(families.badly_scaled(rng, 20), 20.0), b[:, :1], [0.5]
    yield "hopping_9", "named", hopping(), np.eye(9)[:, 1:3], [9.0, 9.5, 10.0]
    yield "hopping_9_late", "named", hopping(), np.eye(9)[:, 1:2], [100.0, 100.1]
    nodes = np.arange(1, 51) / 51.0
    bumps = np.stack([np.sin(np.pi * nodes), (nodes < 0.5).astype(float)], axis=1)
    yield "laplacian_50", "named", 50.0 * laplacian(50), bumps, [1.0]
    yield "laplacian_50_grid", "named", 50.0 * laplacian(50), bumps[:, 1:], [0.5, 0.6, 0.7]
    yield "schroedinger_20", "named", 1j * laplacian(20), b[:, :1].astype(complex), [3.0, 25.0]
    yield "overscaling_2", "named", [[1, 1e6], [0, -1]], [[1.0, 0], [0, 1]], [1.0]
    yield "nilpotent_10", "named", 10.0 * np.eye(10, k=1), np.ones((10, 1)), [1.0, 2.0]
    yield "decay_5", "named", -1e3 * np.eye(5) + np.eye(5, k=1), np.ones((5, 1)), [0.1, 0.2]
    yield "zero_3", "named", np.zeros((3, 3)), [[1.0], [2.0], [3.0]], [7.0]


def make_action():
    cases = []
    for name, family, a, b, times in inputs():
        rows, columns = as_rows(a), as_rows(b)
        exact_a, exact_b = ar.exact(rows), ar.exact(columns)
        if ar.is_complex(exact_a) != ar.is_complex(exact_b):
            exact_a, exact_b = ar.as_complex(exact_a), ar.as_complex(exact_b)
        expected, amplification = [], []
        for t in times:
            expected.append(matrix(ar.accurate(lambda: ar.exp(exact_a * ar.arb(t)) * exact_b)))
            with ar.precision(2 * ar.BITS):
                x = ar.exp(exact_a * ar.arb(t))
                amplification.append(float((ar.norm1(x) * ar.norm1(exact_b) / ar.norm1(x * exact_b)).mid()))
        cases.append({
            "name": name, "family": family, "n": len(rows), "complex": isinstance(rows[0][0], complex), "a": matrix(rows),
            "b": matrix(columns), "times": times, "expected": expected, "amplification": amplification,
        })
    write("action", "exp(t A) B for the times listed", cases)
