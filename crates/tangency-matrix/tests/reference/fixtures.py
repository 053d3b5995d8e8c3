"""Writing and reading the fixture files."""

import json
import pathlib
import platform

import flint
import numpy

HERE = pathlib.Path(__file__).resolve().parent


def number(x):
    """Complex numbers as pairs; -0.0 as 0.0."""
    if isinstance(x, complex):
        return [x.real + 0.0, x.imag + 0.0]
    return float(x) + 0.0


def matrix(rows):
    return [[number(x) for x in row] for row in rows]


def unmatrix(rows):
    return [[complex(*x) if isinstance(x, list) else x for x in row] for row in rows]


def write(name, what, cases):
    """One case a line, so that a difference of two versions shows which cases changed."""
    header = {
        "what": what,
        "script": "make.py " + name,
        "python": platform.python_version(),
        "python_flint": flint.__version__,
        "numpy": numpy.__version__,
        "digits": 240,
    }
    lines = [json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases]
    text = '{"provenance":' + json.dumps(header) + ',\n"cases":[\n' + ",\n".join(lines) + "\n]}\n"
    path = HERE / f"{name}.json"
    path.write_text(text)
    print(f"{path.name}: {len(cases)} cases, {len(text) / 1024:.0f} kB", flush=True)


def read(name):
    return json.loads((HERE / f"{name}.json").read_text())["cases"]
