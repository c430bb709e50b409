# SPDX-License-Identifier: Apache-2.0
dg_add_fuzz_target(rewrite LIBS dg_proxy dg_base PkgConfig::JANSSON
	INCLUDES "${PROJECT_SOURCE_DIR}/proxy")
dg_add_fuzz_target(seal LIBS dg_proxy dg_base
	INCLUDES "${PROJECT_SOURCE_DIR}/proxy")
dg_add_fuzz_target(session LIBS dg_proxy dg_base
	INCLUDES "${PROJECT_SOURCE_DIR}/proxy")
