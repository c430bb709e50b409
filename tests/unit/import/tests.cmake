# SPDX-License-Identifier: Apache-2.0
dg_add_unit_test(import glob LIBS dg_import)
dg_add_unit_test(import regex LIBS dg_import)
dg_add_unit_test(import trino LIBS dg_import)
