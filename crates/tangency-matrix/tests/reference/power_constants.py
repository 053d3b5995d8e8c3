"""Reach of the Pade approximants of powers near the identity, from its definition.

    python power_constants.py

Needs mpmath (written with 1.3.0). r_m is the [m/m] Pade approximant of (1 - x)^p, as the continued fraction
1 + c_1 x / (1 + c_2 x / (1 + ... c_2m x)) (Higham and Lin 2011, section 2). For |p| < 1 its error at a matrix X is largest at
the number x = ||X|| (their Theorem 3.1), and theta_m is the largest x at which that error is at most u |p| x: relative to
(1 - x)^p - 1, so that the power of a matrix close to the identity is accurate too. The smallest over p is printed, p near 0
(the logarithm) and both signs among them; then the error as a multiple of u |p| x at the theta_m of the logarithm
(log_constants.py), which the code uses, the largest over p.
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


# theta_m of the logarithm, as log_constants.py prints them: the degrees that are used in either precision.
LOGARITHM = {
    "double": (mpf(2) ** -53, ["3.6500241166821667e-8", "3.7593213639263383e-4", "8.2023793049542017e-3",
                               "3.7925485813213545e-2", "9.3346522964603145e-2", "0.16680834400298361",
                               "0.24796015202926918"]),
    "single": (mpf(2) ** -24, ["8.455491686e-4", "5.6023059e-2", "0.2132398245", "0.3900157918", "0.536323582"]),
}

EXPONENTS = [s * mpf(k) / 64 for k in range(1, 64) for s in (1, -1)] + [mpf(10) ** -6, -(mpf(10) ** -6)]
for m in range(1, 8):
    assert abs(approximant(m, mpf(1) / 3, mpf(10) ** -4) - (1 - mpf(10) ** -4) ** (mpf(1) / 3)) < mpf(10) ** (-8 * m)
    worst = [min((theta(m, p, u), p) for p in EXPONENTS) for u in (mpf(2) ** -53, mpf(2) ** -24)]
    print(m, "double", nstr(worst[0][0], 17), "at p =", nstr(worst[0][1], 4), " single", nstr(worst[1][0], 10))
for precision, (u, thetas) in LOGARITHM.items():
    for m, x in enumerate(map(mpf, thetas), 1):
        multiples = [(abs((1 - x) ** p - approximant(m, p, x)) / (u * abs(p) * x), p) for p in EXPONENTS]
        multiple, p = max(multiples)
        print(m, precision, "error at the theta of the logarithm:", nstr(multiple, 4), "at p =", nstr(p, 4))
