# SPDX-License-Identifier: Apache-2.0
dg_add_unit_test(admin lockout LIBS dg_admin)
dg_add_unit_test(admin page LIBS dg_admin)
dg_add_unit_test(admin route LIBS dg_admin dg_store)
