# SPDX-License-Identifier: Apache-2.0
dg_add_unit_test(admin page LIBS dg_admin)
