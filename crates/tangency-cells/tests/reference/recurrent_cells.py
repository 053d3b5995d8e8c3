"""Reference values of the recurrent cells: outputs, last states, and all gradients.

Made with Python 3.11, torch 2.15.0 (CPU, one thread, float64):

    python recurrent_cells.py > recurrent_cells.csv

torch.nn.RNN, GRU and LSTM for `rnn`, `gru` and `lstm`. torch has no GRU with the reset gate before the product:
`gru_before` is written out below from the equations of Cho et al. 2014 and differentiated by autograd.

All numbers that go in are sines and cosines of a running index, so that nothing is symmetric:
parameters 0.5 sin(k), k running through weight_ih, weight_hh, bias_ih, bias_hh; inputs x[t, b, i] = cos(k);
initial states h0[b, j] = 0.3 sin(k + 1), c0[b, j] = 0.2 cos(k + 2); and the loss is
sum(y^2) + sum(cos(k) c_last[k]), the second sum for the LSTM only.

Sequences are printed as [step][features][batch], states as [features][batch].
"""

import platform

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def count(function, shape, offset=0.0):
    n = torch.Size(shape).numel()
    return function(torch.arange(n, dtype=torch.float64) + offset).reshape(shape)


class GruBefore(torch.nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.weight_ih = torch.nn.Parameter(torch.zeros(3 * hidden, features))
        self.weight_hh = torch.nn.Parameter(torch.zeros(3 * hidden, hidden))
        self.bias_ih = torch.nn.Parameter(torch.zeros(3 * hidden))
        self.bias_hh = torch.nn.Parameter(torch.zeros(3 * hidden))

    def forward(self, x, h):
        outputs = []
        h = h[0]
        w_r, w_z, w_n = self.weight_hh.chunk(3)
        b_r, b_z, b_n = self.bias_hh.chunk(3)
        for x_t in x:
            i_r, i_z, i_n = (x_t @ self.weight_ih.T + self.bias_ih).chunk(3, dim=1)
            r = torch.sigmoid(i_r + h @ w_r.T + b_r)
            z = torch.sigmoid(i_z + h @ w_z.T + b_z)
            n = torch.tanh(i_n + (r * h) @ w_n.T + b_n)
            h = (1 - z) * n + z * h
            outputs.append(h)
        return torch.stack(outputs), h[None]


def case(cell, size, steps, batch, features, hidden):
    kinds = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "gru_before": GruBefore}
    module = kinds[cell](features, hidden)
    start = 0
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(0.5 * count(torch.sin, p.shape, start))
            start += p.numel()
    x = count(torch.cos, (steps, batch, features)).requires_grad_()
    h0 = (0.3 * count(torch.sin, (1, batch, hidden), 1)).requires_grad_()
    c0 = (0.2 * count(torch.cos, (1, batch, hidden), 2)).requires_grad_()
    y, last = module(x, (h0, c0) if cell == "lstm" else h0)
    loss = (y * y).sum()
    if cell == "lstm":
        loss = loss + (count(torch.cos, last[1].shape) * last[1]).sum()
    loss.backward()

    def show(quantity, values):
        for value in values.detach().reshape(-1).tolist():
            print(f"{cell}.{size}.{quantity},{value!r}")

    show("loss", loss)
    show("output", y.transpose(1, 2))
    show("gradient", torch.cat([p.grad.reshape(-1) for p in module.parameters()]))
    show("dx", x.grad.transpose(1, 2))
    show("dh0", h0.grad[0].T)
    if cell == "lstm":
        show("cell", last[1][0].T)
        show("dc0", c0.grad[0].T)


print(f"# recurrent_cells.py with torch {torch.__version__}, Python {platform.python_version()}, float64, one thread")
print("key,value")
for cell in ["rnn", "gru", "gru_before", "lstm"]:
    case(cell, "small", steps=3, batch=2, features=2, hidden=3)
    case(cell, "wide", steps=2, batch=17, features=3, hidden=5)
