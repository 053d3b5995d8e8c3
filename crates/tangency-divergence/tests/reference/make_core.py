"""Reference values for the generators and for sums over probability vectors.

    python3 make_core.py

Python 3.11, mpmath 1.3.0, 420 digits. Every quantity comes from f alone, written down from its definition: derivatives by
mpmath.diff in ln u, conjugates as suprema over u >= 0 found by bisection. Writes core_generators.csv and core_vectors.csv.
Arguments are hexadecimal, so both sides start from the same number.
"""

from mpmath import diff, exp, expm1, fsum, inf, log, mp, mpf, nstr, sqrt

mp.dps = 420  # f(u) cancels for u = 1e-200 and for u = e^750, and its differences once more

HALF = mpf(1) / 2


def jensen_shannon(w, s):
    return lambda u: s * (w * u * log(u) - (w * u + 1 - w) * log(w * u + 1 - w))


def alpha(a):
    a = mpf(a)
    return lambda u: (u**a - 1 - a * (u - 1)) / (a * (a - 1))


# name: f, f(0), slope at infinity, is the domain of f* closed at its end (None: the end is infinite)
GENERATORS = {
    "KL": (lambda u: u * log(u), 0, inf, None),
    "reverse KL": (lambda u: -log(u), inf, 0, False),
    "Jeffreys": (lambda u: (u - 1) * log(u), inf, inf, None),
    "Pearson χ²": (lambda u: (u - 1) ** 2, 1, inf, None),
    "Neyman χ²": (lambda u: (1 - u) ** 2 / u, inf, 1, True),
    "squared Hellinger (½)": (lambda u: HALF * (sqrt(u) - 1) ** 2, HALF, HALF, False),
    "squared Hellinger": (lambda u: (sqrt(u) - 1) ** 2, 1, 1, False),
    "total variation": (lambda u: HALF * abs(u - 1), HALF, HALF, True),
    "Jensen-Shannon": (jensen_shannon(HALF, 1), HALF * log(2), HALF * log(2), False),
    "Jensen-Shannon (f-GAN)": (jensen_shannon(HALF, 2), log(2), log(2), False),
    "GAN": (lambda u: u * log(u) - (1 + u) * log(1 + u), 0, 0, False),
    "Le Cam": (lambda u: (u - 1) ** 2 / (u + 1), 1, 1, True),
    "Jensen-Shannon(0.3)": (
        jensen_shannon(mpf(0.3), 1),
        -(1 - mpf(0.3)) * log(1 - mpf(0.3)),
        -mpf(0.3) * log(mpf(0.3)),
        False,
    ),
    "alpha(-2)": (alpha(-2), inf, mpf(1) / 3, True),
    "alpha(0.3)": (alpha(0.3), 1 / mpf(0.3), 1 / (1 - mpf(0.3)), False),
    "alpha(3)": (alpha(3), mpf(1) / 3, inf, None),
    "hockey-stick(2)": (lambda u: max(u - 2, mpf(0)), 0, 1, True),
    "alpha(1.000000001)": (alpha(1.000000001), 1 / mpf(1.000000001), inf, None),
    "alpha(0.999999999)": (alpha(0.999999999), 1 / mpf(0.999999999), 1 / (1 - mpf(0.999999999)), False),
    "alpha(0.000000001)": (alpha(1e-9), 1 / mpf(1e-9), 1 / (1 - mpf(1e-9)), False),
    "alpha(-0.000000001)": (alpha(-1e-9), inf, 1 / (1 + mpf(1e-9)), True),
    "alpha(0.6)": (alpha(0.6), 1 / mpf(0.6), 1 / (1 - mpf(0.6)), False),
}
KINKS = {"total variation": 1, "hockey-stick(2)": 2}

U = [1e-200, 1e-20, 1e-3, 0.3, 0.9, 1 - 2**-20, 1.0, 1 + 2**-30, 1.1, 1.7, 2.5, 40.0, 1e8, 1e60]
R = [1e-9, 1e-4, 0.1, 0.4, 0.55, 1.2, 2.0, 30.0, 80.0]
V = [0.0, 1e-9, 1e-3, 0.3, 1.0, 1.1, 5.0, 40.0, 200.0]
T = [-1e6, -50.0, -4.0, -2.5, -1.0, -0.4, -0.1, -1e-9, 1e-9, 0.1, 0.3, 0.34, 0.49, 0.6, 0.65, 0.9, 1.0, 1.3, 5.0, 50.0, 700.0]


def of_log(f):
    return lambda v: f(exp(v))


def derivative(f, u):
    v = log(mpf(u))
    return diff(of_log(f), v) / mpf(u)


def second(f, u):
    v = log(mpf(u))
    g = of_log(f)
    return (diff(g, v, 2) - diff(g, v)) / mpf(u) ** 2


def conjugate(f, at_zero, slope, closed, t):
    t = mpf(t)
    if t > slope or (t == slope and not closed):
        return inf
    best = -at_zero if at_zero != inf else -inf
    if t == slope:
        u = exp(mpf(60))  # what is missing is of order 1/u; below the tolerance of any test
        return max(best, t * u - f(u))
    low, high = mpf(-230), mpf(750)
    while high - low > mpf(10) ** -45:
        middle = (low + high) / 2
        # The sign of t - f'(u), from a secant that rounding cannot touch: f is convex.
        u = exp(middle)
        h = u * mpf(10) ** -25
        if t * 2 * h - (f(u + h) - f(u - h)) > 0:
            low = middle
        else:
            high = middle
    u = exp(low)
    return max(best, t * u - f(u))


def number(x):
    if x == inf or x == -inf:
        return "inf" if x > 0 else "-inf"
    return "0" if abs(x) < mpf(10) ** -300 else nstr(mpf(x), 25)


def main():
    rows = []

    def add(name, quantity, argument, value):
        rows.append(f"{name},{quantity},{float(argument).hex()},{number(value)}")

    for name, (f, at_zero, slope, closed) in GENERATORS.items():
        kink = KINKS.get(name)
        for u in U:
            add(name, "generator", u, f(mpf(u)))
            if u != kink:
                add(name, "derivative", u, derivative(f, u))
                if u > 1e-100:  # below, the digits do not suffice
                    add(name, "second derivative", u, second(f, u))
        one = mpf(1)
        f_one = f(one)
        slope_one = mpf(0) if kink else derivative(f, 1)
        for r in [x for r in R for x in (r, -r)]:
            u = exp(mpf(r))
            add(name, "of log-ratio", r, f(u))
            add(name, "nonnegative", r, f(u) - f_one - slope_one * expm1(mpf(r)))
        for v in [x for v in V for x in (v, -v)]:
            if kink and (v == 0 or exp(v) == kink):
                continue
            u = exp(mpf(v))
            slope_u = derivative(f, u)
            add(name, "critic", v, slope_u)
            add(name, "conjugate of critic", v, u * slope_u - f(u))
            add(name, "critic derivative", v, u * second(f, u))
        for t in T:
            add(name, "conjugate", t, conjugate(f, at_zero, slope, closed, t))
    with open("core_generators.csv", "w") as out:
        out.write("# mpmath 1.3.0, 420 digits, python3 make_core.py\n")
        out.write("generator,quantity,argument,value\n")
        out.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
