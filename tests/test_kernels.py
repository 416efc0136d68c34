"""Kernels start without SciPy, and take nothing from whoever uses numba or SciPy beside them."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cleaners.kernels import lean

_OURS = """
import sys
import pyarrow as pa
from cleaners.config import Settings
from cleaners.fingerprint.columns import fingerprint
fingerprint(pa.array(["a b c d e f"], pa.large_string()), Settings().fingerprint)
print([name for name in sys.modules if name.startswith("scipy.linalg")])
"""

_THEIRS = """
from cleaners.kernels import njit
import numpy as np

@njit
def multiplied(matrix):
    return matrix @ matrix

@njit
def smoothed(values):
    return np.convolve(values, np.ones(2))

print(multiplied(np.eye(2) * 2)[0, 0], smoothed(np.ones(3)).tolist())
from numba.np import arraymath
from scipy.linalg import norm
print(arraymath._HAVE_BLAS, norm([3, 4]))
"""


def _printed(script: str) -> list[str]:
    return subprocess.check_output([sys.executable, "-c", script], text=True).splitlines()


def test_the_first_kernel_loads_no_scipy() -> None:
    assert _printed(_OURS) == ["[]"]


def test_kernels_of_others_still_find_a_blas() -> None:
    assert _printed(_THEIRS) == ["4.0 [1.0, 2.0, 2.0, 1.0]", "True 5.0"]


def test_without_scipy_numba_is_told_so() -> None:
    hidden = "from importlib import util; util.find_spec = dict().get"
    asked = "import cleaners.kernels; from numba.np import arraymath; print(arraymath._HAVE_BLAS)"

    assert _printed(f"import numba; {hidden}; {asked}") == ["False"]


def test_a_lean_kernel_makes_no_array():
    @lean()
    def doubled(values):
        return np.concatenate((values, values))

    with pytest.raises(Exception, match="concatenate"):
        doubled(np.zeros(2))
