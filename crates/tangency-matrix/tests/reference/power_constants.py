"""Reach of the Pade approximants of powers near the identity, from its definition.

    python power_constants.py

Needs mpmath (written with 1.3.0). r_m is the [m/m] Pade approximant of (1 - x)^p, as the continued fraction
1 + c_1 x / (1 + c_2 x / (1 + ... c_2m x)) (Higham and Lin 2011, section 2). For |p| < 1 its error at a matrix X is largest at
the number x = ||X|| (their Theorem 3.1), and theta_m is the largest x at which that error is at most u |p| x: relative to
(1 - x)^p - 1, so that the power of a matrix close to the identity is accurate too. The smallest over p is printed, p near 0
(the logarithm) and both signs among them.
"""

from mpmath import mp, mpf, nstr

mp.dps = 80


def approximant(m, p, x):
    y = (m - p) / (2 * (2 * m - 1)) * -x if m > 0 else mpf(0)
    for j in range(2 * m - 1, 0, -1):
        k = j // 2
        c = -p if j == 1 else (p - k) / (2 * (2 * k - 1)) if j % 2 == 0 else (-k - p) / (2 * (2 * k + 1))
        y = c * x / (1 + y)
    return 1 + y


def theta(m, p, u):
    low, high = mpf(0), mpf("0.95")
    for _ in range(120):
        x = (low + high) / 2
        inside = abs((1 - x) ** p - approximant(m, p, x)) <= u * abs(p) * x
        low, high = (x, high) if inside else (low, x)
    return low


EXPONENTS = [s * mpf(k) / 64 for k in range(1, 64) for s in (1, -1)] + [mpf(10) ** -6, -(mpf(10) ** -6)]
for m in range(1, 8):
    assert abs(approximant(m, mpf(1) / 3, mpf(10) ** -4) - (1 - mpf(10) ** -4) ** (mpf(1) / 3)) < mpf(10) ** (-8 * m)
    worst = [min((theta(m, p, u), p) for p in EXPONENTS) for u in (mpf(2) ** -53, mpf(2) ** -24)]
    print(m, "double", nstr(worst[0][0], 17), "at p =", nstr(worst[0][1], 4), " single", nstr(worst[1][0], 10))
