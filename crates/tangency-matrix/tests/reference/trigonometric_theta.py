"""Prints the largest scaled norms of src/trigonometric/pair.rs: roots of the bound of the remainder, by mpmath."""

from mpmath import factorial, mp, mpf, nstr

mp.dps = 50


def remainder(x, m):
    """max(1, x) sum over k > m of x^(2k-2)/(2k-1)!."""
    total, k = mpf(0), m + 1
    while True:
        term = x ** (2 * k - 2) / factorial(2 * k - 1)
        total += term
        if term < total * mpf(10) ** -40:
            return total * max(1, x)
        k += 1


for name, u in (("double", mpf(2) ** -53), ("single", mpf(2) ** -24)):
    for m in (2, 4, 6, 8, 12):
        low, high = mpf(0), mpf(20)
        for _ in range(150):
            middle = (low + high) / 2
            low, high = (middle, high) if remainder(middle, m) <= u else (low, middle)
        print(name, m, nstr(low, 17))
