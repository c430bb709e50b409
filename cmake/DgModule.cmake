# SPDX-License-Identifier: Apache-2.0
# How a folder becomes a target, and a test file a test.

# dg_add_module(NAME SOURCES a.c ... HEADERS include/x/a.h ...
#               PUBLIC lib ... PRIVATE lib ...)
# A static library dg_NAME whose public headers are those listed and no others.
function(dg_add_module name)
	cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE" ${ARGN})
	add_library(dg_${name} STATIC ${ARG_SOURCES})
	# Tables (.def) are included several times and mean nothing alone: they
	# are installed like headers, but not compiled by the verify target.
	set(tables ${ARG_HEADERS})
	list(FILTER tables INCLUDE REGEX "\\.def$")
	list(FILTER ARG_HEADERS EXCLUDE REGEX "\\.def$")
	target_sources(dg_${name} PUBLIC
		FILE_SET HEADERS BASE_DIRS include FILES ${ARG_HEADERS}
		FILE_SET tables TYPE HEADERS BASE_DIRS include FILES ${tables})
	set_target_properties(dg_${name} PROPERTIES
		INTERFACE_HEADER_SETS_TO_VERIFY HEADERS)
	target_link_libraries(dg_${name}
		PUBLIC dg_compile_options ${ARG_PUBLIC}
		PRIVATE ${ARG_PRIVATE})
endfunction()

# dg_add_unit_test(FOLDER NAME [SOURCES x.c ...] LIBS lib ...
#                  [WRAPPER program ...])
# tests/unit/FOLDER/test_NAME.c as the ctest unit.FOLDER.NAME, label unit;
# FOLDER may be nested (proxy/http; the target is test_proxy_http_NAME then).
# The folder's private headers are in reach: a unit test may look inside.
# WRAPPER runs in front of the test, e.g. to give it a Postgres; an exit code
# of 77 means skipped.
function(dg_add_unit_test folder name)
	cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;WRAPPER" ${ARGN})
	string(REPLACE "/" "_" flat "${folder}")
	string(REPLACE "/" "." dotted "${folder}")
	set(target test_${flat}_${name})
	set(file "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/test_${name}.c")
	if(NOT EXISTS "${file}")
		# One missing file must not keep the others from being built: it
		# is a failing test.
		message(WARNING "listed, but missing: ${file}")
		add_test(NAME unit.${dotted}.${name}
			COMMAND ${CMAKE_COMMAND} -E cat "${file}")
		return()
	endif()
	add_executable(${target} ${folder}/test_${name}.c ${ARG_SOURCES})
	target_include_directories(${target} PRIVATE
		"${PROJECT_SOURCE_DIR}/${folder}" "${CMAKE_CURRENT_SOURCE_DIR}")
	target_link_libraries(${target} PRIVATE
		dg_compile_options ${ARG_LIBS} PkgConfig::CMOCKA)
	add_test(NAME unit.${dotted}.${name}
		COMMAND ${ARG_WRAPPER} $<TARGET_FILE:${target}>)
	set_tests_properties(unit.${dotted}.${name} PROPERTIES
		LABELS unit TIMEOUT 300 SKIP_RETURN_CODE 77)
endfunction()
