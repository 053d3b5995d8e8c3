"""Distances of named laws on the line by mpmath: make_line.py > line.csv

Quantiles are roots of the distribution functions in 22 digits; W_p^p is integrated over the log-odds of the level from -180 to 180 by
Gauss' rule with 26 points on panels, cut where the quantiles cross. Nothing is shared with the library but the definition.
"""

import sys

import mpmath as mp

mp.mp.dps = 22


def gamma(a, rate):
    return (lambda x: mp.gammainc(a, 0, rate * x, regularized=True) if x > 0 else mp.mpf(0),
            lambda x: mp.gammainc(a, rate * x, mp.inf, regularized=True) if x > 0 else mp.mpf(1))


def beta_tails(a, b):
    """Of the log-odds, so that both x and 1 - x are at hand."""
    return (lambda u: mp.betainc(a, b, 0, 1 / (1 + mp.exp(-u)), regularized=True),
            lambda u: mp.betainc(b, a, 0, 1 / (1 + mp.exp(u)), regularized=True))


def student(m, s, v):
    def small(z):
        z = abs(z)
        return mp.betainc(mp.mpf(v) / 2, 0.5, 0, v / (v + z * z), regularized=True) / 2
    return (lambda x: small((x - m) / s) if x < m else 1 - small((x - m) / s),
            lambda x: 1 - small((x - m) / s) if x < m else small((x - m) / s))


def numeric(tails, to_line, from_line):
    """Quantile by bisection in a coordinate of the support that runs over the whole line, then secants."""
    lower, upper = tails

    def quantile(p, q):
        small, f, sign = (p, lower, 1) if p < q else (q, upper, -1)
        target = mp.log(small)

        def g(u):
            t = f(from_line(u))
            return sign * ((mp.log(t) if t > 0 else -mp.mpf(10) ** 6) - target)
        lo, hi = mp.mpf(-1), mp.mpf(1)
        while g(lo) > 0:
            lo *= 2
        while g(hi) < 0:
            hi *= 2
        for _ in range(30):
            mid = (lo + hi) / 2
            if g(mid) > 0:
                hi = mid
            else:
                lo = mid
        return from_line(mp.findroot(g, (lo, hi), solver="secant", tol=1e-38, verify=False))
    return quantile


exp_line = (mp.log, mp.exp)
plain = (lambda x: x, lambda u: u)


def odds(of_log_odds):
    return lambda p, q: 1 / (1 + mp.exp(-of_log_odds(p, q)))


def fisher(a, b):
    of_log_odds = numeric(beta_tails(mp.mpf(a) / 2, mp.mpf(b) / 2), *plain)
    return lambda p, q: mp.exp(of_log_odds(p, q)) * b / a


def normal_z(p, q):
    if p < q:
        return -normal_z(q, p)
    f = lambda z: mp.log(mp.erfc(z / mp.sqrt(2)) / 2) - mp.log(q)
    z0 = mp.sqrt(-2 * mp.log(2 * q)) if q < 0.3 else mp.sqrt(2 * mp.pi) * (mp.mpf(1) / 2 - q)
    return mp.findroot(f, z0, tol=1e-38, verify=False)


