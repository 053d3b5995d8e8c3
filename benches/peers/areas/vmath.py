"""Elementary functions over an array of a million numbers, in place of a second array."""

import numpy as np
import torch
from _run import Work, best, read, write

N = 1_000_000


def work(function, dtype, low, high, tolerance):
    kind = np.float64 if dtype == "f64" else np.float32

    def prepare(folder):
        write(folder, "x", np.random.default_rng(1).uniform(low, high, N).astype(kind))

    def with_numpy(folder, threads):
        x = read(folder, "x", kind)
        out = np.empty_like(x)
        apply = {"exp": np.exp, "tanh": np.tanh, "ln": np.log}[function]
        return f"NumPy {np.__version__}", best(lambda: apply(x, out=out)), out

    def with_torch(folder, threads):
        torch.set_num_threads(threads)
        x = torch.from_numpy(read(folder, "x", kind))
        out = torch.empty_like(x)
        apply = {"exp": torch.exp, "tanh": torch.tanh, "ln": torch.log}[function]
        return f"PyTorch {torch.__version__}", best(lambda: apply(x, out=out)), out.numpy()

    return Work(f"{N:.0e} {dtype}".replace("e+0", "e"), prepare, {"numpy": with_numpy, "torch": with_torch}, tolerance)


WORKS = {
    "exp f64": work("exp", "f64", -20.0, 20.0, 1e-15),
    "ln f64": work("ln", "f64", 1e-3, 1e3, 1e-15),
    "tanh f64": work("tanh", "f64", -5.0, 5.0, 1e-15),
    "exp f32": work("exp", "f32", -20.0, 20.0, 1e-6),
    "tanh f32": work("tanh", "f32", -5.0, 5.0, 1e-6),
}
