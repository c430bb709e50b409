# SPDX-License-Identifier: Apache-2.0
"""Every kind of statement on the newer Trino."""

# Collected here, with the engine that this module names.
from statements import (  # noqa: F401
    pytest_generate_tests, stage, test_statement,
)

ENGINE = "trino-476"
