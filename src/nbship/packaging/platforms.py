"""The platforms of images, in the words of containers, of wheels and of requirement markers.

Public: ``check_platform(platform)``, ``wheel_tags(platform, glibc_minor)``, ``marker_environment(platform, python)``.
"""

from __future__ import annotations

from nbship.errors import UsageError

__all__ = ["check_platform", "marker_environment", "wheel_tags"]

_MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
_OLD_NAMES = {
    "x86_64": {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"},
    "aarch64": {17: "manylinux2014"},
}
_OLDEST_GLIBC = {"x86_64": 5, "aarch64": 17}


def check_platform(platform: str) -> str:
    """Return what wheels call the machine of a platform, e.g. ``x86_64``.

    Raises
    ------
    UsageError
        When images for it are not built.
    """
    machine = _MACHINES.get(platform)
    if machine is None:
        raise UsageError(f"images for {platform!r} are not built; known are {', '.join(sorted(_MACHINES))}")
    return machine


def wheel_tags(platform: str, glibc_minor: int) -> tuple[str, ...]:
    """Return the platform tags of the wheels that run there, the most specific first (PEP 600)."""
    machine = check_platform(platform)
    tags: list[str] = []
    for minor in range(glibc_minor, _OLDEST_GLIBC[machine] - 1, -1):
        tags.append(f"manylinux_2_{minor}_{machine}")
        old = _OLD_NAMES[machine].get(minor)
        tags += [f"{old}_{machine}"] if old else []
    return (*tags, f"linux_{machine}")


def marker_environment(platform: str, python: str) -> dict[str, str]:
    """Return the values of requirement markers there (PEP 508); of the minor version's last release, as bases have it."""
    return {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.99",
        "os_name": "posix",
        "platform_machine": check_platform(platform),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{python}.99",
        "python_version": python,
        "sys_platform": "linux",
        "extra": "",
    }
