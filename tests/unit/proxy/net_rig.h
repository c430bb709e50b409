/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_rig.h - a loop with a listener, and peers made of bare sockets, for
 * tests of what speaks over a network.
 *
 * Nothing here sleeps: the rig's loop is run, one pass at a time, until what
 * the test waits for has happened; an alarm ends a test that waits in vain.
 */
#ifndef NET_RIG_H
#define NET_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_support.h"

#include "base/buf.h"
#include "base/loop.h"

enum { RIG_TICK_MS = 2, RIG_ALARM_S = 60 };

struct rig {
	struct dg_loop *loop;
	struct dg_timer tick; /* so that a pass never waits for long */
};

static inline void
rig_on_tick(void *arg)
{
	struct rig *rig = arg;

	dg_timer_start(&rig->tick, rig->loop, RIG_TICK_MS, rig_on_tick, rig);
}

static inline void
rig_init(struct rig *rig)
{
	*rig = (struct rig){.loop = dg_loop_create("test", 64)};
	rig_on_tick(rig);
	alarm(RIG_ALARM_S);
}

/* The last deferred functions run, so that leaks show. */
static inline void
rig_fini(struct rig *rig)
{
	alarm(0);
	dg_timer_fini(&rig->tick);
	dg_loop_destroy(&rig->loop);
}

static inline void
rig_pass(struct rig *rig)
{
	dg_loop_run_once(rig->loop);
}

#define rig_until(rig, condition) \
	do { \
		while (!(condition)) \
			rig_pass(rig); \
	} while (0)

/* ---- peers ------------------------------------------------------------- */

struct peer {
	int fd;
	struct dg_buf in; /* all that came */
	bool ended;
	int error; /* errno of the last recv or send, e.g. ECONNRESET */
};

static inline void
peer_init(struct peer *peer, int fd)
{
	*peer = (struct peer){.fd = fd};
	dg_buf_init(&peer->in, 64 << 20);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

static inline void
peer_connect_from(struct peer *peer, unsigned port, in_addr_t from)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	const struct sockaddr_in own = {
		.sin_family = AF_INET,
		.sin_addr = {htonl(from)},
	};
	union {
		const struct sockaddr_in *in;
		const struct sockaddr *any;
	} u = {&own};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, u.any, sizeof(own)), 0);
	u.in = &address;
	assert_int_equal(connect(fd, u.any, sizeof(address)), 0);
	peer_init(peer, fd);
}

static inline void
peer_connect(struct peer *peer, unsigned port)
{
	peer_connect_from(peer, port, INADDR_LOOPBACK);
}

static inline void
peer_fini(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
	dg_buf_fini(&peer->in);
}

/* Takes what is there; true when something was, or the end. */
static inline bool
peer_poll(struct peer *peer)
{
	char *room;
	ssize_t n;

	if (peer->ended)
		return false;
	assert_int_equal(dg_buf_reserve(&peer->in, 65536, &room), DG_OK);
	n = recv(peer->fd, room, 65536, 0);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n > 0) {
		dg_buf_commit(&peer->in, (size_t)n);
		return true;
	}
	peer->error = n < 0 ? errno : 0;
	peer->ended = true;
	return true;
}

/* Sends all of it, running the loop while the socket is full. */
static inline void
peer_send(struct rig *rig, struct peer *peer, struct dg_str bytes)
{
	while (bytes.len > 0) {
		ssize_t n = send(peer->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

		if (n > 0) {
			bytes.data += n;
			bytes.len -= (size_t)n;
			continue;
		}
		if (errno != EAGAIN) {
			peer->error = errno;
			return;
		}
		rig_pass(rig);
	}
}

static inline void
peer_say(struct rig *rig, struct peer *peer, const char *text)
{
	peer_send(rig, peer, dg_str_from_cstr(text));
}

static inline bool
peer_has(struct peer *peer, const char *text)
{
	peer_poll(peer);
	return memmem(dg_buf_peek(&peer->in).data, dg_buf_len(&peer->in), text,
		      strlen(text)) != NULL;
}

/* Runs until the peer has received text; drops all up to its end. */
static inline void
peer_expect_at(struct rig *rig, struct peer *peer, const char *text,
	       const char *file, int line)
{
	const char *found;
	struct dg_str in;

	while (!peer_has(peer, text)) {
		if (peer->ended) {
			print_error("wanted \"%s\", got \"%.*s\" and the end\n",
				    text, DG_STR_ARG(dg_buf_peek(&peer->in)));
			_fail(file, line);
		}
		rig_pass(rig);
	}
	in = dg_buf_peek(&peer->in);
	found = memmem(in.data, in.len, text, strlen(text));
	dg_buf_consume(&peer->in, (size_t)(found - in.data) + strlen(text));
}
#define peer_expect(rig, peer, text) \
	peer_expect_at((rig), (peer), (text), __FILE__, __LINE__)

/* Runs until the stream has ended. */
static inline void
peer_expect_end(struct rig *rig, struct peer *peer)
{
	while (!peer->ended) {
		if (!peer_poll(peer))
			rig_pass(rig);
	}
}

/* A listening socket of the test's own: what plays a coordinator. */
static inline int
fake_listen(unsigned *port_out)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	union {
		struct sockaddr_in *in;
		struct sockaddr *any;
	} u = {&address};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, u.any, len), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, u.any, &len), 0);
	*port_out = ntohs(address.sin_port);
	return fd;
}

static inline void
fake_accept(struct rig *rig, int listener, struct peer *peer)
{
	int fd;

	do {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			rig_pass(rig);
	} while (fd < 0);
	peer_init(peer, fd);
}

#endif
