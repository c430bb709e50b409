/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openapi.h - openapi.yaml, built into the program.
 */
#ifndef DG_ADMIN_OPENAPI_H
#define DG_ADMIN_OPENAPI_H

extern const char *const dg_openapi;

#endif
