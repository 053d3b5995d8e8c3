"""Tests the fixture files with mpmath, by formulas other than those that wrote them.

exp: a scaled Taylor series at 150 digits. Other functions: V f(D) V^-1 from the eigenvalues of the matrix plus a
perturbation of 1e-60, at 250 digits, so that defective matrices have eigenvectors too; then the defining equation of that
value. Conditions and Frechet derivatives: central differences with a step of 1e-20. Determinants and volumes: LU and QR
at 150 digits or more. Sizes beyond LARGEST are left to the bounds under which the file was written.
"""

import numpy as np
from mpmath import mp, mpf

import cases as case_tools
from fixtures import read, unmatrix

LARGEST = 8
DIGITS = 250
FILE_DIGITS = {"exp": 150, "exp_random": 150, "near_zero": 700}  # 700: inputs of 1e-300 are added to I
PERTURBATION = mpf(10) ** -60
STEP = mpf(10) ** -20


def largest(m):
    return max(abs(x) for x in m)


def norm1(m):
    return max(sum(abs(m[i, j]) for i in range(m.rows)) for j in range(m.cols))


def exp_taylor(a):
    s = max(0, int(mp.ceil(mp.log(norm1(a) + mpf(10) ** -400, 2))) + 4)
    b = a / mpf(2) ** s
    term = total = mp.eye(a.rows)
    k = 0
    while norm1(term) > mpf(10) ** (-mp.dps - 5):
        k += 1
        term = term * b / k
        total = total + term
    for _ in range(s):
        total = total * total
    return total


def by_eigenvalues(a, f):
    n = a.rows
    r = mp.matrix(n, n)
    for i in range(n):
        for j in range(n):
            r[i, j] = mpf((7 * i + 11 * j + 3 * i * j + 1) % 13 - 6) / 7
    values, vectors = mp.eig(a + r * (PERTURBATION * norm1(a)))
    return vectors * mp.diag([f(x) for x in values]) * vectors ** -1


def phi(order):
    return lambda z: mp.hyp1f1(1, order + 1, z) / mp.factorial(order)


def scalar_function(name, case):
    """The scalar function of a case of file `name`."""
    kind = case.get("function", name)
    if kind in ("power", "root"):
        p = mpf(case["p"]) if kind == "power" else mpf(1) / case["order"]
        return lambda z: mp.exp(p * mp.log(z))
    if kind == "phi":
        return phi(case["order"])
    return {"log": mp.log, "sqrt": mp.sqrt, "sign": lambda z: mp.mpf(1) if mp.re(z) > 0 else mp.mpf(-1), "exp": mp.exp,
            "cos": mp.cos, "sin": mp.sin, "cosh": mp.cosh, "sinh": mp.sinh, "tanh": mp.tanh, "expm1": mp.expm1,
            "log1p": mp.log1p}[kind]


def value(name, case, a):
    kind = case.get("function", name)
    if kind == "exp":
        return exp_taylor(a)
    return by_eigenvalues(a, scalar_function(name, case))


def equation(name, case, a, x):
    """The relative residual of the equation that defines x = f(a), or None."""
    kind = case.get("function", name)
    one = mp.eye(a.rows)
    if kind == "log":
        return norm1(exp_taylor(x) - a) / norm1(a)
    if kind == "log1p":
        return norm1(exp_taylor(x) - one - a) / norm1(a)
    if kind == "sqrt":
        return norm1(x * x - a) / max(norm1(a), norm1(x) ** 2)
    if kind == "root":
        return norm1(x ** case["order"] - a) / max(norm1(a), norm1(x) ** case["order"])
    if kind == "sign":
        return norm1(x * x - one) / norm1(x) ** 2
    return None


def compare(label, expected, x, slack=mpf(10) ** -20):
    """Every entry the nearest double of x, up to one unit in its last place and what the method leaves open."""
    size = largest(x)
    for i, row in enumerate(expected):
        for j, e in enumerate(row):
            for got, want in ((mp.re(e), mp.re(x[i, j])), (mp.im(e), mp.im(x[i, j]))):
                if abs(got - want) > abs(want) * mpf(2) ** -52 + size * slack + mpf(5) * mpf(10) ** -324:
                    raise AssertionError(f"{label} [{i},{j}]: {mp.nstr(got, 20)} is not {mp.nstr(want, 20)}")


def difference(name, case, a, e):
    """The derivative of f at a in direction e, by a central difference."""
    h = STEP * norm1(a) / norm1(e)
    return (value(name, case, a + e * h) - value(name, case, a - e * h)) / (2 * h)


def check_condition(name, case, a, x):
    n = a.rows
    worst = mpf(0)
    for i in range(n):
        for j in range(n):
            e = mp.zeros(n)
            e[i, j] = 1
            worst = max(worst, sum(abs(y) for y in difference(name, case, a, e)))
    cond = worst * norm1(a) / norm1(x)
    if abs(cond - case["cond"]) > mpf(10) ** -6 * cond:
        raise AssertionError(f"{name} {case['name']}: condition {case['cond']} is not {mp.nstr(cond, 8)}")


