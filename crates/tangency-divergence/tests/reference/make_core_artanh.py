"""The coefficients of (artanh s - s) / s^3 as a polynomial in z = s^2, for src/mass/lane.rs.

    python3 make_core_artanh.py

Python 3.11, mpmath 1.3.0, 40 digits. Ratios that are left have |ln(p'/q')| < 0.5 ln 2 + 0.0861 ln 2, where 0.0861 is the largest
difference between log2(1 + x) and x, so z < 0.0402. Prints the coefficients and the largest error after their rounding.
"""

from mpmath import atanh, chebyfit, mp, mpf, nstr, polyval, sqrt

mp.dps = 40
END = mpf("0.0402")


def target(z):
    s = sqrt(z)
    return (atanh(s) / s - 1) / z if z > mpf(10) ** -12 else mpf(1) / 3 + z / 5 + z * z / 7


rounded = [float(c) for c in chebyfit(target, [0, END], 8)]
print(rounded[::-1])
print(nstr(max(abs(polyval([mpf(c) for c in rounded], END * i / 400) - target(END * i / 400)) for i in range(401)), 3))
