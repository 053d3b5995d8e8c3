"""The largest difference of quantiles of bounded laws by mpmath: make_reach.py > reach.csv

At a point x of the first law the level is F(x), and the other quantile is a root of G; the largest |x - y| over a grid is refined by
golden sections in 30 digits. For the sample the ends of its steps decide. Nothing is shared with the library but the definition.
"""

import sys

import mpmath as mp

mp.mp.dps = 34


def beta(a, b):
    return (mp.mpf(0), mp.mpf(1), lambda x: mp.betainc(a, b, 0, x, regularized=True))


def uniform(lo, hi):
    return (lo, hi, lambda x: (x - lo) / (hi - lo))


def triangular(lo, hi, mode):
    def cdf(x):
        if x < mode:
            return (x - lo) ** 2 / (hi - lo) / (mode - lo)
        return 1 - (hi - x) ** 2 / (hi - lo) / (hi - mode) if x < hi else mp.mpf(1)
    return (lo, hi, cdf)


KINDS = {"beta": beta, "uniform": uniform, "triangular": triangular}


def law(text):
    words = text.split()
    return KINDS[words[0]](*[mp.mpf(w) for w in words[1:]])


def quantile(of, t):
    lo, hi, cdf = of
    for _ in range(112):
        mid = (lo + hi) / 2
        if cdf(mid) < t:
            lo = mid
        else:
            hi = mid
    return (lo + hi) / 2


def largest(one, other):
    lo, hi, cdf = one

    def d(x):
        return abs(x - quantile(other, cdf(x)))
    n = 120
    grid = [lo + (hi - lo) * mp.mpf(k) / n for k in range(n + 1)]
    values = [d(x) for x in grid]
    k = max(range(n + 1), key=lambda k: values[k])
    a, b = grid[max(k - 1, 0)], grid[min(k + 1, n)]
    ratio = (mp.sqrt(5) - 1) / 2
    for _ in range(75):
        u, v = b - ratio * (b - a), a + ratio * (b - a)
        if d(u) > d(v):
            b = v
        else:
            a = u
    return max(d((a + b) / 2), values[k])


def of_sample(points, other):
    n = len(points)
    return max(max(abs(x - quantile(other, mp.mpf(k) / n)), abs(x - quantile(other, mp.mpf(k + 1) / n)))
               for k, x in enumerate(points))


print(f"# mpmath {mp.__version__}, {mp.mp.dps} digits, Python {sys.version.split()[0]}")
print("# python3 make_reach.py > reach.csv")
print("# the largest difference of quantiles of the two laws, or of the points -0.5 0.25 0.5 0.75 1.5 and a law")
print("one,other,reach")
for one, other in [
    ("beta 2 3", "beta 4 2"),
    ("beta 0.5 0.5", "uniform 0 1"),
    ("beta 2 5", "triangular 0 1 0.5"),
    ("triangular 0 4 1", "triangular 1 3 2.5"),
    ("uniform 0 1", "triangular -1 2 0.25"),
    ("triangular 0 1 0.25", "uniform 0 1"),
    ("beta 30 20", "uniform 0.25 0.875"),
    ("beta 1.5 2", "beta 1.5 2.25"),
]:
    print(f"{one},{other},{mp.nstr(largest(law(one), law(other)), 18)}")
points = [mp.mpf(x) for x in ("-0.5", "0.25", "0.5", "0.75", "1.5")]
for other in ["beta 2 3", "triangular -1 2 0.25", "uniform 0 1"]:
    print(f"sample,{other},{mp.nstr(of_sample(points, law(other)), 18)}")
