"""Optimal transport: exact plans, assignments, the line, slices, entropic iterations and certified gaps.

Both sides get the same cost matrix; its computation is not timed. POT's `emd` may take as many pivots as it needs, and writes a
dense plan, where ours writes a sparse one; it has one thread (`numThreads` has no effect any more) and no gap to stop at. OTT-JAX
takes all cores. Sinkhorn's iteration is compared in logarithms, and in the form that each side takes by default: POT's is a
product with the kernel.
"""

import importlib.metadata
import time

import numpy as np
import ot
import scipy
import scipy.optimize
import scipy.stats
from _run import Work, best, memory, read, write

POT = f"POT {ot.__version__}"
SCIPY = f"SciPy {scipy.__version__}"


def problem(family, general, n):
    """Costs between normal clouds in two or ten dimensions, or without geometry; weights equal or general."""

    def prepare(folder):
        rng = np.random.default_rng(n)
        if family == "random":
            cost = rng.random((n, n))
        else:
            d = int(family)
            x, y = rng.standard_normal((n, d)), 1.2 * rng.standard_normal((n, d)) + 0.5
            cost = ot.dist(x, y)
        write(folder, "cost", cost)
        for name in "ab":
            weights = rng.random(n) + 0.01 if general else np.ones(n)
            write(folder, name, weights / weights.sum())

    return prepare


def matrices(folder):
    a, b = read(folder, "a"), read(folder, "b")
    return a, b, read(folder, "cost").reshape(len(a), len(b))


def emd(folder, _):
    a, b, cost = matrices(folder)

    def go():
        return ot.emd2(a, b, cost, numItermax=10**9)

    return f"{POT} emd, 1 thread", best(go, 1.0, 2 if len(a) > 1000 else 5), [go()]


def emd_once(folder, _):
    """One run: it takes a minute, and its memory is asked for as well."""
    a, b, cost = matrices(folder)
    begin = time.perf_counter()
    megabytes, value = memory(lambda: ot.emd2(a, b, cost, numItermax=10**9))
    return f"{POT} emd, 1 thread", 1e3 * (time.perf_counter() - begin), [value], megabytes


def leave_to_judge(folder, peer, plan, f, g):
    """Our side judges it by `verify` when it runs after the peer."""
    for name, array in (("plan", plan), ("f", f), ("g", g)):
        write(folder, f"judged-{peer}-{name}", array)


def emd_to_gap(folder, _):
    a, b, cost = matrices(folder)

    def go():
        return ot.emd(a, b, cost, numItermax=10**9, log=True)

    plan, log = go()
    leave_to_judge(folder, "emd", plan, log["u"], log["v"])
    return f"{POT} emd, 1 thread", best(go, 1.0, 3), [1.0]


def sinkhorn_to_gap(gap):
    """Sinkhorn's method of POT that gets to such gaps at all, with the largest ε of a ladder that does; only that run is timed.

    Margins are repaired as by Altschuler, Weed and Rigollet and potentials by c-transforms, which is not timed.
    """

    def run(folder, _):
        a, b, cost = matrices(folder)
        method = "sinkhorn_epsilon_scaling"
        for share in (0.4 * gap, 0.3 * gap, 0.25 * gap, 0.2 * gap, 0.1 * gap):
            begin = time.perf_counter()
            plan, log = ot.sinkhorn(a, b, cost, share * cost.mean(), method=method, warn=False, log=True)
            seconds = time.perf_counter() - begin
            plan = plan * np.minimum(1, a / plan.sum(1))[:, None]
            plan = plan * np.minimum(1, b / plan.sum(0))
            left, right = a - plan.sum(1), b - plan.sum(0)
            plan += np.outer(left, right) / max(left.sum(), 1e-300)
            g = (cost - log["alpha"][:, None]).min(0)
            f = (cost - g).min(1)
            primal, dual = np.sum(plan * cost), a @ f + b @ g
            if primal - dual <= 0.999 * gap * primal:
                leave_to_judge(folder, "sinkhorn", plan, f, g)
                return f"{POT} {method}", 1e3 * seconds, [1.0]
        return f"{POT} {method}: not there", None, [1.0]

    return run


def assignment(folder, _):
    a, _, cost = matrices(folder)

    def go():
        return scipy.optimize.linear_sum_assignment(cost)

    return f"{SCIPY} linear_sum_assignment", best(go, 1.0, 2), [cost[go()].sum()]


def sinkhorn(method):
    def run(folder, _):
        a, b, cost = matrices(folder)
        epsilon = 0.05 * cost.mean()

        plans = []

        def go():
            plans[:] = [ot.sinkhorn(a, b, cost, epsilon, method=method, numItermax=100, stopThr=0, warn=False)]

        # The plan's margins are where both stopped; the plan itself is compared by its cost.
        return f"{POT} {method}", best(go, 1.0, 2), [np.sum(plans[0] * cost)]

    return run


