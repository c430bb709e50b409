# SPDX-License-Identifier: Apache-2.0
"""Every trick that old-trino is open to."""

from trial import test_trick  # noqa: F401  (collected here)

ENGINE = "old-trino"