LAWS = {
    "normal 0 1": lambda p, q: normal_z(p, q),
    "normal 1 2": lambda p, q: 1 + 2 * normal_z(p, q),
    "lognormal 0 0.5": lambda p, q: mp.exp(normal_z(p, q) / 2),
    "lognormal 0.25 1": lambda p, q: mp.exp(mp.mpf("0.25") + normal_z(p, q)),
    "exponential 1": lambda p, q: -mp.log(q),
    "laplace 0 1": lambda p, q: mp.log(2 * p) if p < q else -mp.log(2 * q),
    "laplace 1 2": lambda p, q: 1 + 2 * (mp.log(2 * p) if p < q else -mp.log(2 * q)),
    "weibull 2 1": lambda p, q: mp.sqrt(-mp.log(q)),
    "weibull 1.5 2": lambda p, q: 2 * (-mp.log(q)) ** (mp.mpf(2) / 3),
    "pareto 2 3.5": lambda p, q: 2 * q ** (-1 / mp.mpf("3.5")),
    "pareto 1 5": lambda p, q: q ** (-mp.mpf(1) / 5),
    "pareto 1 1.5": lambda p, q: q ** (-mp.mpf(2) / 3),
    "gumbel 0 1": lambda p, q: -mp.log(-(mp.log(p) if p < q else mp.log1p(-q))),
    "gumbel 1 2": lambda p, q: 1 - 2 * mp.log(-(mp.log(p) if p < q else mp.log1p(-q))),
    "uniform 0 1": lambda p, q: p,
    "uniform 1 3": lambda p, q: 1 + 2 * p,
    "triangular 0 4 1": lambda p, q: mp.sqrt(4 * p) if p < mp.mpf(1) / 4 else 4 - mp.sqrt(12 * q),
    "gamma 2 1": numeric(gamma(2, 1), *exp_line),
    "gamma 3 2": numeric(gamma(3, 2), *exp_line),
    "gamma 0.5 1": numeric(gamma(mp.mpf("0.5"), 1), *exp_line),
    "beta 2 3": odds(numeric(beta_tails(2, 3), *plain)),
    "beta 4 2": odds(numeric(beta_tails(4, 2), *plain)),
    "beta 0.5 0.5": lambda p, q: mp.sin(mp.pi * p / 2) ** 2,
    "student 0 1 5": numeric(student(0, 1, 5), *plain),
    "fisher 3 7": fisher(3, 7),
}
g2 = numeric(gamma(mp.mpf("1.5"), 1), *exp_line)
g5 = numeric(gamma(mp.mpf("2.5"), 1), *exp_line)
LAWS["chi 3"] = lambda p, q: mp.sqrt(2 * g2(p, q))
LAWS["chi 5"] = lambda p, q: mp.sqrt(2 * g5(p, q))
i3 = numeric(gamma(mp.mpf("3.5"), 1), *exp_line)
i4 = numeric(gamma(4, 1), *exp_line)
LAWS["inversegamma 3.5 2"] = lambda p, q: 2 / i3(q, p)
LAWS["inversegamma 4 1"] = lambda p, q: 1 / i4(q, p)

PAIRS = [
    ("normal 0 1", "normal 1 2", [1, 2, 1.5]),
    ("normal 0 1", "exponential 1", [1, 2, 4]),
    ("lognormal 0 0.5", "lognormal 0.25 1", [1, 2]),
    ("laplace 0 1", "laplace 1 2", [1, 2]),
    ("laplace 0 1", "normal 0 1", [1, 3]),
    ("weibull 2 1", "weibull 1.5 2", [1, 2]),
    ("pareto 2 3.5", "pareto 1 5", [1, 2]),
    ("pareto 1 1.5", "uniform 0 1", [1]),
    ("gumbel 0 1", "gumbel 1 2", [1, 2]),
    ("uniform 0 1", "uniform 1 3", [1, 2, 3]),
    ("triangular 0 4 1", "uniform 1 3", [1, 1.5]),
    ("gamma 2 1", "gamma 3 2", [1, 2, 3]),
    ("gamma 0.5 1", "exponential 1", [1, 2]),
    ("beta 2 3", "beta 4 2", [1, 2]),
    ("beta 0.5 0.5", "uniform 0 1", [1, 2]),
    ("student 0 1 5", "normal 0 1", [1, 2]),
    ("fisher 3 7", "exponential 1", [1, 2]),
    ("chi 3", "chi 5", [1, 2]),
    ("inversegamma 3.5 2", "inversegamma 4 1", [1, 2]),
]
SAMPLE = [-1.5, -0.25, 0.5, 0.75, 2.0]
SAMPLE_LAWS = [("normal 0 1", [1, 2, 3]), ("gamma 2 1", [1, 2]), ("student 0 1 5", [1, 2]), ("pareto 2 3.5", [1, 2])]


