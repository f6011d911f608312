from __future__ import annotations

import json

import pytest

from nbship.packaging.dockerfile import HEAVY_FILE, OTHER_FILE, dockerfile
from nbship.packaging.oci import serving_config

PARTS = [HEAVY_FILE, OTHER_FILE]


@pytest.fixture
def config():
    labels = {"title": 'a "quoted" $HOME \\ name\nRUN rm -rf /'}
    return serving_config("d" * 64, ["my.Type"], labels)


def lines_of(text, instruction):
    return [line for line in text.splitlines() if line.startswith(f"{instruction} ")]


def test_it_runs_as_the_configuration_says(config):
    text = dockerfile(config, "python:3.11-slim", PARTS)
    assert lines_of(text, "USER")[-1] == "USER 65532:65532"
    assert lines_of(text, "ENTRYPOINT") == ['ENTRYPOINT ["python3", "-m", "nbship.serving"]']
    assert lines_of(text, "HEALTHCHECK") == ['HEALTHCHECK CMD ["python3", "-m", "nbship.serving.health"]']
    assert lines_of(text, "EXPOSE") == ["EXPOSE 8080/tcp"]
    assert 'NBSHIP_SERVE_TRUSTED="my.Type"' in text
    assert f'NBSHIP_SERVE_BUNDLE_SHA256="{"d" * 64}"' in text


def test_no_shell_runs_anything_and_every_package_is_checked(config):
    runs = lines_of(dockerfile(config, "python:3.11-slim", PARTS), "RUN")
    assert len(runs) == 3
    commands = [json.loads(run.removeprefix("RUN ")) for run in runs]
    assert all(command[0] == "python3" for command in commands)
    assert all({"--require-hashes", "--no-deps"} <= set(command) for command in commands[:2])


def test_nothing_of_a_label_becomes_an_instruction_or_is_expanded(config):
    text = dockerfile(config, "python:3.11-slim", PARTS)
    assert r'title="a \"quoted\" \$HOME \\ name RUN rm -rf /"' in text
    assert not [line for line in lines_of(text, "RUN") if "rm" in line]


def test_large_packages_and_the_model_have_layers_of_their_own(config):
    copied = lines_of(dockerfile(config, "python:3.11-slim", PARTS).split("FROM")[2], "COPY")
    assert [line.split()[-1] for line in copied] == [
        *(
            "/opt/nbship/site",
            "/opt/nbship/site",
            "/opt/nbship/runtime",
            "/var/lib/nbship",
            "/opt/nbship/model",
        ),
    ]


def test_without_a_network_pip_comes_along(config):
    text = dockerfile(config, "base", [OTHER_FILE], "pip-26.0-py3-none-any.whl")
    command = json.loads(lines_of(text, "RUN")[0].removeprefix("RUN "))
    assert command[1].endswith("wheels/pip-26.0-py3-none-any.whl/pip")
    assert {"--no-index", "--find-links"} <= set(command)
