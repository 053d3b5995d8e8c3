"""Reference values of entropic transport: Sinkhorn's iteration with 40 digits, checked against POT.

Run as `python3 entropic.py > entropic.csv`; needs mpmath 1.3, numpy and POT 0.9.7.
"""
import warnings

import mpmath as mp
import numpy as np
import ot

mp.mp.dps = 40
warnings.filterwarnings("ignore")
N, M = 5, 4
X = [(mp.mpf(7 * i % 11) / 11, mp.mpf(3 * i % 5) / 5) for i in range(N)]
Y = [(mp.mpf((5 * j + 2) % 13) / 13, mp.mpf(j % 3) / 3) for j in range(M)]
A = [mp.mpf(i + 1) / 15 for i in range(N)]
B = [mp.mpf(j * j + 1) / 18 for j in range(M)]


def square(p, q):
    return sum((s - t) ** 2 for s, t in zip(p, q))


def costs(P, Q):
    return [[square(p, q) for q in Q] for p in P]


def soft(weights, potentials, line, eps):
    return -eps * mp.log(sum(w * mp.exp((g - c) / eps) for w, g, c in zip(weights, potentials, line)))


def sinkhorn(a, b, C, eps, first=lambda t: t, second=lambda t: t):
    """Potentials for which the plan is a_i b_j exp((f_i + g_j - c_ij) / eps)."""
    f, g = [mp.mpf(0)] * len(a), [mp.mpf(0)] * len(b)
    columns = list(zip(*C))
    while True:
        f_new = [first(soft(b, g, line, eps)) for line in C]
        g_new = [second(soft(a, f_new, line, eps)) for line in columns]
        change = max(abs(s - t) for s, t in zip(f + g, f_new + g_new))
        f, g = f_new, g_new
        if change < mp.mpf(10) ** -32:
            return f, g


def plan(a, b, C, eps, f, g):
    return [[a[i] * b[j] * mp.exp((f[i] + g[j] - C[i][j]) / eps) for j in range(len(b))] for i in range(len(a))]


def value(a, b, C, eps):
    f, g = sinkhorn(a, b, C, eps)
    return sum(w * t for w, t in zip(a + b, f + g))


def kl(p, q):
    return sum(s * mp.log(s / t) - s + t for s, t in zip(p, q))


def emit(case, quantity, number):
    print(f"{case},{quantity},{mp.nstr(number, 20)}")


def as_array(C):
    return np.array([[float(c) for c in line] for line in C])


print(f"# mpmath {mp.__version__}, 40 digits; agrees with POT {ot.__version__} to the accuracy of its stopping rule")
print("# made by entropic.py")
print("case,quantity,value")
C = costs(X, Y)
a64, b64, c64 = np.array(A, dtype=float), np.array(B, dtype=float), as_array(C)
for name, eps in [("wide", mp.mpf(1) / 2), ("narrow", mp.mpf(1) / 20)]:
    f, g = sinkhorn(A, B, C, eps)
    P = plan(A, B, C, eps, f, g)
    linear = sum(P[i][j] * C[i][j] for i in range(N) for j in range(M))
    relative = linear + eps * sum(p * mp.log(p / (A[i] * B[j])) for i, r in enumerate(P) for j, p in enumerate(r))
    entropy = linear + eps * sum(p * mp.log(p) for r in P for p in r)
    emit(name, "relative", relative)
    emit(name, "entropy", entropy)
    emit(name, "linear", linear)
    for i, r in enumerate(P):
        for j, p in enumerate(r):
            emit(name, f"plan_{i}_{j}", p)
    pot = ot.sinkhorn(a64, b64, c64, float(eps), method="sinkhorn_log", stopThr=1e-13, numItermax=100000)
    assert np.abs(pot - as_array(P)).max() < 1e-11
    aa, bb = value(A, A, costs(X, X), eps), value(B, B, costs(Y, Y), eps)
    emit(name, "divergence", relative - (aa + bb) / 2)

