/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cpus.c - what the machine gives to this process. See cpus.h.
 *
 * cgroup v2 only: `cpu.max` of the process's group and of every group above.
 * Where it cannot be read there is no quota.
 */
#include "cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/log.h"

unsigned
dg_cpus_parse_quota(struct dg_str cpu_max)
{
	struct dg_str rest = dg_str_trim(cpu_max);
	struct dg_str part;
	uint64_t quota;
	uint64_t period;

	if (!dg_str_split(&rest, ' ', &part) ||
	    dg_str_to_u64(part, &quota) != DG_OK ||
	    dg_str_to_u64(rest, &period) != DG_OK || period == 0 ||
	    quota == 0 || quota / period >= UINT_MAX)
		return 0;
	return (unsigned)((quota + period - 1) / period);
}

static bool
read_line(const char *path, char *room, int size)
{
	FILE *file = fopen(path, "re");
	bool ok;

	if (file == NULL)
		return false;
	ok = fgets(room, size, file) != NULL;
	(void)fclose(file);
	return ok;
}

/* The least quota on the way from the group to the root; 0 = none. */
static unsigned
cgroup_quota(void)
{
	char line[PATH_MAX];
	char path[PATH_MAX + 64];
	char value[64];
	unsigned least = 0;
	struct dg_str group;

	if (!read_line("/proc/self/cgroup", line, sizeof(line)) ||
	    strncmp(line, "0::", 3) != 0)
		return 0;
	group = dg_str_trim(dg_str_from_cstr(line + 3));
	for (;;) {
		unsigned quota = 0;

		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup%.*s/cpu.max",
			       DG_STR_ARG(group));
		if (read_line(path, value, sizeof(value)))
			quota = dg_cpus_parse_quota(dg_str_from_cstr(value));
		if (quota > 0 && (least == 0 || quota < least))
			least = quota;
		if (group.len == 0)
			return least;
		while (group.len > 0 && group.data[group.len - 1] != '/')
			group.len--;
		if (group.len > 0)
			group.len--;
	}
}

unsigned
dg_cpus_granted(void)
{
	unsigned quota = cgroup_quota();
	unsigned n = 1;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = (unsigned)CPU_COUNT(&set);
	return quota > 0 && quota < n ? quota : n;
}

size_t
dg_files_granted(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	return (size_t)limit.rlim_cur;
}

size_t
dg_connections_granted(size_t wanted, size_t others)
{
	size_t files = dg_files_granted();
	/* Half for clients, where there are that few. */
	size_t most = files > 2 * others ? files - others : files / 2;

	if (most >= wanted)
		return wanted;
	dg_log_warn(NULL, "limits.files",
		    DG_FIELDS(DG_LOG_INT("open_files", files),
			      DG_LOG_INT("wanted", wanted),
			      DG_LOG_INT("connections", most)),
		    "the limit of open files (ulimit -n) allows fewer client "
		    "connections than limits.connections");
	return most;
}
