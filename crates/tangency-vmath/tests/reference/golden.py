"""Values of the functions in both formats, correctly rounded, with what the rounding lost.

    python golden.py

Python 3.11, mpmath 1.3.0, at 1400 bits. Writes golden.txt beside itself, one point to a line:

    function format x y rest

x and y are the bits of argument and nearest value in hexadecimal; the exact value is y + rest ulp, the unit in the last
place being that of the exact value's binade.
"""

import random
import struct
from pathlib import Path

from mpmath import exp, expm1, frexp, inf, isinf, log, log1p, mp, mpf, nint, tanh

mp.prec = 1400  # 1 + exp(-745) is then exact enough

# significand bits, least exponent of a normal number, struct codes, hexadecimal digits
FORMATS = {"f64": (53, -1022, "<d", "<Q", 16), "f32": (24, -126, "<f", "<I", 8)}

FUNCTIONS = {
    "exp": exp,
    "expm1": expm1,
    "ln": log,
    "log1p": log1p,
    "tanh": tanh,
    "sigmoid": lambda x: 1 / (1 + exp(-x)),
    "softplus": lambda x: log1p(exp(x)) if x < 0 else x + log1p(exp(-x)),
}


def from_bits(bits, kind):
    _, _, code, integer, _ = FORMATS[kind]
    return struct.unpack(code, struct.pack(integer, bits))[0]


def to_bits(x, kind):
    _, _, code, integer, _ = FORMATS[kind]
    try:
        return struct.unpack(integer, struct.pack(code, x))[0]
    except OverflowError:
        return struct.unpack(integer, struct.pack(code, float("inf") if x > 0 else -float("inf")))[0]


def rounded(value, kind):
    """The nearest number and the rest in ulp."""
    precision, least, _, _, _ = FORMATS[kind]
    if value == 0 or isinf(value):
        return float(value), mpf(0)
    exponent = frexp(value)[1] - 1
    quantum = mpf(2) ** (max(exponent, least) - precision + 1)
    n = nint(value / quantum)
    y = n * quantum
    if abs(y) >= mpf(2) ** (2 - least):
        return float("inf") if y > 0 else -float("inf"), mpf(0)
    return float(y), value / quantum - n


def neighbours(x, kind):
    bits = to_bits(x, kind)
    return [from_bits(bits + i, kind) for i in (-2, -1, 0, 1, 2)]


def points(name, kind, rng):
    precision, least, _, _, _ = FORMATS[kind]
    tiny = 2.0 ** (least - precision + 1)
    top = 1 - least
    magnitudes = [tiny, 3 * tiny, 2.0**least, 1e-40 if kind == "f32" else 1e-310]
    magnitudes += [2.0 ** rng.uniform(least - precision + 2, least) for _ in range(8)]
    magnitudes += [2.0**e * rng.uniform(1, 2) for e in range(least, top, 40 if kind == "f64" else 6)]
    magnitudes += [2.0**e * rng.uniform(1, 2) for e in range(-precision - 4, 5, 2 if kind == "f64" else 1)]
    magnitudes += [rng.uniform(0, 2) for _ in range(20)]
    magnitudes += [2.0**top * (1 - 2.0**-precision)] + [1.0, 0.5, 2.0]
    if name in ("ln", "log1p"):
        magnitudes += neighbours(2.0**0.5, kind) + neighbours(0.5**0.5, kind) + neighbours(1.0, kind)
        magnitudes += neighbours(2.0**0.5 - 1, kind) + neighbours(1 - 0.5**0.5, kind)
    else:
        # Where the reduction's integer changes, where results saturate, and between.
        magnitudes += [(n + 0.5) * 0.6931471805599453 for n in (0, 1, 2, 10, 24, 53, 54, 55, 100)]
        magnitudes += neighbours(1.0, kind)
        edges = (709.782712893384, 708.396418532264, 745.1332191019411, 744.44, 36.7, 19.06)
        if kind == "f32":
            edges = (88.72284, 87.33655, 103.97208, 103.27893, 16.6, 9.01)
        for edge in edges:
            magnitudes += neighbours(edge, kind)
        magnitudes += [rng.uniform(0, edges[0]) for _ in range(20)] + [rng.uniform(edges[1], edges[2]) for _ in range(12)]
        magnitudes += [rng.uniform(0, 20) for _ in range(20)]
    for x in magnitudes:
        for signed in (x, -x):
            if (name == "ln" and signed <= 0) or (name == "log1p" and signed <= -1):
                continue
            yield from_bits(to_bits(signed, kind), kind)


if __name__ == "__main__":
    rng = random.Random(20260101)
    lines = []
    for name, function in FUNCTIONS.items():
        for kind, (_, _, _, _, digits) in FORMATS.items():
            for x in sorted(set(points(name, kind, rng))):
                # Beyond this the answer is plain, and 1400 bits would not do.
                if abs(x) > 2000 and name not in ("ln", "log1p"):
                    value = inf if name in ("exp", "expm1") else mpf(1)
                    value = mpf(x) if name == "softplus" else value
                    if x < 0:
                        value = mpf(-1) if name in ("expm1", "tanh") else mpf(0)
                else:
                    value = function(mpf(x))
                y, rest = rounded(value, kind)
                x_text, y_text = (f"{to_bits(v, kind):0{digits}x}" for v in (x, y))
                lines.append(f"{name} {kind} {x_text} {y_text} {float(rest):.4f}\n")
    head = (
        "# Values of the functions, correctly rounded: made by golden.py with Python 3.11 and mpmath 1.3.0 at 1400 bits.\n"
        "# Columns: function, format, bits of the argument, bits of the nearest value, rest in ulp.\n"
    )
    Path(__file__).with_name("golden.txt").write_text(head + "".join(lines))
