# SPDX-License-Identifier: Apache-2.0
dg_add_unit_test(acl pattern LIBS dg_acl)
dg_add_unit_test(acl rule LIBS dg_acl)
dg_add_unit_test(acl policy SOURCES acl/world.c LIBS dg_acl)
dg_add_unit_test(acl decide SOURCES acl/world.c LIBS dg_acl)
dg_add_unit_test(acl fingerprint SOURCES acl/world.c LIBS dg_acl)
dg_add_unit_test(acl properties LIBS dg_acl)
dg_add_unit_test(acl scale LIBS dg_acl)
dg_add_unit_test(acl session SOURCES acl/world.c LIBS dg_acl)
