# SPDX-License-Identifier: Apache-2.0
# Four targets, one corpus. The fuzzer gets keywords from keywords.def: in
# sql.dict, and through a mutator of tokens.
set(dict "${CMAKE_CURRENT_BINARY_DIR}/sql.dict")
set(mutator)
if(DG_FUZZ)
	add_executable(dg_mkdict mkdict.c)
	target_include_directories(dg_mkdict PRIVATE "${PROJECT_SOURCE_DIR}/sqlparse")
	target_link_libraries(dg_mkdict PRIVATE dg_compile_options)
	add_custom_command(OUTPUT "${dict}" COMMAND dg_mkdict > "${dict}"
		DEPENDS dg_mkdict COMMENT "Writing sql.dict" VERBATIM)
	set(mutator sql_mutate.c "${dict}")
endif()
foreach(part tokens parse resolve analyze)
	dg_add_fuzz_target(sql_${part} LIBS dg_sqlparse dg_base
		SOURCES sql_input.c sql_world.c ${mutator} CORPUS sql
		INCLUDES "${PROJECT_SOURCE_DIR}/sqlparse" "${DG_SQLPARSE_GENERATED}"
		AFTER dg_sqlparse_generated)
endforeach()
