"""Matrix functions in ball arithmetic of several hundred digits, with their exact derivatives.

Matrices are `arb_mat` or `acb_mat` of python-flint: every entry is a ball, a midpoint of `ctx.prec` bits and a radius
that bounds all rounding and truncation before it. The algorithms are textbook ones, chosen to be easy to check and not
to be fast. Nothing here calls a library's matrix function.

The derivative of f at A is kept as the n^2 x n^2 matrix K with vec(L_f(A, E)) = K vec(E), vec stacking columns.
"""

import contextlib

from flint import acb, acb_mat, arb, arb_mat, ctx

BITS = 800  # 240 decimal digits


@contextlib.contextmanager
def precision(bits):
    before, ctx.prec = ctx.prec, bits
    try:
        yield
    finally:
        ctx.prec = before


# --- building and reading -------------------------------------------------------------------------------------------


def exact(rows):
    """The matrix of these Python numbers (or balls), without rounding."""
    if any(isinstance(x, (complex, acb)) for row in rows for x in row):
        balls = [[x if isinstance(x, acb) else acb(complex(x).real, complex(x).imag) for x in row] for row in rows]
        return acb_mat(balls)
    return arb_mat([list(row) for row in rows])


def is_complex(m):
    return isinstance(m, acb_mat)


def like(m, rows):
    return (acb_mat if is_complex(m) else arb_mat)(rows)


def identity(m, n=None):
    n = m.nrows() if n is None else n
    return like(m, [[int(i == j) for j in range(n)] for i in range(n)])


def real_part(m):
    return arb_mat([[x.real for x in row] for row in m.tolist()])


def imaginary_part(m):
    return arb_mat([[x.imag for x in row] for row in m.tolist()])


def middle(x):
    """The midpoint of a ball."""
    return acb(x.real.mid(), x.imag.mid()) if isinstance(x, acb) else x.mid()


def midpoints(m):
    return like(m, [[middle(x) for x in row] for row in m.tolist()])


def norm1(m):
    """The operator 1-norm, the largest column sum of moduli, as a ball."""
    largest = arb(0)
    for column in m.transpose().tolist():
        largest = largest.max(sum((abs(x) for x in column), arb(0)))
    return largest


def norm_frobenius(m):
    return sum((abs(x) * abs(x) for x in midpoints(m).entries()), arb(0)).sqrt()


def block(rows):
    """The matrix made of blocks."""
    out = []
    for row in rows:
        tables = [b.tolist() for b in row]
        out += [sum((t[i] for t in tables), []) for i in range(len(tables[0]))]
    return like(rows[0][0], out)


def corner(m, rows, columns):
    table = m.tolist()
    return like(m, [[table[i][j] for j in columns] for i in rows])


def agreed(compute):
    """compute() at twice the precision, each radius replaced by the difference from the result at BITS.

    For algorithms that iterate on midpoints, whose balls would otherwise only say how well the last step was done.
    """
    with precision(BITS):
        coarse = compute()
    with precision(2 * BITS):
        fine = midpoints(compute())
        rows = []
        for p, q in zip(coarse.tolist(), fine.tolist()):
            rows.append([
                acb(arb(y.real, abs(x.real - y.real).upper()), arb(y.imag, abs(x.imag - y.imag).upper()))
                if isinstance(y, acb) else arb(y, abs(x - y).upper())
                for x, y in zip(p, q)
            ])
        return like(fine, rows)


class NotAccurate(ArithmeticError):
    """The balls are too wide to be rounded to the nearest double."""


def to_float(x, largest):
    """The nearest double of a ball; 0 for a ball about zero that is 2^-400 of the largest entry or smaller."""
    if x.rad() <= abs(x.mid()) * arb(2) ** -100:
        return float(x.mid())
    if abs(x).upper() <= largest * arb(2) ** -400:
        return 0.0
    raise NotAccurate(f"{x.str(5)} among entries of size {largest.str(5)}")


