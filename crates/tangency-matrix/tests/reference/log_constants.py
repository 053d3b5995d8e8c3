"""Constants of the logarithm by inverse scaling and squaring, from their definitions.

    python log_constants.py

Needs mpmath (written with 1.3.0). Prints the nodes and weights of the partial fractions and the bounds theta_m.

The [m/m] Pade approximant of log(1 + x) is r_m(x) = sum_j w_j x / (1 + t_j x) with the nodes t_j and weights w_j of Gauss
and Legendre on [0, 1]. It is the exact logarithm of a perturbed argument: e^(r_m(x)) = 1 + x + sum_(k > 2m) c_k x^k, so
the relative backward error at ||X|| = theta is at most sum |c_k| theta^(k-1), and theta_m is where that is u
(Al-Mohy and Higham 2012, section 2).
"""

from mpmath import cos, mp, mpf, nstr, pi

mp.dps = 120
TERMS = 160


def legendre_pair(m, z):
    """P_m(z) and P_(m-1)(z), by the three-term recurrence."""
    before, value = mpf(1), z
    for k in range(2, m + 1):
        before, value = value, ((2 * k - 1) * z * value - (k - 1) * before) / k
    return value, before


def gauss(m):
    pairs = []
    for i in range(1, m + 1):
        z = -cos(pi * (mpf(i) - mpf(1) / 4) / (m + mpf(1) / 2))
        for _ in range(12):  # Newton's method, quadratic from a first guess with two digits
            value, before = legendre_pair(m, z)
            slope = m * (z * value - before) / (z * z - 1)
            z -= value / slope
        value, before = legendre_pair(m, z)
        assert abs(value) < mpf(10) ** -100
        slope = m * (z * value - before) / (z * z - 1)
        pairs.append(((1 + z) / 2, 1 / ((1 - z * z) * slope**2)))
    return pairs


def excess(m):
    """|c_k| for k > 2m, from g = e^r: k g_k = sum_j j r_j g_(k-j)."""
    r = [mpf(0)] + [sum(w * (-t) ** (k - 1) for t, w in gauss(m)) for k in range(1, TERMS)]
    g = [mpf(1)]
    for k in range(1, TERMS):
        g.append(sum(j * r[j] * g[k - j] for j in range(1, k + 1)) / k)
    assert abs(g[1] - 1) < 1e-80 and all(abs(g[k]) < mpf(10) ** -80 for k in range(2, 2 * m + 1))
    return {k: abs(g[k]) for k in range(2 * m + 1, TERMS)}


def theta(m, u):
    c = excess(m)
    low, high = mpf(0), mpf("0.9")
    for _ in range(150):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(v * middle ** (k - 1) for k, v in c.items()) <= u else (low, middle)
    return low


for m in range(1, 13):
    print(m, "theta double", nstr(theta(m, mpf(2) ** -53), 17), "single", nstr(theta(m, mpf(2) ** -24), 17))
    for t, w in gauss(m):
        print("   ", nstr(t, 20), nstr(w, 20))
