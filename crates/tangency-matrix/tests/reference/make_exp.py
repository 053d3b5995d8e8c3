"""exp.json and exp_random.json."""

import arithmetic as ar
import families
import named_exp
from cases import case_of
from condition import accurate_conditions
from fixtures import matrix, write


def exp_entry(rows):
    a = ar.exact(rows)
    expected = ar.accurate(lambda: ar.exp(a))
    bits = ar.BITS if a.nrows() <= 12 else ar.BITS // 2
    return {"expected": matrix(expected)} | accurate_conditions(a, lambda: ar.exp_kron(a), bits)


def make_exp():
    cases = [
        case_of(name, "named", a, exp_entry, number=number, source=source, bound=bound)
        for number, name, source, a, bound in named_exp.exp_cases() + named_exp.more_exp_cases()
    ]
    write("exp", "exp(A) of named matrices", cases)


def make_exp_random():
    cases = [
        case_of(name, family, a, exp_entry) for name, family, a in families.exp_matrices()
    ]
    write("exp_random", "exp(A) of random matrices; numpy.random.default_rng, seeds in families.py", cases)
