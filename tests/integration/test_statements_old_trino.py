# SPDX-License-Identifier: Apache-2.0
"""Every kind of statement on the older Trino."""

import pytest

import statements

ENGINE = "trino-435"


@pytest.fixture(scope="module")
def stage(make_stage):
    return make_stage(ENGINE)


@pytest.mark.parametrize("number, case, client", statements.parameters(ENGINE))
def test_statement(stage, number, case, client):
    statements.play(stage, number, case, client)
