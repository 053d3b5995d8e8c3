"""Recurrent cells in single precision: forward, and forward with all gradients.

Each side keeps its own layout: [t][features][batch] here, [t][batch][features] in PyTorch. The loss of the backward pass is
the sum of the squares of all outputs; the result that is compared is the gradient of all parameters (forward: the last
output).
"""

import numpy as np
import torch
from _run import Work, best, read, write


def work(cell, backward, steps, batch, features, hidden):
    gates = {"LSTM": 4, "GRU": 3}[cell]
    shapes = [(gates * hidden, features), (gates * hidden, hidden), (gates * hidden,), (gates * hidden,)]

    def prepare(folder):
        rng = np.random.default_rng(2)
        write(folder, "x", rng.standard_normal((steps, batch, features)).astype(np.float32))
        bound = 1.0 / np.sqrt(hidden)
        count = sum(int(np.prod(s)) for s in shapes)
        write(folder, "parameters", rng.uniform(-bound, bound, count).astype(np.float32))
        write(folder, "sizes", np.array([steps, batch, features, hidden], dtype=np.float64))

    def with_torch(folder, threads):
        torch.set_num_threads(threads)
        x = torch.from_numpy(read(folder, "x", np.float32).reshape(steps, batch, features))
        x.requires_grad_(backward)
        module = getattr(torch.nn, cell)(features, hidden)
        flat, at = read(folder, "parameters", np.float32), 0
        for parameter, shape in zip(module.parameters(), shapes):
            count = int(np.prod(shape))
            parameter.data = torch.from_numpy(flat[at : at + count].reshape(shape).copy())
            at += count
        result = None

        def forward():
            nonlocal result
            with torch.no_grad():
                result = module(x)[0][-1].T

        def both():
            nonlocal result
            module.zero_grad(set_to_none=True)
            x.grad = None
            module(x)[0].square().sum().backward()
            result = torch.cat([p.grad.ravel() for p in module.parameters()])

        milliseconds = best(both if backward else forward)
        return f"PyTorch {torch.__version__}", milliseconds, result.detach().numpy()

    size = f"T={steps} B={batch} I={features} H={hidden}"
    return Work(size, prepare, {"torch": with_torch}, 2e-4)


WORKS = {
    f"{cell} {'gradient' if backward else 'forward'} {name}": work(cell, backward, *shape)
    for cell in ("LSTM", "GRU")
    for backward in (False, True)
    for name, shape in (("batch 32", (100, 32, 128, 256)), ("batch 1", (100, 1, 64, 128)))
}
