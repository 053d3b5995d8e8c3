"""The named matrices whose exponential is hard for some method, each with its source.

`bound` is the largest relative 1-norm error to be reached where the general bound 10 n u max(1, cond) is loose or where
the matrix must come out exactly; None leaves the general bound alone.
"""

import numpy as np


def jordan(eigenvalue, n, coupling=1.0):
    return eigenvalue * np.eye(n) + coupling * np.eye(n, k=1)


def frank(n):
    """Frank's matrix: n - max(i, j) with one subdiagonal, 0-based."""
    return np.array([[float(n - max(i, j)) if j >= i - 1 else 0.0 for j in range(n)] for i in range(n)])


def grcar(n):
    return sum(np.eye(n, k=k) for k in range(4)) - np.eye(n, k=-1)


def forsythe(n, corner):
    a = np.eye(n, k=1)
    a[n - 1, 0] = corner
    return a


TREE = np.array([
    [1, -0.5, -0.5, 0, 0, 0, 0], [0, 1, 0, -0.5, -0.5, 0, 0], [0, 0, 1, 0, 0, -0.5, -0.5],
    [0] * 7, [0] * 7, [0] * 7, [0] * 7,
])

# The logarithm of the 4 x 4 triangular matrix of Al-Mohy & Higham 2012, experiment 1, as SciPy's tests state it.
LOG_OF_EXPERIMENT_1 = [
    [-1.12867982029050462e+00, 9.61418377142025565e+04, -4.52485573953179264e+09, 2.92496941103871812e+14],
    [0.0, -1.20101052953082288e+00, 9.63469687211303099e+04, -4.68104828911105442e+09],
    [0.0, 0.0, -1.13289322264498393e+00, 9.53249183094775653e+04],
    [0.0, 0.0, 0.0, -1.17947533272554850e+00],
]

BLOCH = [
    [-3512.0, 8.4694e5, 0.0, 600.0, 0.0, 0.0, 0.0],
    [-8.4694e5, -3512.0, 6283.19, 0.0, 600.0, 0.0, 0.0],
    [0.0, -6283.19, -26.0, 0.0, 0.0, 600.0, 14.0],
    [12.0, 0.0, 0.0, -40600.0, 3.58321e5, 0.0, 0.0],
    [0.0, 12.0, 0.0, -3.58321e5, -40600.0, 6283.19, 0.0],
    [0.0, 0.0, 12.0, 0.0, -6283.19, -602.0, 0.04],
    [0.0] * 7,
]

SHIFTED_INTEGRATOR = [
    [-6.00094776e-02, -1.37334693e+09, -1.16936523e+19, 1.00100100e-12],
    [1.00100100e-12, 0.0, 0.0, 0.0],
    [0.0, 1.00100100e-12, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0],
]


def graded_triangular(n):
    a = np.zeros((n, n))
    for i in range(n):
        a[i, i:] = -(10.0 ** (6 * i / (n - 1)))
    return a