def to_rows(m):
    """Rows of Python floats or complex numbers."""
    largest = arb(0)
    for x in m.entries():
        largest = largest.max(abs(x).upper())
    if is_complex(m):
        return [[complex(to_float(x.real, largest), to_float(x.imag, largest)) for x in row] for row in m.tolist()]
    return [[to_float(x, largest) for x in row] for row in m.tolist()]


def accurate(compute):
    """compute() for a ball algorithm, at the first precision that suffices for every entry; rows of numbers."""
    bits = BITS
    while True:
        try:
            with precision(bits):
                return to_rows(compute())
        except NotAccurate:
            bits *= 2
            if bits > 32 * BITS:
                raise


# --- the exponential ------------------------------------------------------------------------------------------------


def powers(a, count):
    """a^0 .. a^(count-1)."""
    out = [identity(a)]
    for _ in range(count - 1):
        out.append(out[-1] * a)
    return out


def scaling(a, largest):
    """The least s with |a|/2^s <= 2^largest in the 1-norm."""
    bound, s = norm1(a).upper(), 0
    while not bound <= arb(2) ** (s + largest):
        s += 1
    return s


def taylor_terms(log2_norm):
    """Terms after which the tail of the exponential series is below 2^-prec, for a norm of 2^log2_norm <= 1."""
    n, log2_factorial = 1, 0.0
    while log2_factorial - n * log2_norm < ctx.prec + 10:
        n += 1
        log2_factorial += (n.bit_length() - 1)
    return n


def tail(norm, count):
    """A bound of sum_{k >= count} norm^k/k! for norm <= 1."""
    return 2 * (arb(norm) ** count / arb(count).gamma() / count).upper()


def widened(m, radius):
    """m with `radius` added to the radius of every entry."""
    ball = arb(0, radius)
    return like(m, [[x + (acb(ball, ball) if isinstance(x, acb) else ball) for x in row] for row in m.tolist()])


def exp(a):
    """exp(a) by the Taylor series of a/2^s, |a|/2^s <= 1/16, squared s times. A ball result, rigorous."""
    s = scaling(a, -4)
    b = a * (arb(2) ** -s)
    count = taylor_terms(-4)
    total = identity(a) * (1 / arb(count - 1).gamma() / (count - 1))  # Horner
    for k in range(count - 2, -1, -1):
        total = total * b + identity(a) * (1 / arb(k + 1).gamma())
    total = widened(total, tail(norm1(b).upper(), count))
    for _ in range(s):
        total = total * total
    return total


def kron(x, y):
    xs, ys = x.tolist(), y.tolist()
    return like(x, [[p * q for p in u for q in v] for u in xs for v in ys])


def map_left(x, k):
    """The matrix of E -> x L(E), k being that of L."""
    n, m, rows = x.nrows(), k.ncols(), k.tolist()
    g = x * like(k, [[rows[j * n + i][c] for j in range(n) for c in range(m)] for i in range(n)])
    g = g.tolist()
    return like(k, [[g[i][j * m + c] for c in range(m)] for j in range(n) for i in range(n)])


def map_right(k, x):
    """The matrix of E -> L(E) x."""
    n, m, rows = x.nrows(), k.ncols(), k.tolist()
    g = x.transpose() * like(k, [[rows[j * n + i][c] for i in range(n) for c in range(m)] for j in range(n)])
    g = g.tolist()
    return like(k, [[g[j][i * m + c] for c in range(m)] for j in range(n) for i in range(n)])


def series_kron(a, coefficients):
    """K of sum_k c_k a^k: L(E) = sum_{p,q} c_{p+q+1} a^p E a^q."""
    n, count = a.nrows(), len(coefficients) - 1
    flat = like(a, [p.entries() for p in powers(a, count)])  # row p: a^p, row by row
    hankel = like(a, [[coefficients[p + q + 1] if p + q < count else 0 for q in range(count)] for p in range(count)])
    table = (flat.transpose() * hankel * flat).tolist()  # [(i, k), (l, j)]: coefficient of E_kl in L_ij
    places = [(i, j) for j in range(n) for i in range(n)]
    return like(a, [[table[i * n + k][l * n + j] for k, l in places] for i, j in places])