def memoised(f):
    known = {}

    def quantile(s):
        if s not in known:
            t = 1 / (1 + mp.exp(-s))
            known[s] = f(t, 1 / (1 + mp.exp(s)))
        return known[s]
    return quantile


def nodes(n):
    """Gauss' rule on [-1, 1] by Newton's method for Legendre's polynomial."""
    rule = []
    for k in range(n):
        x = mp.cos(mp.pi * (k + mp.mpf(3) / 4) / (n + mp.mpf(1) / 2))
        for _ in range(8):
            low, high = mp.mpf(1), x
            for j in range(2, n + 1):
                low, high = high, ((2 * j - 1) * x * high - (j - 1) * low) / j
            slope = n * (x * high - low) / (x * x - 1)
            x -= high / slope
        rule.append((x, 2 / ((1 - x * x) * slope ** 2)))
    return rule


RULE = nodes(26)


def power(f, g, p, cuts):
    """Gauss' rule on panels of the log-odds, cut where the quantiles cross."""
    far = [mp.mpf(x) for x in (40, 50, 65, 85, 110, 140, 180)]
    ends = sorted(set([-x for x in far] + [mp.mpf(2 * k) for k in range(-20, 21)] + far + list(cuts)))
    d = lambda s: f(s) - g(s)
    tiny = mp.mpf("1e-15")
    total = mp.mpf(0)
    for a, b in zip(ends, ends[1:]):
        marks = [a, b]
        grid = [a + (b - a) * (t + tiny * (1 - 2 * t)) for t in (0, mp.mpf(1) / 3, mp.mpf(2) / 3, 1)]
        for lo, hi in zip(grid, grid[1:]):
            first = d(lo)
            if first * d(hi) < 0:
                for _ in range(70):
                    mid = (lo + hi) / 2
                    lo, hi = (mid, hi) if d(mid) * first > 0 else (lo, mid)
                kink = (lo + hi) / 2
                marks.append(kink)
                # Powers that are not whole have no Taylor series at a crossing: panels are graded towards it.
                if p != mp.floor(p):
                    steps = [(b - a) / mp.mpf(4) ** k for k in range(1, 14)]
                    marks += [x for h in steps for x in (kink - h, kink + h) if a < x < b]
        marks.sort()
        for lo, hi in zip(marks, marks[1:]):
            half, middle = (hi - lo) / 2, (hi + lo) / 2
            for x, w in RULE:
                s = middle + half * x
                total += w * half * abs(d(s)) ** p / ((1 + mp.exp(s)) * (1 + mp.exp(-s)))
    return total


def steps(sample, s):
    n = len(sample)
    t = 1 / (1 + mp.exp(-s))
    return mp.mpf(sample[min(n - 1, max(0, int(mp.floor(t * n))))])


def main():
    print(f"# mpmath {mp.__version__}, {mp.mp.dps} digits, Python {sys.version.split()[0]}")
    print("# python3 make_line.py > line.csv")
    print("# W_p^p of the two laws, or of the points", " ".join(map(str, SAMPLE)), "and a law")
    print("one,other,p,power")
    for one, other, exponents in PAIRS:
        f, g = memoised(LAWS[one]), memoised(LAWS[other])
        # The quantile of the triangular law changes its branch at the mode.
        cuts = [-mp.log(3)] if one.startswith("triangular") else []
        for p in exponents:
            print(f"{one},{other},{p},{mp.nstr(power(f, g, mp.mpf(p), cuts), 18)}", flush=True)
    n = len(SAMPLE)
    cuts = [mp.log(mp.mpf(k) / (n - k)) for k in range(1, n)]
    for law, exponents in SAMPLE_LAWS:
        g = memoised(LAWS[law])
        for p in exponents:
            value = power(lambda s: steps(SAMPLE, s), g, mp.mpf(p), cuts)
            print(f"sample,{law},{p},{mp.nstr(value, 18)}", flush=True)


if __name__ == "__main__":
    main()
