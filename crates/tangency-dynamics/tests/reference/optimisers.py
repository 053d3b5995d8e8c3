"""Traces of optimisers in PyTorch, optax and Keras, in float64.

Made with Python 3.11.7, torch 2.15.0 (CPU), optax 0.2.8, jax 0.10.2, keras 3.15.1 (torch backend), numpy 2.4.6:

    python optimisers.py > optimisers.csv

Every trace starts at (1, 1, 1, 1) and takes 60 steps. The gradient of step t at p is
    (p[0], 10 p[1], 1e-8, cos t)      with component 3 zero for t < 3 and for 10 <= t < 20,
and zero altogether at t = 7. The step size is halved from step 2 on. Component 2 tells apart where epsilon stands,
component 3 has a first gradient of zero and a long pause, the halving tells a rate inside the velocity from one outside.
The traces of Polyak's step follow L = (p0^2 + 10 p1^2 + 3 p2^2 + p3^2 / 10) / 2 + 0.7 instead, at a fixed step size.
"""

import math
import os

os.environ["KERAS_BACKEND"] = "torch"

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import torch

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

STEPS = 60


def gradient(t, p):
    if t == 7:
        return np.zeros(4)
    silent = t < 3 or 10 <= t < 20
    return np.array([p[0], 10 * p[1], 1e-8, 0.0 if silent else math.cos(t)])


def rate(t, first):
    return first if t < 2 else first / 2


def emit(name, t, p):
    print(f"{name},{t}," + ",".join(repr(float(x)) for x in p))


def torch_trace(name, make, first):
    p = torch.ones(4, dtype=torch.float64, requires_grad=True)
    optimiser = make([p])
    for t in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = rate(t, first)
        p.grad = torch.tensor(gradient(t, p.detach().numpy()))
        optimiser.step()
        emit(name, t, p.detach().numpy())


def optax_trace(name, transform, first):
    p = jnp.ones(4)
    state = transform.init(p)
    for t in range(STEPS):
        update, state = transform.update(jnp.array(gradient(t, np.array(p))), state, p)
        p = p - rate(t, first) * update
        emit(name, t, np.array(p))


def keras_trace(name, optimiser, first):
    p = keras.Variable(np.ones(4), dtype="float64")
    optimiser.build([p])
    for t in range(STEPS):
        optimiser.learning_rate = rate(t, first)
        g = gradient(t, keras.ops.convert_to_numpy(p))
        optimiser.apply([keras.ops.convert_to_tensor(g, dtype="float64")], [p])
        emit(name, t, keras.ops.convert_to_numpy(p))


def polyak_trace():
    curvature = jnp.array([1.0, 10.0, 3.0, 0.1])
    value = lambda p: 0.5 * jnp.sum(curvature * p * p) + 0.7
    transform = optax.polyak_sgd(max_learning_rate=1e300, f_min=0.7)
    p = jnp.ones(4)
    state = transform.init(p)
    for t in range(STEPS):
        update, state = transform.update(curvature * p, state, p, value=value(p))
        p = p + update
        emit("polyak_optax", t, np.array(p))


print("# torch 2.15.0, optax 0.2.8, jax 0.10.2, keras 3.15.1; made by optimisers.py")
print("name,step,p0,p1,p2,p3")
torch_trace("sgd_torch", lambda p: torch.optim.SGD(p, lr=0.05), 0.05)
torch_trace("momentum_torch", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), 0.05)
torch_trace("nesterov_torch", lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True), 0.05)
torch_trace("rms_prop_torch", lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.9), 0.1)
torch_trace("adam_torch", lambda p: torch.optim.Adam(p, lr=0.1), 0.1)
optax_trace("rms_prop_optax", optax.scale_by_rms(decay=0.9, eps=1e-8, eps_in_sqrt=True), 0.1)
optax_trace("adam_optax", optax.scale_by_adam(), 0.1)
optax_trace("adam_optax_eps_root", optax.scale_by_adam(eps=0.0, eps_root=1e-8), 0.1)
optax_trace("sign_optax", optax.scale_by_sign(), 0.1)
keras_trace("momentum_keras", keras.optimizers.SGD(0.05, momentum=0.9), 0.05)
keras_trace("nesterov_keras", keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True), 0.05)
keras_trace("rms_prop_keras", keras.optimizers.RMSprop(0.1, rho=0.9, epsilon=1e-7), 0.1)
keras_trace("adam_keras", keras.optimizers.Adam(0.1, epsilon=1e-7), 0.1)
polyak_trace()
