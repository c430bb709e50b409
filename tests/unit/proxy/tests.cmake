# SPDX-License-Identifier: Apache-2.0
# Sorted by name; the folder's parts share this list.
dg_add_unit_test(proxy config LIBS dg_proxy)
target_compile_definitions(test_proxy_config PRIVATE
	DG_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
dg_add_unit_test(proxy http_body LIBS dg_proxy)
dg_add_unit_test(proxy http_head LIBS dg_proxy)
