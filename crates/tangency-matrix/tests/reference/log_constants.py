"""Constants of the logarithm by inverse scaling and squaring, from their definitions.

    python log_constants.py

Needs mpmath (written with 1.3.0). Prints the nodes and weights of the partial fractions and the bounds theta_m.

The [m/m] Pade approximant of log(1 + x) is r_m(x) = sum_j w_j x / (1 + t_j x) with the nodes t_j and weights w_j of Gauss
and Legendre on [0, 1]. It is the exact logarithm of a perturbed argument: e^(r_m(x)) = 1 + x + sum_(k > 2m) c_k x^k, so
the relative backward error at ||X|| = theta is at most sum |c_k| theta^(k-1), and theta_m is where that is u
(Al-Mohy and Higham 2012, section 2).
"""

from mpmath import legendre, mp, mpf, nstr, polyroots, taylor

mp.dps = 120
TERMS = 160


def gauss(m):
    roots = sorted(polyroots(taylor(lambda x: legendre(m, x), 0, m)[::-1], maxsteps=400, extraprec=600))
    pairs = []
    for z in roots:
        slope = m * (z * legendre(m, z) - legendre(m - 1, z)) / (z * z - 1)
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


for m in range(1, 11):
    print(m, "theta double", nstr(theta(m, mpf(2) ** -53), 17), "single", nstr(theta(m, mpf(2) ** -24), 17))
    for t, w in gauss(m):
        print("   ", nstr(t, 20), nstr(w, 20))