def reachable(case):
    """Whether a perturbation of 1e-60 leaves enough digits."""
    return case["n"] <= LARGEST and case["cond"] is not None and case["cond"] < 1e38 and np.any(np.array(case["a"]) != 0)


def cases_of(name):
    """The cases of a file, those with several functions once for each."""
    for case in read(name):
        functions = [key for key, value in case.items() if isinstance(value, dict) and "cond" in value and key != "f32"]
        shared = {key: value for key, value in case.items() if key not in functions}
        yield from [shared | case[f] | {"function": f} for f in functions] if functions else [case]


def check_values(name):
    """Files of values of functions at each case."""
    mp.dps = FILE_DIGITS.get(name, DIGITS)
    kind = "exp" if name == "exp_random" else name
    count = conditions = skipped = 0
    for case in cases_of(name):
        if "error" in case or not (reachable(case) or (kind == "exp" and case["n"] <= 20)):
            skipped += 1
            continue
        rows = unmatrix(case["a"])
        a = mp.matrix(rows)
        x = value(kind, case, a)
        expected = case["expected"]
        compare(f"{name} {case['name']}", unmatrix(expected), x)
        residual = equation(kind, case, a, x)
        if residual is not None and residual > mpf(10) ** -30 * max(1, case["cond"]):
            raise AssertionError(f"{name} {case['name']}: residual {mp.nstr(residual, 5)}")
        if case["n"] <= 2 and case["cond"] is not None and 0 < case["cond"] < 1e12:
            check_condition(kind, case, a, x)
            conditions += 1
        if "expected" in case.get("f32", {}):
            single = mp.matrix(case_tools.to_f32(rows))
            slack = mpf(10) ** -11 if name.endswith("_random") and name != "exp_random" else mpf(10) ** -20
            compare(f"{name} {case['name']} f32", unmatrix(case["f32"]["expected"]), value(kind, case, single), slack)
        count += 1
    print(f"{name}: {count} values and {conditions} conditions agree, {skipped} not tested this way")


def check_derivative_condition(name, case, a, e):
    """derivative_cond by differences of the derivative in A and in E."""
    l = difference(name, case, a, e)
    in_a = in_e = mpf(0)
    for i in range(a.rows):
        for j in range(a.rows):
            unit = mp.zeros(a.rows)
            unit[i, j] = 1
            h = mpf(10) ** -10 * norm1(a)
            second = (difference(name, case, a + unit * h, e) - difference(name, case, a - unit * h, e)) / (2 * h)
            in_a = max(in_a, sum(abs(y) for y in second))
            in_e = max(in_e, sum(abs(y) for y in difference(name, case, a, unit)))
    cond = (in_a * norm1(a) + in_e * norm1(e)) / norm1(l)
    if abs(cond - case["derivative_cond"]) > mpf(10) ** -6 * cond:
        raise AssertionError(f"{name} {case['name']}: condition {case['derivative_cond']} is not {mp.nstr(cond, 8)}")


def check_frechet(name):
    mp.dps = DIGITS
    for case in read(name):
        a, e = mp.matrix(unmatrix(case["a"])), mp.matrix(unmatrix(case["e"]))
        label = f"{name} {case['name']}"
        compare(label, unmatrix(case["expected"]), difference(name, case, a, e), mpf(10) ** -17)
        direction, l, adjoint = (np.array(unmatrix(case[k])) for k in ("e", "expected", "adjoint"))
        left, right = np.vdot(direction, l), np.vdot(adjoint, direction)
        size = np.linalg.norm(direction) * np.linalg.norm(l) + np.linalg.norm(adjoint) * np.linalg.norm(direction)
        if abs(left - right) > 1e-14 * size:
            raise AssertionError(f"{label}: adjoint identity {left} {right}")
        if case["n"] <= 2:
            check_derivative_condition(name, case, a, e)
    print(f"{name}: derivatives by differences, and adjoint identities, agree")


def close(label, got, want):
    if abs(got - want) > abs(want) * mpf(2) ** -51 + mpf(10) ** -300:
        raise AssertionError(f"{label}: {got} is not {mp.nstr(want, 20)}")


def check_determinant(name):
    mp.dps = 1000
    for case in read(name):
        if "a" not in case:
            close(case["name"], mpf(case["log_abs"]), case["n"] * mp.log(abs(mpf(case["diagonal"]))))
            continue
        det = mp.det(mp.matrix(unmatrix(case["a"])))
        if case["log_abs"] is None:
            assert abs(det) < mpf(10) ** -900 and case["sign"] == 0, case["name"]
            continue
        close(case["name"], mpf(case["log_abs"]), mp.log(abs(det)))
        sign = complex(*case["sign"]) if case["complex"] else case["sign"]
        assert abs(sign - det / abs(det)) < 1e-15, case["name"]
        if "adjugate" in case:
            inverse = mp.matrix(case["a"]) ** -1 * det
            compare(f"{name} {case['name']}", case["adjugate"], inverse, mpf(10) ** -100)
    print(f"{name}: LU agrees")


