# SPDX-License-Identifier: Apache-2.0
foreach(name jwt proxy_header)
	dg_add_fuzz_target(${name} LIBS dg_proxy dg_base
		INCLUDES "${PROJECT_SOURCE_DIR}/proxy")
endforeach()
