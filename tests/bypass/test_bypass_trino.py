# SPDX-License-Identifier: Apache-2.0
"""Every trick that trino is open to."""

import pytest

import bypass
from trial import Trial

ENGINE = "trino"


@pytest.fixture(scope="module")
def ground(make_ground):
    return make_ground(ENGINE)


@pytest.mark.parametrize("case", bypass.parameters(ENGINE))
def test_trick(ground, case):
    Trial(case, ground).run()