def check_volume(name):
    mp.dps = 150
    for case in read(name):
        b = mp.matrix(case["a"])
        square = b.T * b if case["m"] >= case["n"] else b * b.T
        values = [mp.sqrt(abs(x)) for x in mp.eigsy(square, eigvals_only=True)]
        top = max(values)
        kept = [x for x in values if x > top * mpf(10) ** -60]
        assert len(kept) == case["rank"], case["name"]
        own = sum(mp.log(x) for x in kept)
        if case["rank"]:
            assert abs(own - case["log_volume_own_rank"]) <= abs(own) * mpf(2) ** -51 + mpf(10) ** -50, case["name"]
        if case["log_volume"] is not None:
            assert case["rank"] == case["n"] and case["log_volume"] == case["log_volume_own_rank"], case["name"]
            if "gradient" in case:
                compare(f"{name} {case['name']}", case["gradient"], (square ** -1 * b.T).T, mpf(10) ** -60)
    print(f"{name}: singular values agree")


def check_action(name):
    for case in read(name):
        a, b = mp.matrix(unmatrix(case["a"])), mp.matrix(unmatrix(case["b"]))
        for t, expected in zip(case["times"], case["expected"]):
            mp.dps = 60
            mp.dps = int(60 + norm1(a) * abs(t))  # the terms grow to exp(norm)
            if mp.dps > 1000:
                continue
            total = term = b
            k = 0
            while norm1(term) > mpf(10) ** (-mp.dps) * (1 + norm1(total)) or k < norm1(a) * abs(t):
                k += 1
                term = a * term * (mpf(t) / k)
                total = total + term
            compare(f"{name} {case['name']} {t}", unmatrix(expected), total, mpf(10) ** -30)
    print(f"{name}: plain series agree")


def check_polar(name):
    mp.dps = 60
    for case in read(name):
        a = mp.matrix(unmatrix(case["a"]))
        u, s, v = mp.svd(a)
        compare(f"{name} {case['name']} U", unmatrix(case["unitary"]), u * v, mpf(10) ** -30)
        compare(f"{name} {case['name']} H", unmatrix(case["hermitian"]), v.H * mp.diag(s) * v, mpf(10) ** -30)
    print(f"{name}: singular vectors agree")


def check_spd_distance(name):
    """Affine: eigenvalues of the pencil; Bures: singular values of the product of Cholesky factors."""
    mp.dps = 60
    for case in read(name):
        a, b = mp.matrix(case["a"]), mp.matrix(case["b"])
        la, lb = mp.cholesky(a), mp.cholesky(b)
        inverse = la ** -1
        pencil = mp.eigsy(inverse * b * inverse.T, eigvals_only=True)
        affine = mp.sqrt(sum(mp.log(x) ** 2 for x in pencil))
        nuclear = sum(mp.svd_r(la.T * lb, compute_uv=False))
        bures = mp.sqrt(abs(sum(a[i, i] + b[i, i] for i in range(a.rows)) - 2 * nuclear))
        logs = []
        for m in (a, b):
            values, vectors = mp.eigsy(m)
            logs.append(vectors * mp.diag([mp.log(x) for x in values]) * vectors.T)
        euclidean = mp.norm(logs[0] - logs[1])
        for key, want in (("affine_invariant", affine), ("bures", bures), ("log_euclidean", euclidean)):
            assert abs(case[key] - want) <= abs(want) * mpf(2) ** -51 + mpf(10) ** -25, (case["name"], key, want)
    print(f"{name}: other formulas agree")


def check_angles(name):
    mp.dps = 60
    for case in read(name):
        bases = []
        for key in ("a", "b"):
            q, _ = mp.qr(mp.matrix(case[key]), mode="skinny")
            bases.append(q)
        cosines = mp.svd_r(bases[0].T * bases[1], compute_uv=False)
        angles = sorted(mp.acos(min(c, mpf(1))) for c in cosines)
        for got, want in zip(case["angles"], angles, strict=True):
            assert abs(got - want) <= abs(want) * mpf(2) ** -51 + mpf(10) ** -25, (case["name"], got, want)
    print(f"{name}: QR and singular values agree")


VALUES = ("exp", "exp_random", "principal_random", "trig_random", "log", "sqrt", "power", "root", "sign", "trig", "phi", "near_zero")
CHECKS = dict.fromkeys(VALUES, check_values)
CHECKS |= {"frechet": check_frechet, "determinant": check_determinant, "volume": check_volume, "action": check_action,
           "polar": check_polar, "spd_distance": check_spd_distance, "angles": check_angles}
