# SPDX-License-Identifier: Apache-2.0
# Sorted by name; the folder's parts share this list.
dg_add_unit_test(proxy audit LIBS dg_proxy dg_store dg_acl Threads::Threads)
dg_add_unit_test(proxy auth SOURCES proxy/policy_fixture.c
	LIBS dg_proxy dg_store dg_acl PkgConfig::SODIUM Threads::Threads)
dg_add_unit_test(proxy authorize LIBS dg_proxy dg_sqlparse dg_acl)
dg_add_unit_test(proxy authorize_places LIBS dg_proxy dg_sqlparse dg_acl)
dg_add_unit_test(proxy observed LIBS dg_proxy dg_sqlparse dg_acl)
dg_add_unit_test(proxy check_fetch SOURCES proxy/fake_fetch.c
	LIBS dg_proxy dg_sqlparse dg_store dg_acl)
dg_add_unit_test(proxy columns_absent SOURCES proxy/fake_fetch.c
	LIBS dg_proxy dg_sqlparse dg_store dg_acl)
dg_add_unit_test(proxy columns_page LIBS dg_proxy dg_sqlparse dg_store dg_acl)
dg_add_unit_test(proxy columns_query SOURCES proxy/fake_fetch.c
	LIBS dg_proxy dg_sqlparse dg_store dg_acl)
dg_add_unit_test(proxy config LIBS dg_proxy)
target_compile_definitions(test_proxy_config PRIVATE
	DG_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
dg_add_unit_test(proxy cpus LIBS dg_proxy)
dg_add_unit_test(proxy cross_check LIBS dg_proxy dg_sqlparse dg_store dg_acl
	PkgConfig::SODIUM)
dg_add_unit_test(proxy health SOURCES proxy/fake_fetch.c
	proxy/policy_fixture.c LIBS dg_proxy dg_sqlparse dg_store dg_acl)
dg_add_unit_test(proxy http_body LIBS dg_proxy)
dg_add_unit_test(proxy http_client LIBS dg_proxy)
dg_add_unit_test(proxy http_fetch LIBS dg_proxy)
dg_add_unit_test(proxy http_head LIBS dg_proxy)
dg_add_unit_test(proxy http_server LIBS dg_proxy)
dg_add_unit_test(proxy http_server_limits LIBS dg_proxy)
dg_add_unit_test(proxy http_tls LIBS dg_proxy)
dg_add_unit_test(proxy http_write LIBS dg_proxy)
dg_add_unit_test(proxy jwt SOURCES proxy/mint.c proxy/jwt_world.c
	LIBS dg_proxy PkgConfig::OPENSSL PkgConfig::SODIUM)
dg_add_unit_test(proxy jwt_claims SOURCES proxy/mint.c proxy/jwt_world.c
	LIBS dg_proxy PkgConfig::OPENSSL PkgConfig::SODIUM)
dg_add_unit_test(proxy jwt_issuer SOURCES proxy/mint.c proxy/fake_fetch.c
	proxy/policy_fixture.c
	LIBS dg_proxy dg_store dg_acl PkgConfig::OPENSSL PkgConfig::SODIUM)
dg_add_unit_test(proxy jwt_keys SOURCES proxy/mint.c proxy/jwt_world.c
	LIBS dg_proxy PkgConfig::OPENSSL PkgConfig::SODIUM)
dg_add_unit_test(proxy metadata LIBS dg_proxy dg_sqlparse dg_store dg_acl)
dg_add_unit_test(proxy net_conn LIBS dg_proxy)
dg_add_unit_test(proxy net_deadline LIBS dg_proxy)
dg_add_unit_test(proxy net_listener LIBS dg_proxy)
dg_add_unit_test(proxy net_proxy_header LIBS dg_proxy dg_acl)
dg_add_unit_test(proxy net_resolver LIBS dg_proxy)
dg_add_unit_test(proxy reply LIBS dg_proxy)
dg_add_unit_test(proxy rewrite LIBS dg_proxy PkgConfig::JANSSON)
dg_add_unit_test(proxy route SOURCES proxy/policy_fixture.c
	LIBS dg_proxy dg_sqlparse dg_store dg_acl)
dg_add_unit_test(proxy seal LIBS dg_proxy)
dg_add_unit_test(proxy session LIBS dg_proxy PkgConfig::ZSTD)
dg_add_unit_test(proxy statement_parts LIBS dg_proxy dg_sqlparse dg_store dg_acl)
dg_add_unit_test(proxy token SOURCES proxy/mint.c proxy/policy_fixture.c
	LIBS dg_proxy dg_store dg_acl PkgConfig::OPENSSL PkgConfig::SODIUM)
