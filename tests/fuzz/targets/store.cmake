# SPDX-License-Identifier: Apache-2.0
dg_add_fuzz_target(last_good LIBS dg_store dg_base PkgConfig::SODIUM
	INCLUDES "${PROJECT_SOURCE_DIR}/store"
		"${PROJECT_SOURCE_DIR}/tests/unit/store")
