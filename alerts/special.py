"""Two functions of scipy.special, without the rest of it: linear algebra, polynomials, 17 MB.

scipy loads all of that when the package is imported. Here only the module with the functions is; where the
package is loaded already, or another version is built otherwise, nothing is different but the memory.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType

_PACKAGE = "scipy.special"


def _module() -> ModuleType:
    spec = None if _PACKAGE in sys.modules else find_spec(_PACKAGE)
    if spec is None:
        return import_module(_PACKAGE)
    sys.modules[_PACKAGE] = module_from_spec(spec)  # it has a path, and nothing in it
    try:
        return import_module(f"{_PACKAGE}._ufuncs")
    except ImportError:
        pass
    finally:
        del sys.modules[_PACKAGE]
    return import_module(_PACKAGE)


_functions = _module()
betainc = _functions.betainc  #: the regularised incomplete beta function
nbdtrik = _functions.nbdtrik  #: how many failures, by the negative binomial's distribution
