"""Two functions of scipy.special, without the rest of it: linear algebra, polynomials, 17 MB.

scipy loads all of that when the package is imported. Here only the module with the functions is; where the
package is loaded already, or another version is built otherwise, nothing is different but the memory.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType

_PACKAGE = "scipy.special"
#: Its functions ask for a module of this one, from scipy 1.18 on.
_BESIDE = "scipy.linalg"


def _module() -> ModuleType:
    if _PACKAGE in sys.modules:
        return import_module(_PACKAGE)
    hollow = [name for name in (_PACKAGE, _BESIDE) if name not in sys.modules]
    for name in hollow:
        if (spec := find_spec(name)) is not None:
            sys.modules[name] = module_from_spec(spec)  # it has a path, and nothing in it
    try:
        return import_module(f"{_PACKAGE}._ufuncs")
    except ImportError:
        pass
    finally:
        for name in hollow:
            sys.modules.pop(name, None)
    return import_module(_PACKAGE)


_functions = _module()
betainc = _functions.betainc  #: the regularised incomplete beta function
nbdtrik = _functions.nbdtrik  #: how many failures, by the negative binomial's distribution
