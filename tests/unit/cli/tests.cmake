# SPDX-License-Identifier: Apache-2.0
dg_add_unit_test(cli command LIBS dg_base)
target_compile_definitions(test_cli_command PRIVATE
	DG_PROGRAM="$<TARGET_FILE:datagateway>")
add_dependencies(test_cli_command datagateway)
