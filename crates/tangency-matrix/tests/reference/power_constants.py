"""Reach of the Pade approximants of powers near the identity, from its definition.

    python power_constants.py

Needs mpmath (written with 1.3.0). r_m is the [m/m] Pade approximant of (1 - x)^p, as the continued fraction
1 + c_1 x / (1 + c_2 x / (1 + ... c_2m x)) (Higham and Lin 2011, section 2). For |p| < 1 its error at a matrix X is largest at
the number x = ||X|| (their Theorem 3.1), and theta_m is the largest x at which that error is at most u |p| x: relative to
(1 - x)^p - 1, so that the power of a matrix close to the identity is accurate too. The smallest over p is printed, p near 0
(the logarithm) and both signs among them; then the error as a multiple of u |p| x at the theta_m of the logarithm
(log_constants.py), which the code uses, the largest over p.

The code evaluates the same approximant as partial fractions, sum_j w_j x / (1 + t_j x) = r_m - 1 for (1 + x)^p, by the quadrature
rule of Gauss for the weight ((1 - t) / t)^p sin(pi p) / pi on [0, 1]; that both agree is checked for every degree and exponent.
"""

from mpmath import eigsy, matrix, mp, mpf, nstr, sqrt

mp.dps = 80


def approximant(m, p, x):
    y = (m - p) / (2 * (2 * m - 1)) * -x if m > 0 else mpf(0)
    for j in range(2 * m - 1, 0, -1):
        k = j // 2
        c = -p if j == 1 else (p - k) / (2 * (2 * k - 1)) if j % 2 == 0 else (-k - p) / (2 * (2 * k + 1))
        y = c * x / (1 + y)
    return 1 + y


def partial_fractions(m, p):
    """(t_j, w_j) from the Jacobi matrix of the weight (Golub and Welsch 1969)."""
    jacobi = matrix(m, m)
    jacobi[0, 0] = -p
    for k in range(1, m):
        jacobi[k, k - 1] = jacobi[k - 1, k] = sqrt((k * k - p * p) / (4 * mpf(k) ** 2 - 1))
    values, vectors = eigsy(jacobi)
    return [((1 + values[j]) / 2, p * vectors[0, j] ** 2) for j in range(m)]


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
                               "0.24796015202926918", "0.32875993178081817", "0.40443220710631643",
                               "0.47276766041649782"]),
    "single": (mpf(2) ** -24, ["8.455491685873333e-4", "5.6023059002159405e-2", "0.21323982449115608",
                               "0.39001579176794813", "0.53632358197441887", "0.64568664286693306"]),
}

EXPONENTS = [s * mpf(k) / 64 for k in range(1, 64) for s in (1, -1)] + [mpf(10) ** -6, -(mpf(10) ** -6)]
for m in range(1, 11):
    assert abs(approximant(m, mpf(1) / 3, mpf(10) ** -4) - (1 - mpf(10) ** -4) ** (mpf(1) / 3)) < mpf(10) ** (-8 * m)
    for p in EXPONENTS:
        x = mpf(1) / 5
        terms = sum(w * -x / (1 - t * x) for t, w in partial_fractions(m, p))
        assert abs(terms / (approximant(m, p, x) - 1) - 1) < mpf(10) ** -60
    worst = [min((theta(m, p, u), p) for p in EXPONENTS) for u in (mpf(2) ** -53, mpf(2) ** -24)]
    print(m, "double", nstr(worst[0][0], 17), "at p =", nstr(worst[0][1], 4), " single", nstr(worst[1][0], 10))
for precision, (u, thetas) in LOGARITHM.items():
    for m, x in enumerate(map(mpf, thetas), 1):
        multiples = [(abs((1 - x) ** p - approximant(m, p, x)) / (u * abs(p) * x), p) for p in EXPONENTS]
        multiple, p = max(multiples)
        print(m, precision, "error at the theta of the logarithm:", nstr(multiple, 4), "at p =", nstr(p, 4))