def exp_cases():
    """(number, name, source, matrix, bound)"""
    eps = 2.0 ** -52
    burkardt = "J. Burkardt's test_matrix_exponential, as in SciPy's tests"
    rotation = np.array([[0.0, 1.0], [-1.0, 0.0]])
    generator = np.ones((4, 4)) - 4 * np.eye(4)
    random20 = np.random.default_rng(20).standard_normal((20, 20))
    return [
        (1, "zero", "exact identity", np.zeros((3, 3)), 0.0),
        (2, "diag_1_2", burkardt, np.diag([1.0, 2.0]), 2.3e-16),
        (3, "symmetric_2x2", burkardt, [[1, 3], [3, 2]], 1e-15),
        (4, "laub", "Laub, in " + burkardt, [[0, 1], [-39, -40]], 1e-14),
        (5, "moler_van_loan", "Moler & Van Loan 2003, in " + burkardt, [[-49, 24], [-64, 31]], 5e-14),
        (6, "nilpotent_6_n4", "Moler & Van Loan 2003", 6.0 * np.eye(4, k=1), 2e-15),
        (7, "jordan_2_1", "Moler & Van Loan 2003", jordan(1.0, 2), 4e-16),
        (8, "jordan_2_1_split", "Moler & Van Loan 2003", [[1 + eps, 1], [0, 1 - eps]], 4e-16),
        (9, "wikipedia_4_16", burkardt, [[21, 17, 6], [-5, -1, -6], [4, 4, 16]], None),
        (10, "nag_f01ecf", "NAG Library, in " + burkardt, [
            [1, 2, 2, 2], [3, 1, 1, 2], [3, 2, 1, 2], [3, 3, 3, 1]], 1e-15),
        (11, "ward_1", "Ward 1977", [[4, 2, 0], [1, 4, 1], [1, 1, 4]], 1e-15),
        (12, "ward_2", "Ward 1977", [
            [29.87942128909879, 0.7815750847907159, -2.289519314033932],
            [0.7815750847907159, 25.72656945571064, 8.680737820540137],
            [-2.289519314033932, 8.680737820540137, 34.39400925519054]], 6e-15),
        (13, "ward_3", "Ward 1977", [[-131, 19, 18], [-390, 56, 54], [-387, 57, 52]], 2e-12),
        (14, "ward_4_forsythe", "Ward 1977", forsythe(10, 1e-10), 1e-15),
        (15, "moler_badly_scaled", "C. Moler, A Balancing Act for the Matrix Exponential, 2012", [
            [0, 1e-8, 0], [-(2e10 + 4e8 / 6.0), -3, 2e10], [200.0 / 3.0, 0, -200.0 / 3.0]], 1e-7),
        (16, "overscaling_1e6", "Al-Mohy & Higham 2009", [[1, 1e6], [0, -1]], 1e-15),
        (17, "overscaling_1e10", "Al-Mohy & Higham 2009", [[1, 1e10], [0, -1]], 1e-15),
        (18, "jordan_10_minus_5", "one Jordan block", jordan(-5.0, 10), 1e-14),
        (19, "nilpotent_10_n30", "ten times the shift", 10.0 * np.eye(30, k=1), 1e-14),
        (20, "pascal_generator", "exp is Pascal's triangle", np.diag(np.arange(1.0, 20.0), -1), None),
        (21, "rotation_100", "exp is a rotation", 100.0 * rotation, 2e-14),
        (22, "rotation_1e4", "exp is a rotation", 1e4 * rotation, 1e-11),
        (23, "tree_laplacian", "directed tree, in SciPy's tests", -2000.0 * TREE, 1e-15),
        (24, "large_negative_2x2", "zero-order hold of a fast filter", [
            [-494.08845191 / 2, 0], [12566.3706 / 2, -12566.3706 / 2]], None),
        (25, "shifted_integrator", "entries from 1e-12 to 1e19", SHIFTED_INTEGRATOR, 1e-14),
        (26, "log_of_experiment_1", "Al-Mohy & Higham 2012, experiment 1", LOG_OF_EXPERIMENT_1, 1e-4),
        (27, "bloch", "Bloch-McConnell equations of two pools", BLOCH, 1e-11),
        (28, "normal_20", "numpy.random.default_rng(20).standard_normal((20, 20))", random20, 1e-14),
        (29, "generator_1000", "1000 times a generator of a Markov chain", 1000.0 * generator, None),
        (30, "frank_8", "Frank 1958", frank(8), 1e-14),
        (31, "grcar_20", "Grcar 1989", grcar(20), 1e-14),
        (32, "shift_minus_identity_200", "200 (N - I)", 200.0 * (np.eye(8, k=1) - np.eye(8)), 1e-13),
        (33, "graded_triangular", "row i of the upper triangle is -10^(6 i/7)", graded_triangular(8), None),
    ]


def more_exp_cases():
    """Complex matrices, and ends of the range."""
    i = 1j
    rng = np.random.default_rng(21)
    g = rng.standard_normal((6, 6)) + i * rng.standard_normal((6, 6))
    h = (g + g.conj().T) / 2
    return [
        (None, "scalar_zero", "1 x 1", [[0.0]], 0.0),
        (None, "scalar_minus_700", "1 x 1", [[-700.0]], None),
        (None, "closed_form_1_4_1_1", "SciPy's tests", [[1, 4], [1, 1]], None),
        (None, "integer_generator", "SciPy's tests", [
            [-500, 500, 0, 0], [0, -550, 360, 190], [0, 630, -630, 0], [0, 0, 0, 0]], None),
        (None, "tiny", "1e-300 times all ones", 1e-300 * np.ones((3, 3)), 1e-300),
        (None, "subnormal", "5e-324 times all ones", 5e-324 * np.ones((2, 2)), 1e-300),
        (None, "large_nilpotent", "[[0, 1e300], [0, 0]]", [[0, 1e300], [0, 0]], 0.0),
        (None, "decay_1e6", "-1e6 I plus a shift", -1e6 * np.eye(3) + np.eye(3, k=1), None),
        (None, "complex_rotation_2x2", "i times a Hermitian matrix", [[i, 2 + i], [-2 + i, -3 * i]], None),
        (None, "complex_jordan_4", "one Jordan block", (-1 + 2 * i) * np.eye(4) + np.eye(4, k=1), None),
        (None, "complex_overscaling", "a large coupling", [[1 + i, 1e8 * i], [0, -1 - i]], None),
        (None, "complex_normal_6", "numpy.random.default_rng(21)", g, None),
        (None, "hermitian_6", "Hermitian part of complex_normal_6", h, None),
        (None, "skew_hermitian_6", "30 i times hermitian_6", 30 * i * h, None),
        (None, "complex_grcar_12", "(1 + i) times Grcar", (1 + i) * grcar(12), None),
        (None, "complex_moler_van_loan", "i times moler_van_loan", i * np.array([[-49, 24], [-64, 31]]), None),
    ]