def sinkhorn_ott(folder, _):
    """In double precision, compiled; JAX takes as many threads as there are cores."""
    import jax

    jax.config.update("jax_enable_x64", True)
    from ott.geometry.geometry import Geometry
    from ott.problems.linear.linear_problem import LinearProblem
    from ott.solvers.linear.sinkhorn import Sinkhorn

    a, b, cost = (jax.numpy.asarray(array) for array in matrices(folder))
    epsilon = 0.05 * cost.mean()
    solver = Sinkhorn(lse_mode=True, threshold=-1.0, inner_iterations=100, min_iterations=100, max_iterations=100)
    solve = jax.jit(lambda c: solver(LinearProblem(Geometry(cost_matrix=c, epsilon=epsilon), a, b)))

    def go():
        out = solve(cost)
        out.f.block_until_ready()
        return out

    name = f"OTT-JAX {importlib.metadata.version('ott-jax')}, all threads"
    return name, best(go, 1.0, 3), [float((go().matrix * cost).sum())]


def line(folder):
    rng = np.random.default_rng(1)
    write(folder, "x", rng.standard_normal(1_000_000))
    write(folder, "y", 1.1 * rng.standard_normal(1_000_000) + 0.2)


def on_line(folder, _):
    x, y = read(folder, "x"), read(folder, "y")

    def go():
        return scipy.stats.wasserstein_distance(x, y)

    return f"{SCIPY} wasserstein_distance", best(go), [go()]


def on_line_pot(folder, _):
    x, y = read(folder, "x"), read(folder, "y")

    def go():
        return ot.wasserstein_1d(x, y, p=1)

    return f"{POT} wasserstein_1d", best(go), [go()]


def clouds(folder):
    rng = np.random.default_rng(2)
    write(folder, "x", rng.standard_normal((10_000, 10)))
    write(folder, "y", 1.1 * rng.standard_normal((10_000, 10)) + 0.2)


def sliced(folder, _):
    x, y = (read(folder, name).reshape(-1, 10) for name in "xy")

    def go():
        return ot.sliced_wasserstein_distance(x, y, n_projections=100, seed=1)

    return f"{POT} sliced_wasserstein_distance", best(go), [go()]


FAMILIES = {"2": "normal in 2 dimensions", "10": "normal in 10 dimensions", "random": "random costs"}

WORKS = {
    f"exact {name}, {'general' if general else 'equal'} weights, {n}": Work(
        f"{n} x {n}", problem(family, general, n), {"emd": emd}, 1e-10
    )
    for n in (1000, 2000, 4000)
    for family, name in FAMILIES.items()
    for general in (False, True)
}
WORKS |= {
    f"assignment, {name}, {n}": Work(f"{n} x {n}", problem(family, False, n), {"scipy": assignment}, 1e-10)
    for n in (1000, 2000, 4000)
    for family, name in (("2", FAMILIES["2"]), ("random", FAMILIES["random"]))
}
WORKS |= {
    f"exact {FAMILIES[family]}, {'general' if general else 'equal'} weights, 10000": Work(
        "10 000 x 10 000", problem(family, general, 10_000), {"emd": emd_once}, 1e-10
    )
    for family, general in (("2", False), ("random", True))
}
WORKS |= {
    f"to a certified gap of {gap:g}, {FAMILIES[family]}, {n}": Work(
        f"{n} x {n}",
        problem(family, True, n),
        # Sinkhorn's method takes minutes for more.
        {"emd": emd_to_gap} | ({"sinkhorn": sinkhorn_to_gap(gap)} if (n, gap) == (1000, 1e-2) else {}),
        0.0,  # either side says 1 if it got there
    )
    for n in (1000, 2000)
    for family in ("2", "10")
    for gap in (1e-2, 1e-3)
}
WORKS["100 iterations of Sinkhorn, logarithms"] = Work(
    "2000 x 2000", problem("2", True, 2000), {"log": sinkhorn("sinkhorn_log"), "ott": sinkhorn_ott}, 1e-2
)
WORKS["100 iterations of Sinkhorn, defaults"] = Work(
    "2000 x 2000", problem("2", True, 2000), {"kernel": sinkhorn("sinkhorn")}, 1e-2
)
# POT adds a million weights one after another.
WORKS["W1 on the line"] = Work("1e6 and 1e6", line, {"scipy": on_line, "pot": on_line_pot}, 1e-10)
# Directions are drawn by each side: values agree to the noise of 100 of them.
WORKS["sliced W2, 100 directions"] = Work("10 000 x 10", clouds, {"pot": sliced}, 0.1)
