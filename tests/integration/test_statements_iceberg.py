# SPDX-License-Identifier: Apache-2.0
"""UPDATE, DELETE, MERGE, materialized views, versions: with real effect.

The catalogs that every engine has refuse them; Iceberg does not. Its plugins
are large, so this is part of `tests/run long`.
"""

import pytest

import statements

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def stages(make_stage):
    """Each engine's stage, made at first use."""
    made = {}

    def get(engine):
        if engine not in made:
            made[engine] = make_stage(engine, "iceberg")
        return made[engine]

    return get


@pytest.mark.parametrize("number, case, client",
                         statements.parameters("trino-476", "iceberg"))
def test_trino(stages, number, case, client):
    statements.play(stages("trino-476"), number, case, client)


@pytest.mark.parametrize("number, case, client",
                         statements.parameters("presto-0.287", "iceberg"))
def test_presto(stages, number, case, client):
    statements.play(stages("presto-0.287"), number, case, client)
