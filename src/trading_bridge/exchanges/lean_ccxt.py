"""ccxt without what its packages import beforehand: every class of a hundred exchanges, a fifth of a server's start and
some 40 MB, twice that once an asynchronous one is wanted. Each class, untouched, is imported when it is asked for."""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_PACKAGES = ("ccxt", "ccxt.async_support", "ccxt.pro")
#: where names that are no exchange's come from
_SHARED = ("base.exchange", "base.errors", "base.decimal_to_precision", "base.precise")


class _Package(ModuleType):
    def __getattr__(self, name: str) -> Any:
        """A class, a shared name, else whatever ccxt's own `__init__` makes of it."""
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        if find_spec(f"{self.__name__}.{name}") is not None:
            import_module(f"{self.__name__}.{name}")
            return self.__dict__[name]
        for shared in _SHARED:
            for package in dict.fromkeys((self.__name__, "ccxt")):
                found = getattr(_module(f"{package}.{shared}"), name, None)
                if found is not None:
                    return found
        spec = self.__spec__
        assert spec is not None
        assert spec.loader is not None
        spec.loader.exec_module(self)
        if name not in self.__dict__:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return self.__dict__[name]

    def __setattr__(self, name: str, value: Any) -> None:
        """An exchange's name is its class here, not the module that holds it."""
        is_submodule = isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}"
        super().__setattr__(name, value.__dict__.get(name, value) if is_submodule else value)


def install() -> None:
    """Where ccxt is imported already, it stays as it is."""
    if any(name in sys.modules for name in _PACKAGES):
        return
    for name in _PACKAGES:
        spec = find_spec(name)
        assert spec is not None, "ccxt is installed"
        package = module_from_spec(spec)
        package.__class__ = _Package
        sys.modules[name] = package
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, package)


def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        return None
