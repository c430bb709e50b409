# SPDX-License-Identifier: Apache-2.0
# The same code for programs of others: one shared and one static library, with
# the parts of base/ that it stands on in them, so that they need libc alone.
# dg_sqlparse itself is for this program: without -fPIC, without those parts.
set(own ${DG_SQLPARSE_SOURCES})
foreach(part arena assert budget buf error map mem str)
	list(APPEND own "${PROJECT_SOURCE_DIR}/base/${part}.c")
endforeach()
foreach(dialect trino presto)
	list(APPEND own "${CMAKE_CURRENT_BINARY_DIR}/${dialect}/grammar.c"
		"${CMAKE_CURRENT_BINARY_DIR}/${dialect}/parse_table.h")
endforeach()
set(headers "${CMAKE_CURRENT_SOURCE_DIR}/include/sqlparse/sqlparse.h"
	"${CMAKE_CURRENT_SOURCE_DIR}/include/sqlparse/actions.def"
	"${CMAKE_CURRENT_SOURCE_DIR}/include/sqlparse/opaque.def"
	"${CMAKE_CURRENT_SOURCE_DIR}/include/sqlparse/statements.def")
set(base_headers)
foreach(part arena attributes budget buf error mem str)
	list(APPEND base_headers
		"${PROJECT_SOURCE_DIR}/base/include/base/${part}.h")
endforeach()

# The grammars are two files that include each a parse_table.h of its own.
add_library(dg_sqlparse_pic OBJECT ${own})
add_dependencies(dg_sqlparse_pic dg_sqlparse_generated)
set_target_properties(dg_sqlparse_pic PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(dg_sqlparse_pic PRIVATE dg_compile_options)
target_compile_options(dg_sqlparse_pic PRIVATE -fno-semantic-interposition)
target_include_directories(dg_sqlparse_pic PRIVATE
	"${CMAKE_CURRENT_SOURCE_DIR}" "${generated}" include
	"${PROJECT_SOURCE_DIR}/base/include")

# And once more, for tests/bench: whoever links it counts its basic blocks.
add_library(dg_sqlparse_steps OBJECT EXCLUDE_FROM_ALL ${own})
add_dependencies(dg_sqlparse_steps dg_sqlparse_generated)
target_link_libraries(dg_sqlparse_steps PRIVATE dg_compile_options)
target_compile_options(dg_sqlparse_steps PRIVATE -fsanitize-coverage=trace-pc)
target_include_directories(dg_sqlparse_steps PRIVATE
	"${CMAKE_CURRENT_SOURCE_DIR}" "${generated}" include
	"${PROJECT_SOURCE_DIR}/base/include")

# The version script is the list of what may be called; while the first number
# of the version is 0, any release may change the interface.
set(script "${CMAKE_CURRENT_SOURCE_DIR}/dg_sqlparse.map")
add_library(dg_sqlparse_shared SHARED $<TARGET_OBJECTS:dg_sqlparse_pic>)
target_link_options(dg_sqlparse_shared PRIVATE
	"-Wl,--version-script=${script}" -Wl,-Bsymbolic-functions -Wl,-z,defs
	-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
set_target_properties(dg_sqlparse_shared PROPERTIES
	OUTPUT_NAME dg_sqlparse EXPORT_NAME sqlparse LINKER_LANGUAGE C
	VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
	LINK_DEPENDS "${script}"
	LIBRARY_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/library")
add_library(dg_sqlparse_static STATIC $<TARGET_OBJECTS:dg_sqlparse_pic>)
set_target_properties(dg_sqlparse_static PROPERTIES
	OUTPUT_NAME dg_sqlparse EXPORT_NAME sqlparse_static LINKER_LANGUAGE C
	ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/library")

set(include_dir "${CMAKE_INSTALL_INCLUDEDIR}/dg_sqlparse")
foreach(target dg_sqlparse_shared dg_sqlparse_static)
	target_include_directories(${target} INTERFACE
		"$<INSTALL_INTERFACE:${include_dir}>")
endforeach()
install(TARGETS dg_sqlparse_shared dg_sqlparse_static
	EXPORT dg_sqlparse_targets
	LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT sqlparse
		NAMELINK_COMPONENT sqlparse_dev
	ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT sqlparse_dev)
install(FILES ${headers} DESTINATION "${include_dir}/sqlparse"
	COMPONENT sqlparse_dev)
install(FILES ${base_headers} DESTINATION "${include_dir}/base"
	COMPONENT sqlparse_dev)

# Where it was installed is known to whoever finds it: a prefix may move.
include(CMakePackageConfigHelpers)
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/dg_sqlparse")
file(RELATIVE_PATH DG_PC_TO_PREFIX
	"/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" DG_PC_TO_PREFIX "${DG_PC_TO_PREFIX}")
configure_file(dg_sqlparse.pc.in dg_sqlparse.pc @ONLY)
write_basic_package_version_file(
	"${CMAKE_CURRENT_BINARY_DIR}/dg_sqlparse-config-version.cmake"
	COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/dg_sqlparse.pc"
	DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT sqlparse_dev)
install(EXPORT dg_sqlparse_targets FILE dg_sqlparse-config.cmake
	NAMESPACE dg:: DESTINATION "${config_dir}" COMPONENT sqlparse_dev)
install(FILES
	"${CMAKE_CURRENT_BINARY_DIR}/dg_sqlparse-config-version.cmake"
	DESTINATION "${config_dir}" COMPONENT sqlparse_dev)
