"""Largest scaled norms for the Taylor polynomials of expm_multiply: `python make_theta.py` prints src/action/theta.rs.

T_m(x) = sum_{k<=m} x^k/k!; exp(x + h(x)) = T_m(x) defines the backward error h = log(e^-x T_m(x)) = sum_{k>m} c_k x^k,
and theta_m is the largest theta with sum_k |c_k| theta^(k-1) <= tolerance (Al-Mohy and Higham, SIAM J. Sci. Comput. 33
(2011), section 3). The coefficients come from h' = T_m'/T_m - 1 = -x^m/m! / T_m(x), so that c_k = -r_(k-1-m)/(m! k)
with 1/T_m = sum r_j x^j, in exact rational arithmetic; then a bisection with 50 digits. Values are rounded down.
"""

from fractions import Fraction
from math import factorial

from mpmath import mp, mpf

mp.dps = 50
TERMS = 260


def coefficients(m):
    """|c_k| for k = m+1 .. m+TERMS."""
    t = [Fraction(1, factorial(k)) for k in range(m + 1)]
    r = [Fraction(1)]
    for j in range(1, TERMS):
        r.append(-sum(t[i] * r[j - i] for i in range(1, min(j, m) + 1)))
        # 400 bits are far more than the 50 digits used, and keep the fractions short.
        r[j] = Fraction(int(r[j] * 2**400), 2**400) if j > 60 else r[j]
    return [mpf(abs(c).numerator) / mpf(abs(c).denominator) / factorial(m) / (m + 1 + j) for j, c in enumerate(r)]


def theta(c, m, tolerance):
    def error(x):
        return sum(a * x ** (m + j) for j, a in enumerate(c))

    low, high = mpf(0), mpf(m) * mpf("0.2785") + 1  # zeros of T_m are farther than 0.2784 m
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (middle, high) if error(middle) <= tolerance else (low, middle)
    return low


def down(x):
    return mp.nstr(x * (1 - mpf(10) ** -13), 12)


if __name__ == "__main__":
    tables = {"DOUBLE": [], "SINGLE": []}
    for m in range(1, 56):
        c = coefficients(m)
        tables["DOUBLE"].append(down(theta(c, m, mpf(2) ** -53)))
        tables["SINGLE"].append(down(theta(c, m, mpf(2) ** -24)))
    for name, values in tables.items():
        print(f"pub(super) const {name}: [f64; LARGEST_DEGREE] = [")
        for i in range(0, 55, 5):
            print("    " + " ".join(v + "," for v in values[i : i + 5]))
        print("];")
