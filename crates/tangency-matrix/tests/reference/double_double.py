"""Writes double_double.json: functions at double-double arguments, as double-double values, by mpmath with 400 bits."""

import json
import random
from pathlib import Path

import mpmath
from mpmath import mp, mpc, mpf

mp.prec = 400


def parts(x):
    """A real number as the sum of two doubles."""
    high = float(x)
    return [high, float(x - mpf(high))]


def argument(high):
    """A double and a random low part of half an ulp at most."""
    low = high * random.uniform(-1, 1) * 2.0**-54
    return [high, low] if high + low == high else [high, 0.0]


def main():
    random.seed(20)
    real = {"exp": mpmath.exp, "expm1": lambda x: mpmath.exp(x) - 1, "ln": mpmath.log, "sqrt": mpmath.sqrt,
            "sin": mpmath.sin, "cos": mpmath.cos, "sinh": mpmath.sinh, "cosh": mpmath.cosh}
    points = [1e-10, 0.01, 0.04, 0.3, 0.34, 0.7, 0.96, 1 - 1e-9, 1.0, 1 + 1e-7, 1.5, 2.9, 3.14159, 20.5, 100.25, 700.5]
    positive = {"ln", "sqrt"}
    cases = []
    for name, f in real.items():
        for high in points + [1e-200, 1e200] * (name in positive) + [-p for p in points if name not in positive]:
            x = argument(high)
            value = f(mpf(x[0]) + mpf(x[1]))
            cases.append({"function": name, "x": x, "value": parts(value)})
    complex_functions = {"exp": mpmath.exp, "ln": mpmath.log, "sqrt": mpmath.sqrt, "sin": mpmath.sin,
                         "cos": mpmath.cos, "sinh": mpmath.sinh, "cosh": mpmath.cosh}
    arguments = [(0.5, 0.25), (-2.0, 3.0), (-1.0, 1e-9), (1e-8, -1e-8), (3.0, -40.0), (-0.6, 0.8), (0.1, 1.0), (0.0, 2.0), (-30.0, 0.001)]
    for name, f in complex_functions.items():
        for re, im in arguments:
            x, y = argument(re), argument(im)
            value = f(mpc(mpf(x[0]) + mpf(x[1]), mpf(y[0]) + mpf(y[1])))
            cases.append({"function": name, "x": x, "y": y, "value": parts(value.real), "imaginary": parts(value.imag)})
    provenance = {"what": "double-double functions", "script": "double_double.py", "mpmath": mpmath.__version__, "bits": mp.prec}
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = '{"provenance": %s, "cases": [\n%s\n]}\n' % (json.dumps(provenance), lines)
    Path(__file__).with_suffix(".json").write_text(text)


if __name__ == "__main__":
    main()
