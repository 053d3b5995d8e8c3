"""Two-sample statistics by their definitions, in 40 digits: make_two_sample.py > two_sample.json

Every sum runs over all pairs as the formulas have it; nothing is rearranged. The points are binary fractions, so that both
sides start from the same numbers; the first pair has points that coincide.
"""

import json
import sys

import mpmath as mp

mp.mp.dps = 40


def numbers(seed, count):
    """A linear congruential generator; multiples of 1/64 between -4 and 4."""
    state = seed
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2**31
        yield (state >> 16) % 512 / 64 - 4


def sample(seed, n, d, shift):
    x = list(numbers(seed, n * d))
    return [[x[i * d + k] + shift for k in range(d)] for i in range(n)]


def squared(x, y):
    return sum((mp.mpf(a) - mp.mpf(b)) ** 2 for a, b in zip(x, y))


KERNELS = {
    "gaussian": lambda r2, s: mp.exp(-r2 / (2 * s**2)),
    "laplace": lambda r2, s: mp.exp(-mp.sqrt(r2) / s),
    "rational_quadratic": lambda r2, s: (1 + r2 / (2 * mp.mpf("1.5") * s**2)) ** mp.mpf("-1.5"),
    "distance": lambda r2, s: -mp.sqrt(r2),
}


def normalised(w):
    total = sum(mp.mpf(x) for x in w)
    return [mp.mpf(x) / total for x in w]


def statistics(p, q, kernel, width, v=None, w=None):
    """The unbiased and the biased estimate, with weights."""
    k = lambda x, y: KERNELS[kernel](squared(x, y), mp.mpf(width))
    v = normalised(v or [1] * len(p))
    w = normalised(w or [1] * len(q))
    within = lambda x, u: sum(u[i] * u[j] * k(x[i], x[j]) for i in range(len(x)) for j in range(len(x)) if i != j)
    across = sum(v[i] * w[j] * k(p[i], q[j]) for i in range(len(p)) for j in range(len(q)))
    own = sum(v[i] ** 2 * k(p[i], p[i]) for i in range(len(p))) + sum(w[j] ** 2 * k(q[j], q[j]) for j in range(len(q)))
    unbiased = within(p, v) / (1 - sum(x**2 for x in v)) + within(q, w) / (1 - sum(x**2 for x in w)) - 2 * across
    return float(unbiased), float(within(p, v) + within(q, w) + own - 2 * across)


def median_distance(p, q):
    z = p + q
    d = sorted(mp.sqrt(squared(z[i], z[j])) for i in range(len(z)) for j in range(i))
    return (d[(len(d) - 1) // 2] + d[len(d) // 2]) / 2


def linear(p, q, width):
    k = lambda x, y: KERNELS["gaussian"](squared(x, y), mp.mpf(width))
    h = [
        k(p[i], p[i + 1]) + k(q[i], q[i + 1]) - k(p[i], q[i + 1]) - k(p[i + 1], q[i])
        for i in range(0, 2 * (min(len(p), len(q)) // 2), 2)
    ]
    return mean_test(h)


def blocks(p, q, width, size):
    count = min(len(p), len(q)) // size
    n, m = len(p) // count, len(q) // count
    h = [mp.mpf(statistics(p[s * n : s * n + n], q[s * m : s * m + m], "gaussian", width)[0]) for s in range(count)]
    return mean_test(h)


def mean_test(h):
    mean = sum(h) / len(h)
    error = mp.sqrt(sum((x - mean) ** 2 for x in h) / (len(h) - 1) / len(h))
    return {"statistic": float(mean), "standard_error": float(error), "p_value": float(mp.ncdf(-mean / error))}


def neighbours(p, q, k):
    """Points at the distance of the k-th neighbour share its place."""
    z, n = p + q, len(p)
    total = mp.mpf(0)
    for i in range(len(z)):
        d = [squared(z[i], z[j]) if j != i else mp.inf for j in range(len(z))]
        kth = sorted(d)[k - 1]
        nearer = [j for j in range(len(z)) if d[j] < kth]
        tied = [j for j in range(len(z)) if d[j] == kth]
        same = lambda js: sum((j < n) == (i < n) for j in js)
        total += same(nearer) + mp.mpf(k - len(nearer)) / len(tied) * same(tied)
    return float(total / (len(z) * k))


cases = []
for n, m, d in [(2, 2, 1), (5, 7, 1), (9, 6, 2), (12, 21, 3), (17, 16, 10)]:
    p, q = sample(n, n, d, 0.0), sample(100 + m, m, d, 0.5)
    if n == 5:
        p[2] = p[1]
        q[3] = p[4]
    v, w = [abs(x) + 0.125 for x in numbers(7, n)], [abs(x) for x in numbers(8, m)]
    median = median_distance(p, q)
    case = {"p": p, "q": q, "v": v, "w": w, "median": float(median), "kernels": []}
    for kernel in KERNELS:
        for width in [0.75, float(median), 40.0]:
            case["kernels"].append(
                {
                    "kernel": kernel,
                    "width": width,
                    "plain": statistics(p, q, kernel, width),
                    "weighted": statistics(p, q, kernel, width, v, w),
                }
            )
    case["neighbours"] = [neighbours(p, q, k) for k in range(1, min(n + m - 1, 5) + 1)]
    if min(n, m) >= 6:
        case["linear"] = linear(p, q, 2.0)
        case["blocks"] = [{"size": size, **blocks(p, q, 2.0, size)} for size in (2, 3)]
    cases.append(case)

# Squared maximum mean discrepancy and energy distance of N(0, 1) and N(1, 1), by their integrals.
density = lambda x, mean, variance: mp.exp(-((x - mean) ** 2) / (2 * variance)) / mp.sqrt(2 * mp.pi * variance)
expectation = lambda f, mean: mp.quad(lambda r: f(r) * density(r, mean, 2), [-mp.inf, -1, 0, 1, mp.inf])
discrepancy = lambda f: float(2 * expectation(f, 0) - 2 * expectation(f, 1))
normal = {name: discrepancy(lambda r, k=k: k(r * r, mp.mpf(1))) for name, k in KERNELS.items()}

provenance = {
    "what": "two-sample statistics by their definitions",
    "script": "make_two_sample.py",
    "python": sys.version.split()[0],
    "mpmath": mp.__version__,
    "digits": mp.mp.dps,
}
print('{"provenance":' + json.dumps(provenance) + ',\n"normal":' + json.dumps(normal) + ',\n"cases":[')
print(",\n".join(json.dumps(case) for case in cases) + "]}")
