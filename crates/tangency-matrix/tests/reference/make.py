"""Writes the reference values of tangency-matrix, or checks the files that are there.

    python make.py [NAME...]           writes NAME.json beside itself (all of them without a name)
    python make.py --check [NAME...]   tests the files by the equations that define their contents

Needs python-flint and NumPy to write, and mpmath to check. README.md describes the files.
"""

import argparse
import time

from make_action import make_action
from make_det import make_determinant, make_volume
from make_exp import make_exp, make_exp_random
from make_frechet import make_frechet
from make_log import make_log, make_power, make_root, make_sign, make_sqrt
from make_random import make_principal_random, make_trig_random
from make_spd import make_angles, make_polar, make_spd_distance
from make_trig import make_near_zero, make_phi, make_trig

MAKERS = {
    "exp": make_exp,
    "exp_random": make_exp_random,
    "log": make_log,
    "sqrt": make_sqrt,
    "power": make_power,
    "root": make_root,
    "sign": make_sign,
    "frechet": make_frechet,
    "principal_random": make_principal_random,
    "trig": make_trig,
    "trig_random": make_trig_random,
    "phi": make_phi,
    "near_zero": make_near_zero,
    "determinant": make_determinant,
    "volume": make_volume,
    "action": make_action,
    "polar": make_polar,
    "spd_distance": make_spd_distance,
    "angles": make_angles,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *MAKERS], metavar="NAME")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    for name in arguments.names or MAKERS:
        start = time.time()
        if arguments.check:
            import check  # needs mpmath

            check.CHECKS[name](name)
        else:
            MAKERS[name]()
        print(f"{name}: {time.time() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
