"""Reference fit of the Lotka-Volterra model to the hare and lynx data.

Python 3.11, numpy 2.4.6, scipy 1.17.1. Run: python hare_lynx.py > hare_lynx.csv

Residuals are logarithms of model over data; the unknowns are the logarithms of the four parameters and of the initial
state at 1900. The equation and its sensitivities are solved together by DOP853 at rtol 1e-12.
"""
import csv
import pathlib

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

DATA = pathlib.Path(__file__).parent.parent / "data" / "hare_lynx.csv"
ROWS = np.array([[float(v) for v in row] for row in list(csv.reader(DATA.open()))[1:]])
TIMES, TARGET = ROWS[:, 0] - 1900, np.log(ROWS[:, 1:])
TOLERANCE = dict(method="DOP853", rtol=1e-12, atol=1e-13)


def field(_, y, a, b, c, d):
    return [a * y[0] - b * y[0] * y[1], -c * y[1] + d * y[0] * y[1]]


def augmented(_, y, a, b, c, d):
    """The state and its 2 x 6 derivatives with respect to the logarithms of (a, b, c, d, x0, y0)."""
    x, l = y[0], y[1]
    s = y[2:].reshape(2, 6)
    out = np.array([[a - b * l, -b * x], [d * l, -c + d * x]]) @ s
    out[0, 0] += a * x
    out[0, 1] -= b * x * l
    out[1, 2] -= c * l
    out[1, 3] += d * x * l
    return np.concatenate([field(0, y, a, b, c, d), out.ravel()])


def solve(z):
    p = np.exp(z)
    s = np.zeros((2, 6))
    s[0, 4], s[1, 5] = p[4], p[5]
    y = np.concatenate([p[4:], s.ravel()])
    out = solve_ivp(augmented, (0, 20), y, t_eval=TIMES, args=tuple(p[:4]), **TOLERANCE).y
    x = out[:2].T
    return (np.log(x) - TARGET).ravel(), (out[2:].T.reshape(-1, 2, 6) / x[:, :, None]).reshape(-1, 6)


def show(name, values):
    for index, value in enumerate(np.atleast_1d(values)):
        print(f"{name},{index},{float(value)!r}")


print("# Python 3.11, numpy 2.4.6, scipy 1.17.1; made by hare_lynx.py")
print("name,index,value")


start = np.log([0.5, 0.02, 1.0, 0.03, 30.0, 5.0])
fit = least_squares(lambda z: solve(z)[0], start, jac=lambda z: solve(z)[1], method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15)
r, j = solve(fit.x)
best = np.exp(fit.x)
covariance = np.linalg.inv(j.T @ j) * (r @ r) / (len(r) - 6)
deviation = np.sqrt(np.diag(covariance))
show("estimates", best)
show("standard_errors", best * deviation)
show("correlation", (covariance / np.outer(deviation, deviation)).ravel())
show("cost", 0.5 * r @ r)
show("condition_number", np.linalg.cond(j))


def crossing(_, y, a, b, c, d):
    return y[0] - c / d


crossing.direction = 1
orbit = solve_ivp(field, (0, 60), best[4:], args=tuple(best[:4]), events=crossing, **TOLERANCE)
show("period", orbit.t_events[0][1] - orbit.t_events[0][0])
