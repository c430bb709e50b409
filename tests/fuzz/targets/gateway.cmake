# SPDX-License-Identifier: Apache-2.0
dg_add_fuzz_target(coordinator
	LIBS dg_proxy dg_sqlparse dg_store dg_acl dg_base PkgConfig::SODIUM
	INCLUDES "${PROJECT_SOURCE_DIR}/proxy")
dg_add_fuzz_target(view LIBS dg_proxy dg_sqlparse dg_base
	INCLUDES "${PROJECT_SOURCE_DIR}/proxy")
