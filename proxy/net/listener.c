/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.c - see listener.h. Accepts a bounded number of connections per
 * readiness event. When descriptors or memory run out it stops for a moment
 * instead of spinning on a socket that stays readable.
 */
#include "net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/address.h"

enum {
	LISTENER_MAGIC = 0x4c73746e,
	BACKLOG = 1024,
	ACCEPTS_PER_EVENT = 32,
	EXHAUSTED_PAUSE_MS = 100,
};

struct dg_listener {
	uint32_t magic;
	struct dg_loop *loop; /* borrowed */
	int fd;               /* owned */
	struct event event;
	bool accepting; /* event is registered */
	bool paused;    /* by the owner */
	bool exhausted; /* until recover fires */
	struct dg_timer recover;
	dg_accept_fn on_accept;
	void *arg;
	unsigned port;
};

static void
update_event(struct dg_listener *listener)
{
	bool wanted = !listener->paused && !listener->exhausted;

	if (wanted == listener->accepting)
		return;
	if (wanted)
		DG_ASSERT(event_add(&listener->event, NULL) == 0);
	else
		DG_ASSERT(event_del(&listener->event) == 0);
	listener->accepting = wanted;
}

static void
on_recover(void *arg)
{
	struct dg_listener *listener = arg;

	DG_CHECK_MAGIC(listener, LISTENER_MAGIC);
	listener->exhausted = false;
	update_event(listener);
}

static void
note_failure(struct dg_listener *listener, int error)
{
	/* The connection has gone again before we took it. */
	if (error == EAGAIN || error == EINTR || error == ECONNABORTED ||
	    error == EPROTO)
		return;
	dg_log_warn(NULL, "net.accept_failed",
		    DG_FIELDS(DG_LOG_INT("port", listener->port),
			      DG_LOG_INT("errno", error)),
		    "cannot accept connections: %s", strerrordesc_np(error));
	listener->exhausted = true;
	dg_timer_start(&listener->recover, listener->loop, EXHAUSTED_PAUSE_MS,
		       on_recover, listener);
	update_event(listener);
}

static void
on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	struct dg_listener *listener = arg;

	DG_CHECK_MAGIC(listener, LISTENER_MAGIC);
	(void)what;
	for (unsigned i = 0; i < ACCEPTS_PER_EVENT && listener->accepting;
	     i++) {
		union dg_sockaddr address;
		socklen_t len = sizeof(address);
		char peer[DG_ADDRESS_TEXT_MAX];
		int client = accept4(fd, &address.any, &len,
				     SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (client < 0) {
			note_failure(listener, errno);
			return;
		}
		dg_address_format(&address, peer);
		listener->on_accept(listener->arg, client, peer);
	}
}

/* Options are set before it is bound. shared: SO_REUSEPORT. */
static enum dg_rc
bind_socket(const union dg_sockaddr *address, socklen_t len, struct dg_str text,
	    bool shared, int *fd_out, struct dg_error *err)
{
	int fd = socket(address->any.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;
	int reuse = shared ? 1 : 0;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &reuse, sizeof(reuse)) !=
		    0 ||
	    bind(fd, &address->any, len) != 0) {
		enum dg_rc rc = dg_error_set(
			err, DG_ERR_IO, "cannot listen on %.*s: %s",
			DG_STR_ARG(text), strerrordesc_np(errno));

		if (fd >= 0)
			close(fd);
		return rc;
	}
	*fd_out = fd;
	return DG_OK;
}

static enum dg_rc
open_socket(const union dg_sockaddr *address, socklen_t len, struct dg_str text,
	    int *fd_out, struct dg_error *err)
{
	enum dg_rc rc = bind_socket(address, len, text, true, fd_out, err);

	if (rc != DG_OK)
		return rc;
	if (listen(*fd_out, BACKLOG) == 0)
		return DG_OK;
	rc = dg_error_set(err, DG_ERR_IO, "cannot listen on %.*s: %s",
			  DG_STR_ARG(text), strerrordesc_np(errno));
	close(*fd_out);
	return rc;
}

static unsigned
bound_port(int fd)
{
	union dg_sockaddr address;
	socklen_t len = sizeof(address);

	DG_ASSERT(getsockname(fd, &address.any, &len) == 0);
	return dg_address_port(&address);
}

static enum dg_rc
parse_address(struct dg_str text, union dg_sockaddr *address_out,
	      socklen_t *len_out, struct dg_error *err)
{
	enum dg_rc rc = dg_address_parse(text, address_out, len_out);

	if (rc != DG_OK)
		return dg_error_set(err, rc,
				    "listen address %.*s: expected "
				    "\"ADDRESS:PORT\" or \"[ADDRESS]:PORT\"",
				    DG_STR_ARG(text));
	return DG_OK;
}

enum dg_rc
dg_listener_check_free(struct dg_str address, struct dg_error *err)
{
	union dg_sockaddr where;
	socklen_t len;
	enum dg_rc rc;
	int fd;

	rc = parse_address(address, &where, &len, err);
	if (rc == DG_OK)
		rc = bind_socket(&where, len, address, false, &fd, err);
	if (rc == DG_OK)
		close(fd);
	return rc;
}

enum dg_rc
dg_listener_open(struct dg_loop *loop, struct dg_str address,
		 dg_accept_fn on_accept, void *arg,
		 struct dg_listener **listener_out, struct dg_error *err)
{
	struct dg_listener *listener;
	union dg_sockaddr where;
	socklen_t len;
	enum dg_rc rc;
	int fd;

	rc = parse_address(address, &where, &len, err);
	if (rc != DG_OK)
		return rc;
	rc = open_socket(&where, len, address, &fd, err);
	if (rc != DG_OK)
		return rc;
	listener = DG_NEW(struct dg_listener);
	listener->magic = LISTENER_MAGIC;
	listener->loop = loop;
	listener->fd = fd;
	listener->on_accept = on_accept;
	listener->arg = arg;
	listener->port = bound_port(fd);
	DG_ASSERT(event_assign(&listener->event, dg_loop_base(loop), fd,
			       EV_READ | EV_PERSIST, on_acceptable,
			       listener) == 0);
	update_event(listener);
	*listener_out = listener;
	return DG_OK;
}

static void
free_listener(void *arg)
{
	struct dg_listener *listener = arg;

	dg_timer_fini(&listener->recover);
	listener->magic = 0;
	dg_free(listener);
}

void
dg_listener_close(struct dg_listener **listener)
{
	struct dg_listener *l = *listener;

	if (l == NULL)
		return;
	DG_CHECK_MAGIC(l, LISTENER_MAGIC);
	*listener = NULL;
	l->paused = true;
	update_event(l);
	dg_timer_cancel(&l->recover);
	close(l->fd);
	l->fd = -1;
	dg_loop_defer(l->loop, free_listener, l);
}

unsigned
dg_listener_port(const struct dg_listener *listener)
{
	return listener->port;
}

void
dg_listener_pause(struct dg_listener *listener, bool paused)
{
	DG_CHECK_MAGIC(listener, LISTENER_MAGIC);
	listener->paused = paused;
	update_event(listener);
}