def exp_kron(a):
    """exp(a) and K of the exponential: series of the scaled matrix, then L(X^2) = X L + L X at each squaring."""
    s = scaling(a, 0)
    b = a * (arb(2) ** -s)
    count = taylor_terms(0)
    inverse_factorials = [1 / arb(k + 1).gamma() for k in range(count + 1)]
    x = exp(b)
    k = series_kron(b, inverse_factorials) * (arb(2) ** -s)
    for _ in range(s):
        k = map_left(x, k) + map_right(k, x)
        x = x * x
    return x, k


# --- inverse functions ----------------------------------------------------------------------------------------------


def sqrt(a):
    """The principal square root by the scaled Denman-Beavers iteration on midpoints. Wrap in `agreed`.

    The scale is |det X det Y|^(-1/2n): without it, eigenvalues far from 1 take one step for each factor of 2.
    """
    n = a.nrows()
    x, y = midpoints(a), identity(a)
    for step in range(2000):
        mu = arb(1)
        if step < 40:
            mu = arb(float((abs((x.det() * y.det())) ** (arb(-1) / (2 * n))).mid()))
        xi, yi = x.inv(), y.inv()
        new = midpoints((x * mu + yi * (1 / mu)) * arb(0.5))
        y = midpoints((y * mu + xi * (1 / mu)) * arb(0.5))
        change = norm1(new - x)
        x = new
        if change <= norm1(x) * arb(2) ** (-ctx.prec * 3 // 4):
            return x
    raise ArithmeticError("square root: no convergence")


def log(a):
    """The principal logarithm: square roots until near I, then 2 artanh((r - I)(r + I)^-1). Wrap in `agreed`."""
    one, r, s = identity(a), a, 0
    while not norm1(r - one) <= arb(2) ** -6:
        r, s = sqrt(r), s + 1
        if s > 200:
            raise ArithmeticError("logarithm: no convergence")
    return artanh((r - one) * (r + one).inv()) * (arb(2) ** (s + 1))


def artanh(z):
    """The series z + z^3/3 + ... for |z| well below 1."""
    z = midpoints(z)
    square, term, total, k = z * z, z, z, 1
    while norm1(term) > norm1(z) * arb(2) ** (-ctx.prec):
        term = midpoints(term * square)
        k += 2
        total = total + term * (arb(1) / k)
    return midpoints(total)


def log1p(x):
    """log(I + x) without the cancellation of forming I + x. Wrap in `agreed`."""
    one = identity(x)
    if norm1(x) <= arb(2) ** -6:
        return artanh(x * (x + one * 2).inv()) * 2
    return log(x + one)


def sign(a):
    """Newton's iteration for the matrix sign, scaled by the determinant. Wrap in `agreed`."""
    x = midpoints(a)
    for step in range(2000):
        mu = arb(1)
        if step < 40:
            mu = arb(float((abs(x.det()) ** (arb(-1) / a.nrows())).mid()))
        new = midpoints((x * mu + x.inv() * (1 / mu)) * arb(0.5))
        change = norm1(new - x)
        x = new
        if change <= norm1(x) * arb(2) ** (-ctx.prec * 3 // 4):
            return x
    raise ArithmeticError("sign: no convergence")


def log_kron(a):
    """log(a) and K of the logarithm, the inverse of K of exp at log(a)."""
    l = log(a)
    return l, midpoints(exp_kron(l)[1].inv())


def log1p_kron(x):
    l = log1p(x)
    return l, midpoints(exp_kron(l)[1].inv())


def sqrt_kron(a):
    """sqrt(a) and its K, the inverse of X -> X E + E X."""
    x = sqrt(a)
    one = identity(a)
    return x, midpoints((kron(one, x) + kron(x.transpose(), one)).inv())


def power_kron(a, p):
    """a^p = exp(p log a) for a real ball p, and its K by the chain rule."""
    l, k_log = log_kron(a)
    x, k = exp_kron(l * p)
    return midpoints(x), midpoints(k * k_log * p)


def power(a, p):
    return midpoints(exp(log(a) * p))


def sign_kron(a):
    """sign(a) and its K: N L + L N = E - S E S with N = a S."""
    s = sign(a)
    one, big = identity(a), a * s
    left = kron(one, big) + kron(big.transpose(), one)
    return s, midpoints(left.inv() * (kron(one, one) - kron(s.transpose(), s)))


# --- trigonometric functions, phi functions -------------------------------------------------------------------------


def as_complex(m):
    return acb_mat([[acb(x) for x in row] for row in m.tolist()])


def trigonometric(name, a, derivative=False):
    """cos, sin, cosh, sinh or tanh of a, a ball result; with `derivative`, a pair with K.

    cosh and sinh are half the sum and difference of exp(a) and exp(-a); cos(a) = cosh(ia), sin(a) = -i sinh(ia).
    """
    turned = name in ("cos", "sin")
    b = as_complex(a) * acb(0, 1) if turned else a
    if derivative:
        (p, kp), (q, kq) = exp_kron(b), exp_kron(b * arb(-1))
        kq = kq * arb(-1)
        if turned:
            kp, kq = kp * acb(0, 1), kq * acb(0, 1)
    else:
        p, q, kp, kq = exp(b), exp(b * arb(-1)), None, None
    half = arb(0.5)

    def even(u, v):
        return (u + v) * half

    def odd(u, v):
        return (u - v) * (acb(0, -0.5) if turned else half)

    def plain(m):
        return real_part(m) if turned and not is_complex(a) else m

    if name in ("cos", "cosh"):
        return (plain(even(p, q)), plain(even(kp, kq))) if derivative else plain(even(p, q))
    if name in ("sin", "sinh"):
        return (plain(odd(p, q)), plain(odd(kp, kq))) if derivative else plain(odd(p, q))
    c, s = even(p, q), odd(p, q)
    inverse = c.inv()
    t = inverse * s
    if not derivative:
        return t
    # C T = S, so C T' = S' - C' T
    return t, map_left(inverse, odd(kp, kq) - map_right(even(kp, kq), t))


def phi(a, order, derivative=False):
    """phi_order(a) = sum_k a^k/(k + order)! by the plain series with enough bits and terms for the norm."""
    norm = float(norm1(a).upper())
    count = int(8 * norm) + 200
    while tail_log2(norm, count) > -ctx.prec:
        count += 50
    with precision(ctx.prec + int(3 * norm) + 50):
        c = [1 / arb(k + order + 1).gamma() for k in range(count + 1)]
        total = identity(a) * 0
        for k in range(count - 1, -1, -1):
            total = total * a + identity(a) * c[k]
        # beyond `count` > 8 |a| the terms fall by 8 at each step
        total = widened(total, (2 * arb(norm) ** count / arb(count + 1).gamma()).upper())
        return (total, series_kron(a, c)) if derivative else total


def tail_log2(norm, count):
    return float(((arb(norm) + arb(2) ** -2000).log() * count - arb(count + 1).lgamma()).mid()) / 0.6931471805599453


# --- eigenvalues, for checks of the branch --------------------------------------------------------------------------


def eigenvalues(a):
    """Approximate eigenvalues, accurate to about prec/n bits at worst, as Python complex numbers."""
    with precision(BITS):
        m = midpoints(as_complex(a))
        if all(m[i, j] == 0 for i in range(m.nrows()) for j in range(i)):
            return [complex(m[i, i]) for i in range(m.nrows())]
        return [complex(x) for x in m.eig(algorithm="approx")]
