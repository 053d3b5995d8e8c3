"""The thresholds of the polynomials in src/exponential/scheme.rs.

    python exp_thresholds.py

A polynomial p gives exp(A + h(A)) with h(x) = log(exp(-x) p(x)) = sum of c_k x^k, k above its degree. Printed are, for
u = 2^-53 and 2^-24, the theta with sum |c_k| theta^(k-1) = u, and that with sum k |c_k| theta^(k-1) = u for the derivative.
Needs mpmath (written with 1.3.0); 120 digits, 160 terms.
"""
import mpmath as mp

mp.mp.dps = 120
TERMS = 160


def multiply(a, b, terms=None):
    terms = len(a) + len(b) - 2 if terms is None else terms
    product = [mp.mpf(0)] * (terms + 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            if i + j <= terms:
                product[i + j] += x * y
    return product


def combine(coefficients, basis):
    return [sum(mp.mpf(c) * b[i] for c, b in zip(coefficients, basis) if i < len(b))
            for i in range(max(len(b) for b in basis))]


def backward_error(p):
    """h' = p' / p - 1, integrated."""
    inverse = [1 / p[0]]
    for k in range(1, TERMS):
        inverse.append(-sum(p[j] * inverse[k - j] for j in range(1, min(k, len(p) - 1) + 1)) / p[0])
    slope = multiply([k * p[k] for k in range(1, len(p))], inverse, TERMS - 1)
    slope[0] -= 1
    return [mp.mpf(0)] + [slope[k] / (k + 1) for k in range(TERMS)]


def threshold(h, u, derivative):
    low, high = mp.mpf(0), mp.mpf(4.5)
    for _ in range(200):
        middle = (low + high) / 2
        size = sum((k if derivative else 1) * abs(h[k]) * middle ** (k - 1) for k in range(2, len(h)))
        low, high = (low, middle) if size > u else (middle, high)
    return low


def taylor(degree):
    return [1 / mp.factorial(k) for k in range(degree + 1)]


def beyond(polynomial, degree):
    """The series up to the degree, then what the printed coefficients (16 digits) expand to."""
    return taylor(degree) + polynomial[degree + 1:]


def fifteen():
    c = [None] + """4.018761610201036e-4 2.945531440279683e-3 -8.709066576837676e-3 4.017568440673568e-1
        3.230762888122312e-2 5.768988513026145e0 2.338576034271299e-2 2.381070373870987e-1 2.224209172496374e0
        -5.792361707073261e0 -4.130276365929783e-2 1.040801735231354e1 -6.331712455883370e1
        3.484665863364574e-1""".split()
    a, a2 = [0, mp.mpf(1)], [0, 0, mp.mpf(1)]
    y0 = multiply(a2, combine([c[2], c[1]], [a, a2]))
    y1 = combine([1, c[6], c[7]], [multiply(combine([1, c[4], c[3]], [y0, a, a2]), combine([1, c[5]], [y0, a2])), y0, a2])
    last = multiply(combine([1, c[9], c[8]], [y1, a, a2]), combine([1, c[10], c[11]], [y1, y0, a]))
    return combine([1, c[12], c[13], c[14], 1, 1], [last, y1, y0, a2, a, [mp.mpf(1)]])


def twenty_one():
    c = [None] + """1.161658834444880e-06 4.500852739573010e-06 5.374708803114821e-05 2.005403977292901e-03
        6.974348269544424e-02 9.418613214806352e-01 2.852960512714315e-03 -7.544837153586671e-03 1.829773504500424e+00
        3.151382711608315e-02 1.392249143769798e-01 -2.269101241269351e-03 -5.394098846866402e-02 3.112216227982407e-01
        9.343851261938047e+00 6.865706355662834e-01 3.233370163085380e+00 -5.726379787260966e+00 -1.413550099309667e-02
        -1.638413114712016e-01""".split()
    a, a2, a3 = [0, mp.mpf(1)], [0, 0, mp.mpf(1)], [0, 0, 0, mp.mpf(1)]
    y0 = multiply(a3, combine([c[3], c[2], c[1]], [a, a2, a3]))
    y1 = multiply(combine([1, c[6], c[5], c[4]], [y0, a, a2, a3]), combine([1, c[8], c[7]], [y0, a2, a3]))
    y1 = combine([1, c[9], c[11], c[10]], [y1, y0, a2, a3])
    last = multiply(combine([1, c[14], c[13], c[12]], [y1, a, a2, a3]), combine([1, c[15], c[16]], [y1, y0, a]))
    return combine([1, c[17], c[18], c[19], c[20], 1, 1], [last, y1, y0, a3, a2, a, [mp.mpf(1)]])


if __name__ == "__main__":
    polynomials = {str(m): taylor(m) for m in (1, 2, 4, 8)}
    polynomials["15"] = beyond(fifteen(), 15)
    polynomials["21"] = beyond(twenty_one(), 21)
    for name, p in polynomials.items():
        h = backward_error(p)
        for u in (2.0**-53, 2.0**-24):
            print(name, u, *[mp.nstr(threshold(h, u, d), 17) for d in (False, True)])
