# SPDX-License-Identifier: Apache-2.0
foreach(name token promote parse dump normalize normalize_random locate version gate)
	dg_add_unit_test(sqlparse ${name} LIBS dg_sqlparse dg_base)
	# Token codes come out of the grammar.
	target_include_directories(test_sqlparse_${name} PRIVATE
		"${DG_SQLPARSE_GENERATED}")
	add_dependencies(test_sqlparse_${name} dg_sqlparse_generated)
endforeach()
foreach(name fold column_index resolve access analyze opaque rights type view)
	if(EXISTS "${CMAKE_CURRENT_LIST_DIR}/test_${name}.c")
		dg_add_unit_test(sqlparse ${name} LIBS dg_sqlparse dg_base)
	endif()
endforeach()
target_compile_definitions(test_sqlparse_normalize_random PRIVATE
	DG_ROOT="${PROJECT_SOURCE_DIR}")
