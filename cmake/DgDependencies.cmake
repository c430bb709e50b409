# SPDX-License-Identifier: Apache-2.0
# Libraries of the system, each as an imported target, and lemon. A missing
# one is reported with the name of the Debian package that holds it.
# docs/dependencies.md says why each is here.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(dg_require_package name module debian)
	pkg_check_modules(${name} QUIET IMPORTED_TARGET ${module})
	if(NOT TARGET PkgConfig::${name})
		message(FATAL_ERROR
			"${module} not found: apt-get install ${debian}")
	endif()
endfunction()

dg_require_package(LIBEVENT "libevent_core>=2.1" libevent-dev)
dg_require_package(LIBPQ "libpq>=13" libpq-dev)
dg_require_package(JANSSON "jansson>=2.13" libjansson-dev)
dg_require_package(YAML "yaml-0.1>=0.2" libyaml-dev)
dg_require_package(SODIUM "libsodium>=1.0.18" libsodium-dev)
dg_require_package(OPENSSL "openssl>=3.0" libssl-dev)
dg_require_package(ZSTD "libzstd>=1.4" libzstd-dev)
dg_require_package(PCRE2 "libpcre2-8>=10.40" libpcre2-dev)
if(DG_BUILD_TESTS)
	dg_require_package(CMOCKA "cmocka>=1.1" libcmocka-dev)
endif()

find_program(DG_LEMON lemon)
if(NOT DG_LEMON)
	message(FATAL_ERROR "lemon not found: apt-get install lemon")
endif()
