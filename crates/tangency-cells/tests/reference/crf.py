"""Reference values of the linear-chain CRF, by enumeration of all paths in exact rational scores and 50 digits.

Written with Python 3.11 and mpmath 1.3.0. Prints crf.csv: python3 crf.py > crf.csv

Two fields of K labels and T positions. Emissions, transitions, start and end scores are rationals, given by formulas
that the Rust test repeats; `None` stands for a forbidden score (minus infinity).
"""

from fractions import Fraction as F
from itertools import product

from mpmath import mp, mpf, exp, log

mp.dps = 50

# The second field forbids 0 -> 2 and 2 -> 2, and starting in 1.
CASES = {
    "plain": (3, 4, False),
    "forbidden": (3, 5, True),
}


def field(k, t, forbid):
    start = [F(i, 4) - F(1, 8) if forbid else F(0) for i in range(k)]
    end = [F(-i * i, 8) if forbid else F(0) for i in range(k)]
    trans = [[F((2 * i + 5 * j) % 5, 4) - F(1, 2) for j in range(k)] for i in range(k)]
    em = [[F((3 * s + 2 * i) % 7, 3) - 1 for i in range(k)] for s in range(t)]
    if forbid:
        start[1] = None
        trans[0][2] = None
        trans[2][2] = None
    return start, trans, end, em


def main():
    print("# crf.py, Python 3.11, mpmath 1.3.0, 50 digits: enumeration of all paths")
    print("quantity,value")
    for name, (k, t, forbid) in CASES.items():
        start, trans, end, em = field(k, t, forbid)
        scores = []
        for z in product(range(k), repeat=t):
            parts = [start[z[0]], end[z[-1]]]
            parts += [em[s][z[s]] for s in range(t)]
            parts += [trans[a][b] for a, b in zip(z, z[1:])]
            if None not in parts:
                scores.append((z, sum(parts)))
        weight = {z: exp(mpf(s.numerator) / s.denominator) for z, s in scores}
        total = sum(weight.values())
        put = lambda quantity, value: print(f"{name} {quantity},{mp.nstr(value, 20)}")
        put("log_partition", log(total))
        put("path_count", mpf(len(scores)))
        best = max(s for _, s in scores)
        put("best_score", mpf(best.numerator) / best.denominator)
        mean = sum(w * (mpf(s.numerator) / s.denominator) for w, (_, s) in zip(weight.values(), scores)) / total
        put("expected_score", mean)
        put("entropy", -sum(w / total * log(w / total) for w in weight.values()))
        for s in range(t):
            for i in range(k):
                put("label", sum((w for z, w in weight.items() if z[s] == i), mpf(0)) / total)
        for s in range(t - 1):
            for i in range(k):
                for j in range(k):
                    p = sum((w for z, w in weight.items() if z[s] == i and z[s + 1] == j), mpf(0)) / total
                    put("pair", p)


main()
