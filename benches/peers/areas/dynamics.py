"""Optimisers on a long parameter vector, and the inference of an equation's parameters."""

import numpy as np
import scipy
import torch
from _run import Work, best, read, write
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

N = 10_000_000


def prepare_adam(folder):
    rng = np.random.default_rng(3)
    write(folder, "position", rng.standard_normal(N).astype(np.float32))
    write(folder, "gradient", rng.standard_normal(N).astype(np.float32))


def adam(fused):
    def with_torch(folder, threads):
        torch.set_num_threads(threads)
        gradient = torch.from_numpy(read(folder, "gradient", np.float32))

        def fresh():
            position = torch.nn.Parameter(torch.from_numpy(read(folder, "position", np.float32)))
            position.grad = gradient
            return position, torch.optim.Adam([position], lr=1e-3, fused=fused or None)

        position, optimiser = fresh()
        milliseconds = best(optimiser.step)
        position, optimiser = fresh()
        for _ in range(3):
            optimiser.step()
        return f"PyTorch {torch.__version__}{' fused' if fused else ''}", milliseconds, position.detach().numpy()

    return with_torch


# The hare and lynx of the Hudson Bay Company, 1900 to 1920, in thousands of pelts.
HARE = [30, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22, 25.4, 27.1, 40.3, 57, 76.6, 52.3, 19.5, 11.2, 7.6, 14.6, 16.2, 24.7]
LYNX = [4, 6.1, 9.8, 35.2, 59.4, 41.7, 19, 13, 8.3, 9.1, 7.4, 8, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8, 9.7, 10.1, 8.6]
START = np.log([0.5, 0.025, 0.8, 0.025, 30.0, 4.0])
"""Logarithms of growth, predation, death, efficiency, and of the two populations in 1900."""
TOLERANCE = 1e-8


def prepare_fit(folder):
    write(folder, "times", np.arange(21.0))
    write(folder, "observations", np.log(np.column_stack([HARE, LYNX])))
    write(folder, "start", START)


def lotka_volterra(_, z, p):
    a, b, c, d = p
    return [a * z[0] - b * z[0] * z[1], -c * z[1] + d * z[0] * z[1]]


def with_sensitivities(_, z, p):
    """The equation and the derivatives of its solution in the six directions (a, b, c, d, x(0), y(0))."""
    a, b, c, d = p
    x, y = z[0], z[1]
    jacobian = np.array([[a - b * y, -b * x], [d * y, -c + d * x]])
    s = z[2:].reshape(2, 6)
    ds = jacobian @ s
    ds[0, 0] += x
    ds[0, 1] -= x * y
    ds[1, 2] -= y
    ds[1, 3] += x * y
    return np.concatenate([[a * x - b * x * y, -c * y + d * x * y], ds.ravel()])


def fit(sensitivities):
    def with_scipy(folder, threads):
        times = read(folder, "times")
        observations = read(folder, "observations").reshape(-1, 2)
        # The quickest of RK45, DOP853 and LSODA, and the loosest of their tolerances 1e-6, 1e-8, 1e-9, with which the
        # optimum is right to 1e-5.
        method = "DOP853" if sensitivities else "LSODA"
        options = {"method": method, "rtol": 1e-6, "atol": 1e-6, "t_eval": times}

        def residuals(u):
            p = np.exp(u)
            z = solve_ivp(lotka_volterra, (0.0, 20.0), p[4:], args=(p[:4],), **options).y.T
            return (np.log(z) - observations).ravel()

        memo = {}

        def solve(u):
            if memo.get("u") is None or not np.array_equal(memo["u"], u):
                p = np.exp(u)
                s0 = np.zeros((2, 6))
                s0[0, 4] = s0[1, 5] = 1.0
                start = np.concatenate([p[4:], s0.ravel()])
                memo["z"] = solve_ivp(with_sensitivities, (0.0, 20.0), start, args=(p[:4],), **options).y.T
                memo["u"] = u.copy()
            return memo["z"]

        def residuals_2(u):
            return (np.log(solve(u)[:, :2]) - observations).ravel()

        def jacobian_2(u):
            z = solve(u)
            s = z[:, 2:].reshape(-1, 2, 6)
            return (s / z[:, :2, None] * np.exp(u)).reshape(-1, 6)

        stop = {"xtol": TOLERANCE, "ftol": TOLERANCE, "gtol": TOLERANCE, "method": "lm", "x_scale": "jac"}
        result = None

        def run():
            nonlocal result
            memo.clear()
            if sensitivities:
                result = least_squares(residuals_2, START, jac=jacobian_2, **stop)
            else:
                result = least_squares(residuals, START, **stop)

        milliseconds = best(run)
        how = "with sensitivities" if sensitivities else "own differences"
        return f"SciPy {scipy.__version__} least_squares, {how}", milliseconds, result.x

    return with_scipy


WORKS = {
    "Adam step f32": Work(
        f"{N:.0e}".replace("e+0", "e"), prepare_adam, {"fused": adam(True), "plain": adam(False)}, 1e-6
    ),
    "hare and lynx fit": Work(
        "42 logarithms, 6 unknowns; optimum to 1e-5", prepare_fit, {"differences": fit(False), "sensitivities": fit(True)}, 1e-5
    ),
}
