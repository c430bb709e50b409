# SPDX-License-Identifier: Apache-2.0
set(dg_with_postgres "${CMAKE_CURRENT_SOURCE_DIR}/base/with_postgres.sh")
dg_add_unit_test(store array LIBS dg_store)
dg_add_unit_test(store copy_text LIBS dg_store)
dg_add_unit_test(store credentials LIBS dg_store)
dg_add_unit_test(store last_good LIBS dg_store PkgConfig::SODIUM)
dg_add_unit_test(store policy_json LIBS dg_store)
dg_add_unit_test(store policy_text LIBS dg_store)
dg_add_unit_test(store policy_yaml LIBS dg_store PkgConfig::YAML)
dg_add_unit_test(store audit SOURCES store/lab.c LIBS dg_store
	WRAPPER "${dg_with_postgres}")
dg_add_unit_test(store audit_spool SOURCES store/lab.c LIBS dg_store
	WRAPPER "${dg_with_postgres}")
dg_add_unit_test(store follower SOURCES store/lab.c LIBS dg_store
	WRAPPER "${dg_with_postgres}")
dg_add_unit_test(store migrate SOURCES store/lab.c LIBS dg_store
	WRAPPER "${dg_with_postgres}")
dg_add_unit_test(store presence SOURCES store/lab.c LIBS dg_store
	WRAPPER "${dg_with_postgres}")
dg_add_unit_test(store policy_apply SOURCES store/lab.c LIBS dg_store
	WRAPPER "${dg_with_postgres}")
dg_add_unit_test(store saver SOURCES store/lab.c LIBS dg_store
	WRAPPER "${dg_with_postgres}")
dg_add_unit_test(store policy_permit SOURCES store/lab.c LIBS dg_store
	WRAPPER "${dg_with_postgres}")
