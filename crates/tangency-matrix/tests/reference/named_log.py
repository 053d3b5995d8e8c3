"""Named matrices for logarithm, square root, powers and sign, each with what makes it hard."""

import math

import numpy as np

from named_exp import jordan

EXPERIMENT_1 = [
    [3.2346e-1, 3e4, 3e4, 3e4], [0, 3.0089e-1, 3e4, 3e4], [0, 0, 3.2210e-1, 3e4], [0, 0, 0, 3.0744e-1],
]

# A near-rotation whose real Schur form has a 2 x 2 block that needs no square root.
NO_SQUARE_ROOT_STEP = [
    [0.9949357359852791, -0.015567763143324862, -0.09091193493947397, -0.03994428739762443, 0.07338356301650806],
    [0.011813655598647289, 0.9968988574699793, -0.06204555000202496, 0.04694097614450692, 0.09028834462782365],
    [0.092737943594701, 0.059546719185135925, 0.9935850721633324, 0.025348893985651405, -0.018530261590167685],
    [0.0369187299165628, -0.04903571106913449, -0.025962938675946543, 0.9977767446862031, 0.12901494726320517],
    [0.0, 0.0, 0.0, 0.0, 1.0],
]
NO_SQUARE_ROOT_STEP_3 = [
    [0.9950041652780259, -0.09983341664682815, 0.07153667745275474],
    [0.09983341664682804, 0.9950041652780259, 0.06981527929449967],
    [0.0, 0.0, 1.0],
]

NILS_5 = [
    [29.2, -24.2, 69.5, 49.8, 7.0], [-9.2, 5.2, -18.0, -16.8, -2.0], [-10.0, 6.0, -20.0, -18.0, -2.0],
    [-9.6, 9.6, -25.5, -15.4, -2.0], [9.8, -4.8, 18.0, 18.2, 2.0],
]
NILS_7 = [
    [-2.0, 25.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, -3.0, 10.0, 3.0, 3.0, 3.0, 0.0], [0.0, 0.0, 2.0, 15.0, 3.0, 3.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 15.0, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0, 3.0, 10.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, -2.0, 25.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -3.0],
]
DEFECTIVE_4 = [[0.0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0]]


def hilbert(n):
    return np.array([[1.0 / (i + j + 1) for j in range(n)] for i in range(n)])


def log_cases():
    """(number, name, source, matrix) of matrices with a principal logarithm."""
    i = 1j
    return [
        (34, "experiment_1", "Al-Mohy & Higham 2012, experiment 1", EXPERIMENT_1),
        (35, "no_square_root_step", "2 x 2 Schur blocks near the identity, no square root is taken", NO_SQUARE_ROOT_STEP),
        (35, "no_square_root_step_3", "quasi-triangular already", NO_SQUARE_ROOT_STEP_3),
        (36, "quarter_turn", "log is pi/2 [[0, 1], [-1, 0]]", [[0, 1], [-1, 0]]),
        (37, "eigenvalues_i_minus_i", "eigenvalues i and -i, not normal", [[3, 2], [-5, -3]]),
        (37, "eigenvalues_10i_minus_10i", "ten times that", [[30, 20], [-50, -30]]),
        (38, "diag_i_minus_i", "eigenvalues of opposite sign", [[i, 0], [0, -i]]),
        (38, "triangular_i_minus_i", "log is [[i pi/2, 2 pi], [0, -i pi/2]]", [[i, 4], [0, -i]]),
        (39, "hilbert_6", "Hilbert's matrix", hilbert(6)),
        (41, "jordan_3_1e_3", "Jordan block of 1e-3", jordan(1e-3, 3)),
        (42, "near_negative_axis", "log is near (pi - 1e-7) [[0, 1], [-1, 0]]; real", [[-1, 1e-7], [-1e-7, -1]]),
        (46, "hermitian_isolated", "Hermitian, one row isolated", [[1, 0, 0], [0, 1, -i], [0, i, 2]]),
        (47, "constant_0_94", "0.94 everywhere, 1 on the diagonal", np.where(np.eye(19) > 0, 1.0, 0.94)),
        (48, "cyclic_shift_3", "permutation, eigenvalues the cube roots of 1", [[0, 1, 0], [0, 0, 1], [1, 0, 0]]),
        (None, "circulant_1_1_2", "eigenvalues 4 and -1/2 +- i sqrt(3)/2", [[1, 1, 2], [2, 1, 1], [1, 2, 1]]),
        (None, "two_i_minus_two_i", "sqrt is [[1+i, 2], [0, 1-i]]", [[2 * i, 4], [0, -2 * i]]),
        (None, "isolated_corner", "two isolated small eigenvalues", [
            [1, 0, 0, 1], [0, 0.03125, 0, 0], [0, 0, 0.03125, 0], [0, 0, 0, 1]]),
        (None, "nils_7_shifted", "3.1 I - A for a 7 x 7 of Nils Wagner", 3.1 * np.eye(7) - np.array(NILS_7)),
        (None, "scalar_1e_100", "1 x 1", [[1e-100]]),
        (None, "scalar_1e300", "1 x 1", [[1e300]]),
        (None, "identity_3", "log is exactly 0", np.eye(3)),
        (None, "one_plus_ulp", "I + 2^-52 E", [[1 + 2.0 ** -52, 2.0 ** -52], [0, 1]]),
    ]


def failing_cases():
    """(number, name, source, matrix, kind, eigenvalue) of real matrices that have no real principal logarithm."""
    least = -(3 + math.sqrt(5)) / 2
    return [
        (40, "diag_1_minus_1", "one negative eigenvalue", [[1, 0], [0, -1]], "negative_eigenvalue", -1.0),
        (None, "swap", "eigenvalues 1 and -1", [[0, 1], [1, 0]], "negative_eigenvalue", -1.0),
        (None, "minus_identity", "-I has real logarithms, none of them principal", -np.eye(2), "negative_eigenvalue", -1.0),
        (None, "negative_definite", "minus a positive definite matrix", [[-2, -1], [-1, -1]], "negative_eigenvalue", least),
        (43, "zeros_3", "zero", np.zeros((3, 3)), "singular", 0.0),
        (43, "ones_4", "rank 1", np.ones((4, 4)), "singular", 0.0),
        (43, "nilpotent_3_n4", "no square root", 3.0 * np.eye(4, k=1), "singular", 0.0),
        (44, "diag_2_1_0", "singular, sqrt exists", np.diag([2.0, 1.0, 0.0]), "singular", 0.0),
        (45, "rank_1_corner", "singular, sqrt exists", [[1, 0, 0, 1], [0] * 4, [0] * 4, [1, 0, 0, 1]], "singular", 0.0),
        (49, "nilpotent_2x2", "nilpotent, must not loop", [[1, -1], [1, -1]], "singular", 0.0),
        (None, "complex_singular", "eigenvalues 0 and i", [[0, 0], [1j, 1j]], "singular", 0.0),
    ]
