"""Reference values of divergences between vectors of probabilities.

    python3 make_core_vectors.py

Python 3.11, mpmath 1.3.0, 420 digits; the generators are those of make_core.py. The sum is that of the generator which
touches zero at one, plus f(1), so a vector whose sum is not 1 in exact arithmetic gives what the library documents.
Writes core_vectors.csv (the vectors, hexadecimal) and core_divergences.csv.
"""

import random

from make_core import GENERATORS, KINKS, derivative, number
from mpmath import inf, log, mpf

generator = random.Random(20)


def normalised(weights):
    total = sum(weights)
    return [w / total for w in weights]


PAIRS = {
    "zeros in p": ([0.5, 0.25, 0.125, 0.125, 0.0, 0.0], [0.125, 0.125, 0.25, 0.25, 0.25, 0.0]),
    "zeros in q": ([0.125, 0.125, 0.25, 0.25, 0.25, 0.0], [0.5, 0.25, 0.125, 0.125, 0.0, 0.0]),
    "nearly equal": (
        [0.125 + d * 2.0**-30 for d in (1, -1, 3, -3, 0, 2, -2, 0)],
        [0.125] * 8,
    ),
    "hardly different": ([0.25 + 2.0**-54, 0.25, 0.5 - 2.0**-54], [0.25, 0.25, 0.5]),
    "random": (
        normalised([generator.expovariate(1) for _ in range(37)]),
        normalised([generator.expovariate(1) for _ in range(37)]),
    ),
    "far apart": ([1.0, 1e-30, 1e-100, 1e-12], [1e-12, 1e-60, 1e-30, 1.0 - 1e-12]),
    "tiny": ([1.0, 1e-310, 1e-300, 1e-200, 1e-308], [1.0, 1e-200, 1e-315, 3e-310, 2e-308]),
}


def divergence(name, p, q):
    f, at_zero, slope, _ = GENERATORS[name]
    one = f(mpf(1))
    slope_one = mpf(0) if name in KINKS else derivative(f, 1)
    total = one
    for a, b in zip(map(mpf, p), map(mpf, q)):
        if a > 0 and b > 0:
            u = a / b
            total += b * (f(u) - one - slope_one * (u - 1))
        elif a > 0:
            total += a * (slope - slope_one) if slope != inf else inf
        elif b > 0:
            total += b * (at_zero - one + slope_one) if at_zero != inf else inf
    return total


def main():
    with open("core_vectors.csv", "w") as out:
        out.write("# Python 3.11, python3 make_core_vectors.py\npair,p,q\n")
        for pair, (p, q) in PAIRS.items():
            out.writelines(f"{pair},{a.hex()},{b.hex()}\n" for a, b in zip(p, q))
    with open("core_divergences.csv", "w") as out:
        out.write("# mpmath 1.3.0, 420 digits, python3 make_core_vectors.py\npair,generator,value\n")
        for pair, (p, q) in PAIRS.items():
            for name in GENERATORS:
                out.write(f"{pair},{name},{number(divergence(name, p, q))}\n")
            # The affinity of order 0.3 and 3, as a logarithm.
            for order in (0.3, 3.0):
                a = mpf(order)
                masses = [(mpf(x), mpf(y)) for x, y in zip(p, q)]
                lonely = order > 1 and any(x > 0 and y == 0 for x, y in masses)
                value = inf if lonely else log(sum(x**a * y ** (1 - a) for x, y in masses if x > 0 and y > 0))
                out.write(f"{pair},ln affinity({order}),{number(value)}\n")


if __name__ == "__main__":
    main()
