# SPDX-License-Identifier: Apache-2.0
"""Every kind of statement on Presto."""

# Collected here, with the engine that this module names.
from statements import (  # noqa: F401
    pytest_generate_tests, stage, test_statement,
)

ENGINE = "presto-0.287"
