# SPDX-License-Identifier: Apache-2.0
# One interface target, dg_compile_options, that every target of ours links:
# C11, the warning set of both compilers, hardening, sanitizers.

add_library(dg_compile_options INTERFACE)
target_compile_features(dg_compile_options INTERFACE c_std_11)
set_target_properties(dg_compile_options PROPERTIES EXPORT_NAME compile_options)

target_compile_definitions(dg_compile_options INTERFACE _GNU_SOURCE
	DG_VERSION="${PROJECT_VERSION}" $<$<CONFIG:Debug>:DG_DEBUG>)

target_compile_options(dg_compile_options INTERFACE
	-fno-strict-aliasing -fno-common
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
	-Wpointer-arith -Wcast-align -Wcast-qual -Wwrite-strings -Wformat=2
	-Wundef -Wvla -Wswitch-enum -Wnull-dereference -Wdouble-promotion
	-Wredundant-decls -Wfloat-equal -Wimplicit-fallthrough
	$<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond
		-Wduplicated-branches -Wjump-misses-init -Wstringop-overflow=4
		-Warray-bounds=2 -Walloca>
	$<$<BOOL:${DG_WERROR}>:-Werror>)

# Hardening costs little and the program reads hostile bytes. _FORTIFY_SOURCE
# needs optimisation and does not mix with the sanitizers.
target_compile_options(dg_compile_options INTERFACE
	$<$<NOT:$<BOOL:$<TARGET_PROPERTY:POSITION_INDEPENDENT_CODE>>>:-fPIE>
	-fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|i686")
	target_compile_options(dg_compile_options INTERFACE -fcf-protection)
endif()
target_link_options(dg_compile_options INTERFACE
	$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(NOT DG_SANITIZE)
	target_compile_definitions(dg_compile_options INTERFACE
		$<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()

if(DG_SANITIZE)
	target_compile_options(dg_compile_options INTERFACE
		-fsanitize=${DG_SANITIZE} -fno-sanitize-recover=all
		-fno-omit-frame-pointer)
	target_link_options(dg_compile_options INTERFACE
		-fsanitize=${DG_SANITIZE})
endif()
if(DG_FUZZ)
	target_compile_options(dg_compile_options INTERFACE
		-fsanitize=fuzzer-no-link)
endif()
if(DG_COVERAGE)
	# Threads count in the same cells: without atomics gcovr reads nonsense.
	target_compile_options(dg_compile_options INTERFACE --coverage
		-fprofile-update=atomic)
	target_link_options(dg_compile_options INTERFACE --coverage)
endif()
if(DG_ANALYZER)
	# gcc 12's analyzer does not see that a loop fills an array; clang's
	# analyzer (lint.tidy) and -Wuninitialized look for that.
	target_compile_options(dg_compile_options INTERFACE -fanalyzer
		-Wno-analyzer-use-of-uninitialized-value)
endif()
