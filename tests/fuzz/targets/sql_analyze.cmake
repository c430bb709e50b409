# SPDX-License-Identifier: Apache-2.0
dg_add_fuzz_target(sql_analyze LIBS dg_sqlparse dg_base)
