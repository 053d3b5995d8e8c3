"""Reference values for the inference of the species-competition model.

Python 3.11, numpy 2.4.6, scipy 1.17.1. Run: python species_competition.py > species_competition.csv

Euler's method is written out here in numpy; derivatives are by complex steps, so they are exact to rounding. The exact
flow is DOP853 at rtol 3e-14.
"""
import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

TIMES = [10, 15, 30, 36, 40, 42]
TRUTH = np.array([0.1, 0.3, 1e-4, 2e-4, 0.002, 0.003])
ROUNDED = np.array([165, 283, 197, 290, 280, 276, 305, 269, 318, 266, 324, 264], float)


def field(x, p):
    return np.array([
        p[0] * x[0] * (1 - p[4] * x[0]) - p[2] * x[0] * x[1],
        p[1] * x[1] * (1 - p[5] * x[1]) - p[3] * x[0] * x[1],
    ])


def euler(p):
    x, out = np.array([100.0, 150.0]).astype(p.dtype), []
    for k in range(1, 421):
        x = x + 0.1 * field(x, p)
        if k % 10 == 0 and k // 10 in TIMES:
            out.extend(x)
    return np.array(out)


def jacobian(p, relative):
    columns = []
    for j in range(6):
        q = p.astype(complex)
        q[j] += 1e-30j * (p[j] if relative else 1.0)
        columns.append(euler(q).imag / 1e-30)
    return np.array(columns).T


def show(name, values):
    for index, value in enumerate(np.atleast_1d(values)):
        print(f"{name},{index},{float(value)!r}")


print("# Python 3.11, numpy 2.4.6, scipy 1.17.1; made by species_competition.py")
print("name,index,value")


show("euler", euler(TRUTH))
for t in (10.0, 42.0):
    flow = solve_ivp(lambda _, x: field(x, TRUTH), (0, t), [100.0, 150.0], method="DOP853", rtol=3e-14, atol=1e-12)
    show(f"flow_{t:.0f}", flow.y[:, -1])

fit = least_squares(
    lambda z: euler(np.exp(z)) - ROUNDED, np.log(TRUTH), jac=lambda z: jacobian(np.exp(z), True),
    method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15,
)
best = np.exp(fit.x)
j = jacobian(best, True)
covariance = np.linalg.inv(j.T @ j) * 2 * fit.cost / (12 - 6)
show("estimates", best)
show("standard_errors", best * np.sqrt(np.diag(covariance)))
deviation = np.sqrt(np.diag(covariance))
show("correlation", (covariance / np.outer(deviation, deviation)).ravel())
show("mean_square", 2 * fit.cost / 12)
show("condition_number_estimates", np.linalg.cond(j))
show("condition_number_truth", np.linalg.cond(jacobian(TRUTH, True)))

p = TRUTH * np.array([1.1, 0.9, 1.2, 0.8, 1.05, 0.95])
r = euler(p) - ROUNDED
show("loss", np.mean(r**2))
show("gradient", 2 / 12 * jacobian(p, False).T @ r)