for name, eps, rho in [("kl", mp.mpf(1) / 10, mp.mpf(1) / 2), ("kl_far", mp.mpf(1) / 20, mp.mpf(100))]:
    heavy = [3 * b for b in B]
    damp = lambda t: t * rho / (rho + eps)
    if name == "kl":
        f, g = sinkhorn(A, heavy, C, eps, damp, damp)
    else:
        # Slow without the shift of both potentials, which is a step of its own.
        f, g = [mp.mpf(0)] * N, [mp.mpf(0)] * M
        while True:
            f_new = [damp(soft(heavy, g, line, eps)) for line in C]
            g_new = [damp(soft(A, f_new, line, eps)) for line in zip(*C)]
            k = rho / 2 * mp.log(sum(a * mp.exp(-s / rho) for a, s in zip(A, f_new)) / sum(b * mp.exp(-s / rho) for b, s in zip(heavy, g_new)))
            f_new, g_new = [s + k for s in f_new], [s - k for s in g_new]
            change = max(abs(s - t) for s, t in zip(f + g, f_new + g_new))
            f, g = f_new, g_new
            if change < mp.mpf(10) ** -32:
                break
    P = plan(A, heavy, C, eps, f, g)
    rows, columns = [sum(r) for r in P], [sum(r[j] for r in P) for j in range(M)]
    primal = sum(P[i][j] * C[i][j] for i in range(N) for j in range(M)) + rho * kl(rows, A) + rho * kl(columns, heavy)
    flat = [(P[i][j], A[i] * heavy[j]) for i in range(N) for j in range(M)]
    primal += eps * kl([p for p, _ in flat], [q for _, q in flat])
    emit(name, "primal", primal)
    emit(name, "mass", sum(rows))
    if name == "kl_far":
        continue  # the scalings that POT iterates with overflow: its plan is off by 0.1
    pot = ot.unbalanced.sinkhorn_unbalanced(a64, 3 * b64, c64, float(eps), float(rho), reg_type="kl", stopThr=1e-14, numItermax=200000)
    assert np.abs(pot - as_array(P)).max() < 1e-7, np.abs(pot - as_array(P)).max()

eps, rho = mp.mpf(1) / 10, mp.mpf(1) / 10
cut = lambda t: min(max(t, -rho), rho)
heavy = [3 * b for b in B]
f, g = sinkhorn(A, heavy, C, eps, cut, cut)
P = plan(A, heavy, C, eps, f, g)
rows, columns = [sum(r) for r in P], [sum(r[j] for r in P) for j in range(M)]
flat = [(P[i][j], A[i] * heavy[j]) for i in range(N) for j in range(M)]
primal = sum(P[i][j] * C[i][j] for i in range(N) for j in range(M)) + eps * kl([p for p, _ in flat], [q for _, q in flat])
primal += rho * sum(abs(s - t) for s, t in zip(rows + columns, A + heavy))
emit("tv", "primal", primal)
emit("tv", "mass", sum(rows))

# A barycentre on a grid of seven points: iterative Bregman projections, plain and debiased.
G = [mp.mpf(i) / 6 for i in range(7)]
K = [[mp.exp(-((s - t) ** 2) / (mp.mpf(1) / 20)) for t in G] for s in G]
hist = [[mp.mpf(h) / sum(row) for h in row] for row in ([4, 3, 1, 0, 0, 0, 0], [0, 0, 0, 1, 2, 0, 5])]
times = lambda v: [sum(k * t for k, t in zip(row, v)) for row in K]


def barycentre(lam, debiased):
    u, d, b = [[mp.mpf(1)] * 7 for _ in hist], [mp.mpf(1)] * 7, [mp.mpf(0)] * 7
    while True:
        kv = [times([h / t for h, t in zip(row, times(scale))]) for row, scale in zip(hist, u)]
        new = [d[i] * mp.exp(sum(l * mp.log(k[i]) for l, k in zip(lam, kv))) for i in range(7)]
        u = [[new[i] / k[i] for i in range(7)] for k in kv]
        if debiased:
            d = [mp.sqrt(s * t / r) for s, t, r in zip(d, new, times(d))]
        change = max(abs(s - t) for s, t in zip(b, new))
        b = new
        if change < mp.mpf(10) ** -30:
            return b


# Compared with POT for equal weights alone: for others its first scalings are outside the set that the iteration has to stay in (the
# weighted sum of the logarithms of the u is not zero), and what it converges to is not the minimum.
half = [mp.mpf(1) / 2] * 2
distances = as_array([[(s - t) ** 2 for t in G] for s in G])
columns = np.array(hist, dtype=float).T
pot = ot.bregman.barycenter(columns, distances, 0.05, stopThr=1e-14, numItermax=100000)
assert np.abs(pot - np.array(barycentre(half, False), dtype=float)).max() < 1e-9
pot = ot.bregman.barycenter_debiased(columns, distances, 0.05, stopThr=1e-14, numItermax=100000)
assert np.abs(pot - np.array(barycentre(half, True), dtype=float)).max() < 1e-6
for name in ("plain", "debiased"):
    for i, t in enumerate(barycentre([mp.mpf(1) / 4, mp.mpf(3) / 4], name == "debiased")):
        emit(name, f"weight_{i}", t)
