"""Coefficients of the approximations in src/, by the Remez exchange.

    python minimax.py

Python 3.11, mpmath 1.3.0. Prints the constants as Rust source and, as a comment, the largest relative error that the
rounded coefficients leave in the function, in units of the last place of a result in [1/2, 1) (2^-53, 2^-24). That is
the error of the approximation alone; rounding in the evaluation comes on top of it.
"""

import struct

from mpmath import atanh, cos, exp, expm1, linspace, log, lu_solve, matrix, mp, mpf, pi, polyval, sqrt, tanh

mp.prec = 200


def to_single(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def shortest_single(x):
    for digits in range(1, 12):
        text = f"{float(x):.{digits}g}"
        if to_single(float(text)) == to_single(x):
            return text
    raise AssertionError


FORMATS = {
    "f64": (53, float, lambda x: repr(float(x))),
    "f32": (24, to_single, shortest_single),
}


def solve(f, weight, nodes, m, n, level):
    """p of degree m and q of degree n, q(0) = 1, with weight (p/q - f) = +-e at the nodes."""
    size = m + n + 2
    for _ in range(12 if n else 1):
        a, b = matrix(size), matrix(size, 1)
        for i, x in enumerate(nodes):
            sign = 1 if i % 2 == 0 else -1
            target = f(x) + sign * level / weight(x)
            for k in range(m + 1):
                a[i, k] = x**k
            for k in range(1, n + 1):
                a[i, m + k] = -target * x**k
            a[i, size - 1] = -sign / weight(x)
            b[i] = f(x)
        c = lu_solve(a, b)
        level = c[size - 1]
    return list(c[: m + 1]), [mpf(1)] + list(c[m + 1 : m + 1 + n]), level


def remez(f, weight, low, high, m, n=0):
    """The rational function p/q nearest to f in the weighted sup norm on [low, high]."""
    low, high = mpf(low), mpf(high)
    count = m + n + 2
    nodes = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / (count - 1)) for i in range(count)]
    level = mpf(0)
    grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * i / 1500) for i in range(1501)]
    values = [(x, f(x), weight(x)) for x in grid]
    for _ in range(20):
        p, q, level = solve(f, weight, nodes, m, n, level)
        errors = [w * (polyval(p[::-1], x) / polyval(q[::-1], x) - y) for x, y, w in values]
        extrema, best = [], 0
        for i in range(1, len(grid) + 1):
            if i == len(grid) or errors[i] * errors[best] < 0:
                extrema.append(best)
                best = i
            elif abs(errors[i]) > abs(errors[best]):
                best = i
        while len(extrema) > count:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) < count:
            raise RuntimeError("lost an alternation")
        nodes = [grid[i] for i in extrema]
        top = [abs(errors[i]) for i in extrema]
        if max(top) < min(top) * mpf("1.001"):
            break
    return p, q


def show(name, kind, coefficients):
    _, _, text = FORMATS[kind]
    body = ", ".join(text(c) for c in coefficients)
    print(f"const {name}: &[{kind}] = &[{body}];")


def report(kind, error):
    bits = FORMATS[kind][0]
    print(f"// {kind}: {float(error * 2 ** bits):.3f}")


def safe_grid(low, high):
    return [x for x in linspace(mpf(low), mpf(high), 2001) if x != 0]


def exponential(kind, degree):
    # e^r = 1 + r + r^2 q(r); the error is relative to e^r - 1, so that expm1 can use the same q.
    half = log(2) / 2 * mpf("1.001")
    f = lambda r: (expm1(r) - r) / r**2 if abs(r) > mpf(10) ** -12 else mpf(1) / 2 + r / 6 + r * r / 24
    weight = lambda r: r**2 / abs(expm1(r)) if abs(r) > mpf(10) ** -12 else mpf(10) ** -12
    p, _ = remez(f, weight, -half, half, degree)
    p = [FORMATS[kind][1](c) for c in p]
    show("EXP", kind, p)
    report(kind, max(abs((r + r**2 * polyval(p[::-1], r)) / expm1(r) - 1) for r in safe_grid(-half, half)))


def logarithm(kind, degree):
    # ln((1 + s)/(1 - s)) = 2 s + s z L(z), z = s^2; the error is relative to the logarithm.
    top = (3 - 2 * sqrt(mpf(2))) ** 2 * mpf("1.001")
    series = lambda z: sum(2 * z**k / (2 * k + 3) for k in range(60))
    weight = lambda z: z / (2 + z * series(z)) + mpf(10) ** -12
    p, _ = remez(series, weight, 0, top, degree)
    p = [FORMATS[kind][1](c) for c in p]
    show("LN", kind, p)
    grid = safe_grid(0, sqrt(top))
    report(kind, max(abs((2 * s + s**3 * polyval(p[::-1], s**2)) / (2 * atanh(s)) - 1) for s in grid))


def hyperbolic_tangent(kind, m, n, top):
    # tanh x = x + x^3 p(z)/q(z), z = x^2; the error is relative to tanh x.
    def f(z):
        x = sqrt(z)
        return (tanh(x) - x) / x**3 if z > mpf(10) ** -15 else -mpf(1) / 3 + 2 * z / 15

    weight = lambda z: z * sqrt(z) / tanh(sqrt(z)) if z > mpf(10) ** -15 else mpf(10) ** -15
    p, q = remez(f, weight, 0, mpf(top) ** 2, m, n)
    p, q = ([FORMATS[kind][1](c) for c in cs] for cs in (p, q))
    show("TANH_P", kind, p)
    show("TANH_Q", kind, q)
    grid = safe_grid(0, top)
    value = lambda x: x + x**3 * polyval(p[::-1], x**2) / polyval(q[::-1], x**2)
    report(kind, max(abs(value(x) / tanh(x) - 1) for x in grid))


def reciprocal(kind, degree):
    # 1/(1 + f) for sqrt(1/2) <= 1 + f <= sqrt(2): a factor of a term below one unit in the last place.
    low, high = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1
    p, _ = remez(lambda f: 1 / (1 + f), lambda f: 1 + f, low, high, degree)
    show("RECIPROCAL", kind, p)
    print(f"// relative error {float(max(abs(polyval(p[::-1], f) * (1 + f) - 1) for f in linspace(low, high, 2001))):.4f}")


if __name__ == "__main__":
    import sys

    # (kind, exp, ln, tanh p, tanh q, tanh limit, reciprocal)
    for kind, e, l, m, n, top, r in [("f64", 10, 6, 3, 3, 1, 2), ("f32", 4, 2, 2, 1, 1, 2)]:
        exponential(kind, e)
        logarithm(kind, l)
        hyperbolic_tangent(kind, m, n, top)
        reciprocal(kind, r)
    hi64 = mpf(int(log(2) * 2**33)) / 2**33
    hi32 = mpf(int(log(2) * 2**15 + mpf(1) / 2)) / 2**15
    for kind, hi in [("f64", hi64), ("f32", hi32)]:
        text = FORMATS[kind][2]
        print(f"const LN_2_HIGH: {kind} = {text(hi)};")
        print(f"const LN_2_LOW: {kind} = {text(log(2) - hi)};")
        print(f"const LOG2_E: {kind} = {text(1 / log(2))};")
