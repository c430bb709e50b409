/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cpus.h - what the machine gives to this process: CPUs and file descriptors.
 */
#ifndef DG_PROXY_CPUS_H
#define DG_PROXY_CPUS_H

#include "base/str.h"

/* CPUs that affinity and the cgroup's quota grant, rounded up; at least 1. */
unsigned dg_cpus_granted(void);
/* "150000 100000" is 2, "max 100000" is 0 (no quota), as nonsense is. */
unsigned dg_cpus_parse_quota(struct dg_str cpu_max);

/* Raises the soft limit of open files to the hard one; the result. */
size_t dg_files_granted(void);
/*
 * Connections of clients that file descriptors allow beside so many others;
 * says so when it is fewer than are wanted.
 */
size_t dg_connections_granted(size_t wanted, size_t others);

#endif
