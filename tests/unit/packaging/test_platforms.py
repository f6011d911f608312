from __future__ import annotations

import pytest

from nbship.errors import UsageError
from nbship.packaging.platforms import check_platform, marker_environment, wheel_tags


def test_tags_go_from_the_newest_that_runs_to_the_oldest():
    tags = wheel_tags("linux/amd64", 28)
    assert tags[0] == "manylinux_2_28_x86_64"
    assert tags.index("manylinux_2_17_x86_64") + 1 == tags.index("manylinux2014_x86_64")
    assert "manylinux1_x86_64" in tags
    assert "manylinux_2_29_x86_64" not in tags


def test_arm_has_no_older_glibc_than_its_first():
    tags = wheel_tags("linux/arm64", 17)
    assert tags == ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64")


def test_tags_are_among_those_that_pip_itself_takes_here():
    from packaging.tags import sys_tags

    known = {tag.platform for tag in sys_tags()}
    assert set(wheel_tags("linux/amd64", 17)) <= known or set(wheel_tags("linux/arm64", 17)) <= known


def test_markers_have_every_variable_of_the_specification():
    from packaging.markers import default_environment

    assert set(default_environment()) <= set(marker_environment("linux/arm64", "3.11"))
    assert marker_environment("linux/arm64", "3.11")["platform_machine"] == "aarch64"


def test_an_unknown_platform_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match="linux/arm64"):
        check_platform("linux/riscv64")
