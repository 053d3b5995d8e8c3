#!/usr/bin/env python3
"""How close SciPy's and torch's matrix functions come to the condition of the problem.

    benches/peers/.venv/bin/python benches/peers/matrix_accuracy.py [--ours FILE] [--each] [--json FILE] [--docs] [--csv FILE]

Reads the reference values of tangency-matrix (crates/tangency-matrix/tests/reference: exp.json, exp_random.json, log.json,
sqrt.json) and prints, for every function and library, the fraction of matrices whose error
|X - X_ref|_1 / |X_ref|_1 is at most 1, 10, 100 and 1000 times u max(1, cond), u = 2^-53 and cond the relative condition in
the 1-norm (the key `cond` of the files). "failed" counts exceptions and results with NaN or infinity. "bounds missed" counts
matrices with a `bound` of their own, such as those that tempt a method to scale too much, where cond says too little.

--ours adds a column of ours: a JSON object from "file/name", for example "exp/ward_1", to the error
|X - X_ref|_1 / |X_ref|_1, or null for a failure. --each prints every matrix whose error is above 10 u max(1, cond) or its
bound. --json writes the table with the factor of every matrix; --csv the factors of the real exponentials, as the gallery
reads them; --docs puts the table into docs/benchmarks.md. Ours come from

    cargo run --release -p tangency-benches --bin matrix_errors crates/tangency-matrix/tests/reference > FILE
"""

import argparse
import json
import pathlib
import warnings

import numpy as np
import scipy
import scipy.linalg

REFERENCE = pathlib.Path(__file__).resolve().parents[2] / "crates" / "tangency-matrix" / "tests" / "reference"
FILES = {"exp": ["exp", "exp_random"], "log": ["log"], "sqrt": ["sqrt"]}
FACTORS = [1, 10, 100, 1000]
U = 2.0 ** -53


def array(rows):
    return np.array([[complex(*x) if isinstance(x, list) else x for x in row] for row in rows])


def norm1(a):
    return np.abs(a).sum(axis=0).max()


def torch_exp():
    try:
        import torch
    except ImportError:
        return {}
    return {f"torch {torch.__version__.split('+')[0]}": lambda a: torch.linalg.matrix_exp(torch.from_numpy(a)).numpy()}


def complex_path(f):
    return lambda a: f(a.astype(complex))


def libraries():
    """Function, then library, then the call."""
    version = scipy.__version__
    calls = {"exp": scipy.linalg.expm, "log": scipy.linalg.logm, "sqrt": scipy.linalg.sqrtm}
    out = {name: {f"SciPy {version}": f, f"SciPy {version}, complex": complex_path(f)} for name, f in calls.items()}
    out["exp"] |= torch_exp()
    return out


def cases(function):
    """("file/name", case) of the values, except where the condition is infinite."""
    for file in FILES[function]:
        for case in json.loads((REFERENCE / f"{file}.json").read_text())["cases"]:
            zero = "expected" in case and not np.any(array(case["expected"]))
            if "error" not in case and (zero or case["cond"] is not None):
                yield f"{file}/{case['name']}", case


def error_of(call, case):
    """The relative error in the 1-norm, or None for a failure."""
    a, reference = array(case["a"]), array(case["expected"])
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            x = np.asarray(call(a.copy()))
    except Exception:  # any failure of a peer counts as one
        return None
    if not np.isfinite(x).all():
        return None
    difference, size = norm1(x - reference), norm1(reference)
    return float(difference / size) if size > 0 else (0.0 if difference == 0 else np.inf)


def limit(case):
    return U * max(1.0, case["cond"] or 0.0)


def profile(results):
    """What the table says of (key, error, case) triples, and the factor of every matrix."""
    ratios = {key: error / limit(case) for key, error, case in results if error is not None}
    bounded = [(error, case["bound"]) for _, error, case in results if "bound" in case]
    return {
        "matrices": len(results),
        "fractions": [sum(r <= f for r in ratios.values()) / len(results) for f in FACTORS],
        "failed": len(results) - len(ratios),
        "worst": max(ratios.values(), default=None),
        "bounds_missed": [sum(e is None or e > b for e, b in bounded), len(bounded)],
        "ratios": ratios,
    }


def table(rows):
    header = [f"≤ {f}" for f in FACTORS]
    lines = [
        "| function | input | matrices | library | " + " | ".join(header) + " | failed | worst factor | bounds missed |",
        "|---|---|---:|---|" + "---:|" * (len(header) + 3),
    ]
    for row in rows:
        fractions = " | ".join(f"{100 * f:.1f} %" for f in row["fractions"])
        worst = "" if row["worst"] is None else f"{row['worst']:.2g}"
        missed = "{} of {}".format(*row["bounds_missed"]) if row["bounds_missed"][1] else ""
        cells = [row["function"], row["input"], row["matrices"], row["library"], fractions, row["failed"], worst, missed]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def write_docs(text):
    """Replaces this table in docs/benchmarks.md."""
    docs = pathlib.Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
    begin, end = "<!-- matrix accuracy: begin -->", "<!-- matrix accuracy: end -->"
    part, old = f"{begin}\n{text}\n{end}", docs.read_text()
    if begin in old:
        docs.write_text(old[: old.index(begin)] + part + old[old.index(end) + len(end) :])
    else:
        docs.write_text(old.rstrip("\n") + "\n\n" + part + "\n")


def write_csv(file, rows):
    """One line for each library and matrix: the factors of the real exponentials."""
    lines = ["library,matrix,factor"]
    for row in rows:
        if row["function"] == "exp" and row["input"] == "real" and row["library"] != "tangency":
            lines += [f"{row['library'].replace(',', '')},{key},{ratio:.4g}" for key, ratio in row["ratios"].items()]
    file.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", type=pathlib.Path)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--csv", type=pathlib.Path)
    parser.add_argument("--docs", action="store_true")
    arguments = parser.parse_args()
    ours = json.loads(arguments.ours.read_text()) if arguments.ours else {}
    rows = []
    for function, calls in libraries().items():
        chosen = list(cases(function))
        kinds = {"real": [c for c in chosen if not c[1]["complex"]], "complex": [c for c in chosen if c[1]["complex"]]}
        for kind, members in kinds.items():
            results = {}
            if ours:
                results["tangency"] = [(key, ours.get(key), case) for key, case in members]
            for library, call in calls.items():
                if not (kind == "complex" and library.endswith(", complex")):  # the same call
                    results[library] = [(key, error_of(call, case), case) for key, case in members]
            for library, triples in results.items():
                rows.append({"function": function, "input": kind, "library": library} | profile(triples))
                for key, error, case in triples if arguments.each else []:
                    bound = min(10 * limit(case), case.get("bound", np.inf))
                    if error is None or error > bound:
                        print(f"{library}: {key} error {error}, u max(1, cond) {limit(case):.1e}, bound {bound:.1e}")
    text = table(rows)
    print(text)
    if arguments.docs:
        write_docs(text)
    if arguments.csv:
        write_csv(arguments.csv, rows)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
