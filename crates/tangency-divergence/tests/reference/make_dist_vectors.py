"""Divergences of laws in several dimensions.

    python3 make_dist_vectors.py > dist_vectors.csv

By the textbooks' formulas, with 60 digits so that what cancels in them does not matter: log-partition functions of the Dirichlet
laws, determinants and inverses of the normal ones.
"""

import mpmath
from mpmath import det, exp, inf, log, loggamma, matrix, mp, mpf, psi

mp.dps = 60


def numbers(text):
    return [mpf(float(x)) for x in text.split()[1:]]


def dirichlet_kl(p, q):
    sp, sq = sum(p), sum(q)
    return (loggamma(sp) - loggamma(sq) + sum(loggamma(b) - loggamma(a) + (a - b) * (psi(0, a) - psi(0, sp)) for a, b in zip(p, q)))


def dirichlet_power(p, q, alpha):
    m = [alpha * a + (1 - alpha) * b for a, b in zip(p, q)]
    if min(m) <= 0:
        return inf
    normaliser = lambda a: sum(loggamma(x) for x in a) - loggamma(sum(a))
    return exp(normaliser(m) - alpha * normaliser(p) - (1 - alpha) * normaliser(q))


def normal(v):
    d = int(v[0])
    return matrix(v[1 : d + 1]), matrix([[v[1 + d + i * d + j] for j in range(d)] for i in range(d)])


def normal_kl(p, q):
    (m1, s1), (m2, s2) = normal(p), normal(q)
    inverse, shift = s2**-1, m2 - m1
    trace = sum((inverse * s1)[i, i] for i in range(s1.rows))
    return (trace - s1.rows + (shift.T * inverse * shift)[0] + log(det(s2) / det(s1))) / 2


def normal_power(p, q, alpha):
    (m1, s1), (m2, s2) = normal(p), normal(q)
    mixed = alpha * s1**-1 + (1 - alpha) * s2**-1
    if min(mpmath.eigsy(mixed, eigvals_only=True)) <= 0:
        return inf
    weighted = alpha * s1**-1 * m1 + (1 - alpha) * s2**-1 * m2
    exponent = (weighted.T * mixed**-1 * weighted)[0] - alpha * (m1.T * s1**-1 * m1)[0] - (1 - alpha) * (m2.T * s2**-1 * m2)[0]
    return det(mixed) ** mpf(-0.5) * det(s1) ** (-alpha / 2) * det(s2) ** (-(1 - alpha) / 2) * exp(exponent / 2)


def values(kl, power, p, q):
    yield "kl", kl(p, q)
    yield "reverse", kl(q, p)
    yield "jeffreys", kl(p, q) + kl(q, p)
    yield "pearson", power(p, q, mpf(2)) - 1
    yield "neyman", power(p, q, mpf(-1)) - 1
    yield "hellinger", 1 - power(p, q, mpf(0.5))
    for name in ("3", "0.3", "-2"):
        alpha = mpf(float(name))
        yield "alpha" + name, (power(p, q, alpha) - 1) / (alpha * (alpha - 1))


PAIRS = [
    ("dirichlet 1 2 3", "dirichlet 2 2 2"),
    ("dirichlet 0.5 0.7 2 4", "dirichlet 0.6 0.4 3 3"),
    ("dirichlet 30 20 10", "dirichlet 25 21 12"),
    ("dirichlet 1 2 3", "dirichlet 1.000001 2.000001 3.000002"),
    ("mvn 2 0 0 2 0.5 0.5 1", "mvn 2 1 -2 1 -0.3 -0.3 3"),
    ("mvn 2 0.3 0.7 1.5 0.2 0.2 1", "mvn 2 0 0 1.2 -0.1 -0.1 1.3"),
    ("mvn 3 0 1 2 4 1 0.5 1 3 -0.2 0.5 -0.2 2", "mvn 3 0.5 1 1 3.5 0.7 0.4 0.7 3.2 0.1 0.4 0.1 2.5"),
    ("mvn 2 0 0 2 0.5 0.5 1", "mvn 2 0.000001 0 2.000001 0.5 0.5 1"),
    ("mvn 2 0 0 100 9.9 9.9 1", "mvn 2 0.1 0 101 9.9 9.9 1.1"),
]

if __name__ == "__main__":
    print(f"# mpmath {mpmath.__version__}, {mp.dps} digits: python3 make_dist_vectors.py > dist_vectors.csv")
    print("p,q,divergence,value")
    for p, q in PAIRS:
        functions = (dirichlet_kl, dirichlet_power) if p.startswith("d") else (normal_kl, normal_power)
        for name, value in values(*functions, numbers(p), numbers(q)):
            print(f"{p},{q},{name},{mpmath.nstr(value, 25) if value != inf else 'inf'}")
