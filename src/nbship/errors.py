"""What can go wrong, as a tree.

.. code-block:: text

    NbshipError
     ├── UsageError (ValueError)          the request itself is wrong: exit code 2
     │    ├── ConfigurationError          a setting has a value that cannot be used
     │    ├── AmbiguousRunError           a RUN that several runs answer to
     │    ├── ServiceNotFoundError        a name under which nothing is served
     │    └── UntrustedModelError         a model file that the trust policy does not let be read
     ├── RunNotFoundError (LookupError)   a RUN that no run answers to: exit code 2
     ├── FingerprintError (TypeError)     a value that has no content digest
     ├── ModelSaveError (RuntimeError)    a model that cannot be written to disk
     ├── SpoolError (OSError)             the local queue cannot be read or written
     ├── StoreError (ConnectionError)     the tracking store refused or did not answer: exit code 3
     ├── ExecutionError (RuntimeError)    a notebook that was executed failed: exit code 3
     └── PackagingError (RuntimeError)    a model that could not be packaged or served: exit code 3
          ├── SmokeTestError              the built image does not answer as the model did
          ├── EngineError                 the container engine refused or did not answer
          └── RegistryError               the registry refused or did not answer

A message says what happened, what was given, and what to do next.
"""

from __future__ import annotations

__all__ = [
    "AmbiguousRunError",
    "ConfigurationError",
    "EngineError",
    "ExecutionError",
    "FingerprintError",
    "ModelSaveError",
    "NbshipError",
    "PackagingError",
    "RegistryError",
    "RunNotFoundError",
    "ServiceNotFoundError",
    "SmokeTestError",
    "SpoolError",
    "StoreError",
    "UntrustedModelError",
    "UsageError",
]


class NbshipError(Exception):
    """The root of every error that nbship raises on purpose."""

    exit_code = 3


class UsageError(NbshipError, ValueError):
    """The request itself is wrong: an unknown option, a malformed value, a name that does not exist."""

    exit_code = 2


class ConfigurationError(UsageError):
    """A setting has a value that cannot be used; the message names where the value came from."""


class AmbiguousRunError(UsageError):
    """A RUN matches several runs; the message lists them."""


class ServiceNotFoundError(UsageError):
    """Nothing is served under the given name; the message says what is near."""


class UntrustedModelError(UsageError):
    """A model file would run code when it is read, and nobody has said that it may."""


class RunNotFoundError(NbshipError, LookupError):
    """No run of the store answers to the given id, prefix or name."""

    exit_code = 2


class FingerprintError(NbshipError, TypeError):
    """A value has no content digest, because its type is unknown or one of its parts cannot be read."""


class ModelSaveError(NbshipError, RuntimeError):
    """A model cannot be written to disk, or is no model."""


class SpoolError(NbshipError, OSError):
    """The local queue of recorded events cannot be read or written."""


class StoreError(NbshipError, ConnectionError):
    """The tracking store refused a request or did not answer."""


class ExecutionError(NbshipError, RuntimeError):
    """A notebook that was executed did not run to its end."""


class PackagingError(NbshipError, RuntimeError):
    """A model could not be packaged or served."""


class SmokeTestError(PackagingError):
    """The built image does not answer as the model did; nothing was tagged."""


class EngineError(PackagingError):
    """The container engine refused a request or did not answer."""


class RegistryError(PackagingError):
    """The registry refused a request or did not answer."""
