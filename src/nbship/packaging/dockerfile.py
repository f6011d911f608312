"""The Dockerfile of a bundle, for those who build images themselves.

Public: ``dockerfile(config, base, heavy, other, installer) -> str``: a pure function.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbship.packaging.oci import ImageConfig

__all__ = ["HEAVY_FILE", "OTHER_FILE", "WHEELS_FOLDER", "dockerfile"]

HEAVY_FILE = "requirements-heavy.txt"
OTHER_FILE = "requirements-other.txt"
WHEELS_FOLDER = "wheels"
_BUILD = "/opt/nbship/build"
_COMPILE = (
    "import compileall, py_compile, sys; mode = py_compile.PycInvalidationMode.UNCHECKED_HASH; "
    "[compileall.compile_dir(folder, quiet=2, invalidation_mode=mode) for folder in sys.argv[1:]]"
)
"""Goes on where a package has a file that is no Python, which `python3 -m compileall` makes a failure of."""

_HEAD = """\
# Made by nbship. Build it in this folder: docker build -t NAME .
# Every package is checked against its hash; what is not in the lock is not installed.
"""


def dockerfile(config: ImageConfig, base: str, parts: Sequence[str], installer: str = "") -> str:
    """Return the text of a Dockerfile, which BuildKit and the older builder both take.

    Parameters
    ----------
    config
        How the image runs.
    base
        Reference of the image that it stands on; it has Python of the bundle's version.
    parts
        Which of `HEAVY_FILE` and `OTHER_FILE` there are; each becomes a layer.
    installer
        File name of a wheel of pip in `WHEELS_FOLDER`, beside the wheels of the lock, for a build without a network
        and bases without pip; empty takes the base's own pip and the package index.

    Notes
    -----
    No instruction is run by a shell, so that a base needs none, and nothing of a name can become a command.
    """
    return "\n".join([_HEAD, *_builder(base, parts, installer), "", *_final(config, base, parts)]) + "\n"


def _builder(base: str, parts: Sequence[str], installer: str) -> Iterator[str]:
    yield f"FROM {base} AS site"
    yield "USER 0:0"
    pip = ["-m", "pip"]
    source: list[str] = []
    if installer:
        yield f"COPY {WHEELS_FOLDER} {_BUILD}/{WHEELS_FOLDER}"
        pip = [f"{_BUILD}/{WHEELS_FOLDER}/{installer}/pip"]
        source = ["--no-index", "--find-links", f"{_BUILD}/{WHEELS_FOLDER}"]
    for part in parts:
        yield f"COPY {part} {_BUILD}/{part}"
        options = [
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--no-compile",
            "--no-cache-dir",
            *source,
        ]
        target = ["--target", f"{_BUILD}/{_folder(part)}", "--requirement", f"{_BUILD}/{part}"]
        yield _run("python3", *pip, "install", *options, *target)
    yield f"COPY runtime {_BUILD}/runtime"
    compiled = [f"{_BUILD}/{name}" for name in (*map(_folder, parts), "runtime")]
    # Without their bytecode, a server that may not write would compile its modules at every start.
    yield _run("python3", "-c", _COMPILE, *compiled)


def _folder(part: str) -> str:
    return part.removeprefix("requirements-").removesuffix(".txt")


def _final(config: ImageConfig, base: str, parts: Sequence[str]) -> Iterator[str]:
    yield f"FROM {base}"
    for part in parts:
        yield f"COPY --from=site {_BUILD}/{_folder(part)} /opt/nbship/site"
    yield f"COPY --from=site {_BUILD}/runtime /opt/nbship/runtime"
    yield from (f"COPY --chown={config.user} state {volume}" for volume in config.volumes)
    yield "COPY model /opt/nbship/model"
    yield from _assignments("ENV", config.environment)
    yield from _assignments("LABEL", config.labels)
    yield f"USER {config.user}"
    yield f"WORKDIR {config.working_dir}"
    yield from (f"EXPOSE {port}" for port in config.ports)
    yield f"VOLUME {json.dumps(list(config.volumes))}"
    yield f"STOPSIGNAL {config.stop_signal}"
    if config.healthcheck:
        yield f"HEALTHCHECK CMD {json.dumps(list(config.healthcheck))}"
    yield f"ENTRYPOINT {json.dumps(list(config.entrypoint))}"
    yield "CMD []"


def _run(*words: str) -> str:
    return f"RUN {json.dumps(list(words))}"


def _assignments(instruction: str, values: Mapping[str, str]) -> Iterator[str]:
    if values:
        yield f"{instruction} " + " \\\n    ".join(
            f"{name}={_quoted(value)}" for name, value in sorted(values.items())
        )


def _quoted(value: str) -> str:
    """Return a value as a Dockerfile takes it: nothing in it is expanded, and it stays on its line."""
    plain = " ".join(value.splitlines())
    for special in ("\\", '"', "$"):
        plain = plain.replace(special, f"\\{special}")
    return f'"{plain}"'
