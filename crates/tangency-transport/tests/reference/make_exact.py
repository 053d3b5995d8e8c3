"""Least costs of transport by POT and SciPy: writes exact.csv. Run in this directory: python3 make_exact.py

Instances are made from a stream of whole numbers (splitmix64) by operations that IEEE 754 rounds correctly, in the same order as
tests/it/instances.rs does, so that only the answers have to be kept.
"""

import sys

import numpy as np
import ot
import scipy
from scipy.optimize import linear_sum_assignment, linprog

MASK = (1 << 64) - 1


class Stream:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def uniform(self):
        return (self.next() >> 11) * 2.0**-53

    def bell(self):
        total = 0.0
        for _ in range(12):
            total += self.uniform()
        return total - 6.0


def weights(kind, count, stream):
    def one():
        if kind == "equal":
            return 1.0
        u = stream.uniform()
        if kind == "general":
            return u + 0.01
        if kind == "zeros":
            return 0.0 if u < 0.3 else u
        if kind == "heavy":
            return 1.0 / ((u + 0.001) * (u + 0.001))
        if kind == "whole":
            return float(int(u * 4.0) + 1)
        raise ValueError(kind)

    return np.array([one() for _ in range(count)])


def points(count, d, spread, shift, stream):
    return np.array([[spread * stream.bell() + shift for _ in range(d)] for _ in range(count)])


def distance(x, y, metric):
    c = np.zeros((len(x), len(y)))
    for k in range(x.shape[1]):  # coordinates are added one after the other
        difference = x[:, k][:, None] - y[:, k][None, :]
        c = c + (np.abs(difference) if metric == "absolute" else difference * difference)
    return np.sqrt(c) if metric == "euclidean" else c


def image(kind, stream):
    side = 32
    pixels = np.zeros((side, side))
    if kind in ("noise", "smooth"):
        for i in range(side):
            for j in range(side):
                pixels[i, j] = stream.uniform() + 0.01
    if kind == "smooth":
        for _ in range(6):
            old = pixels.copy()
            for i in range(side):
                for j in range(side):
                    total = 0.0
                    for di in (-1, 0, 1):
                        for dj in (-1, 0, 1):
                            total += old[(i + di) % side, (j + dj) % side]
                    pixels[i, j] = total
        least = pixels.min()
        pixels = (pixels - least) + 0.01 * least
    if kind in ("cauchy", "shapes"):
        for _ in range(3):
            ci, cj, r = stream.uniform() * side, stream.uniform() * side, 2.0 + stream.uniform() * 6.0
            for i in range(side):
                for j in range(side):
                    q = ((i - ci) * (i - ci) + (j - cj) * (j - cj)) / (r * r)
                    if kind == "cauchy":
                        pixels[i, j] += 1.0 / (1.0 + q)
                    elif q <= 1.0:
                        pixels[i, j] += 1.0
    return pixels.ravel()


def grid():
    return np.array([[float(i), float(j)] for i in range(32) for j in range(32)])


def instance(family, detail, n, m, d, kind, seed):
    stream = Stream(seed)
    if family == "image":
        a, b = image(detail, stream), image(detail, stream)
        c = distance(grid(), grid(), kind)
    else:
        if family == "points":
            x = points(n, d, 1.0, 0.0, stream)
            y = points(m, d, 1.25, 0.5, stream)
            c = distance(x, y, detail)
        elif family == "costs":
            c = np.array([[stream.uniform() for _ in range(m)] for _ in range(n)])
        elif family == "digits":
            c = np.array([[float(int(stream.uniform() * 10.0)) for _ in range(m)] for _ in range(n)])
        elif family == "constant":
            c = np.full((n, m), 2.5)
        elif family == "offset":
            c = np.array([[1e6 + stream.uniform() for _ in range(m)] for _ in range(n)])
        elif family == "duplicates":
            x = np.array([[float(int(stream.uniform() * 3.0)) for _ in range(2)] for _ in range(n)])
            y = np.array([[float(int(stream.uniform() * 3.0)) for _ in range(2)] for _ in range(m)])
            c = distance(x, y, "squared")
        a, b = weights(kind, n, stream), weights(kind, m, stream)
    return a / total(a), b / total(b), c


def total(w):
    s = 0.0
    for x in w:
        s += x
    return s


def scipy_value(a, b, c):
    n, m = c.shape
    if n == m and np.all(a == a[0]) and np.all(b == b[0]):
        i, j = linear_sum_assignment(c)
        return float(np.sum(c[i, j]) / n)
    if n * m > 5000:
        return float("nan")
    rows = np.zeros((n + m, n * m))
    for i in range(n):
        rows[i, i * m:(i + 1) * m] = 1.0
    for j in range(m):
        rows[n + j, j::m] = 1.0
    found = linprog(c.ravel(), A_eq=rows, b_eq=np.concatenate([a, b]), method="highs")
    return float(found.fun)


def main():
    cases = []
    metrics = ["squared", "euclidean", "absolute"]
    for k, d in enumerate([1, 2, 10, 100]):
        for l, (n, m) in enumerate([(40, 40), (60, 37), (25, 80)]):
            for p, kind in enumerate(["equal", "general"]):
                cases.append(("points", metrics[(k + l + p) % 3], n, m, d, kind))
    for n, m in [(50, 50), (80, 33), (120, 120)]:
        for kind in ["equal", "general", "zeros", "heavy"]:
            cases.append(("costs", "-", n, m, 0, kind))
    for n, m in [(40, 40), (64, 48)]:
        for kind in ["equal", "general", "whole"]:
            cases.append(("digits", "-", n, m, 0, kind))
    for family in ["constant", "offset", "duplicates"]:
        for kind in ["equal", "whole"]:
            cases.append((family, "-", 45, 60 if kind == "whole" else 45, 0, kind))
    for kind in ["noise", "smooth", "cauchy", "shapes"]:
        for metric in metrics:
            cases.append(("image", kind, 1024, 1024, 2, metric))
    assert len(cases) == 60
    with open("exact.csv", "w") as out:
        out.write(f"# POT {ot.__version__} (ot.emd2, numItermax=1e9), SciPy {scipy.__version__} (linear_sum_assignment for equal\n")
        out.write(f"# weights and n = m, otherwise linprog with HiGHS up to 5000 pairs), NumPy {np.__version__}, Python {sys.version.split()[0]}\n")
        out.write("# made by make_exact.py\n")
        out.write("family,detail,n,m,d,weights,seed,pot,scipy\n")
        for seed, case in enumerate(cases, 1):
            a, b, c = instance(*case, seed)
            pot = float(ot.emd2(a, b, c, numItermax=10**9))
            value = scipy_value(a, b, c)
            print(seed, case, pot, pot - value, flush=True)
            out.write(",".join(str(x) for x in case) + f",{seed},{pot!r},{value!r}\n")


main()
