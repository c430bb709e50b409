/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_coordinator.c - a coordinator that costs next to nothing, for `relay`.
 *
 *   fake_coordinator PORT LARGE_BYTES
 *
 * One thread, epoll, canned replies: /v1/info; a POST is answered with a
 * QUEUED page; any other page is small, or, where the query id ends in
 * "large", one body of about LARGE_BYTES in chunks once the query runs. It is
 * not a test double: requests are believed to be well-formed and to arrive in
 * one piece, as the benchmark's own do. Prints "listening" when it is.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CONNECTIONS = 1024, /* file descriptors below this are served */
	REQUEST_MAX = 16384,
	CHUNK_ROWS = 4096,
	EVENTS = 64,
};

struct connection {
	char request[REQUEST_MAX];
	size_t n_request;
	const char *out; /* what is being sent, borrowed */
	size_t n_out;
	size_t chunks_left; /* of a large page */
};

static struct connection *connections[CONNECTIONS];
static char small_reply[4096];
static char queued_small[1024];
static char queued_large[1024];
static char started_large[1024];
static char info_reply[512];
static char large_head[1024];
static char *chunk; /* framed */
static size_t n_chunk;
static size_t n_chunks;
static const char large_tail[] = "10\r\n[0,\"the end\"]]}\n\r\n0\r\n\r\n";

static const char stats[] =
	"\"stats\":{\"state\":\"RUNNING\",\"queued\":false,\"scheduled\":true,"
	"\"nodes\":1,\"totalSplits\":17,\"queuedSplits\":0,\"runningSplits\":0,"
	"\"completedSplits\":17,\"cpuTimeMillis\":31,\"wallTimeMillis\":52,"
	"\"queuedTimeMillis\":1,\"elapsedTimeMillis\":250,"
	"\"processedRows\":25,\"processedBytes\":0,\"peakMemoryBytes\":104}";

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static void
make_reply(char *out, size_t room, const char *body)
{
	int n = snprintf(out, room,
			 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
			 "Content-Length: %zu\r\n\r\n%s",
			 strlen(body), body);

	if (n < 0 || (size_t)n >= room)
		fail("a canned reply is too long");
}

static void
make_page(char *out, size_t room, unsigned port, const char *name,
	  const char *next)
{
	char body[900];

	snprintf(body, sizeof(body),
		 "{\"id\":\"20260101_000000_00001_%s\",\"infoUri\":"
		 "\"http://127.0.0.1:%u/ui/"
		 "query.html?20260101_000000_00001_%s\","
		 "\"nextUri\":\"http://127.0.0.1:%u/v1/statement/%s/"
		 "20260101_000000_00001_%s/y01/1\","
		 "\"stats\":{\"state\":\"QUEUED\"},\"warnings\":[]}",
		 name, port, name, port, next, name);
	make_reply(out, room, body);
}

static void
make_small(unsigned port)
{
	char body[3000];

	snprintf(
		body, sizeof(body),
		"{\"id\":\"20260101_000000_00001_small\",\"infoUri\":"
		"\"http://127.0.0.1:%u/ui/query.html?20260101_000000_00001_"
		"small\",\"nextUri\":\"http://127.0.0.1:%u/v1/statement/"
		"executing/"
		"20260101_000000_00001_small/y02/1\",\"columns\":["
		"{\"name\":\"n\",\"type\":\"bigint\",\"typeSignature\":"
		"{\"rawType\":\"bigint\",\"arguments\":[]}},"
		"{\"name\":\"name\",\"type\":\"varchar\",\"typeSignature\":"
		"{\"rawType\":\"varchar\",\"arguments\":[]}}],"
		"\"data\":[[0,\"ALGERIA\"],[1,\"ARGENTINA\"],[2,\"BRAZIL\"],"
		"[3,\"CANADA\"],[4,\"EGYPT\"],[5,\"ETHIOPIA\"],[6,\"FRANCE\"]],"
		"%s,\"warnings\":[]}",
		port, port, stats);
	make_reply(small_reply, sizeof(small_reply), body);
}

static void
make_large(unsigned port, size_t bytes)
{
	static const char row[] =
		"[1234567,\"a customer's comment of ordinary length\",3.14],";
	size_t n_rows = sizeof(row) - 1;
	size_t n_data = n_rows * CHUNK_ROWS;
	char head[700];
	int n;

	n = snprintf(
		head, sizeof(head),
		"{\"id\":\"20260101_000000_00001_large\",\"infoUri\":"
		"\"http://127.0.0.1:%u/ui/query.html?20260101_000000_00001_"
		"large\",\"nextUri\":\"http://127.0.0.1:%u/v1/statement/"
		"executing/"
		"20260101_000000_00001_large/y02/1\","
		"\"stats\":{\"state\":\"RUNNING\"},\"warnings\":[],\"data\":[",
		port, port);
	snprintf(large_head, sizeof(large_head),
		 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n",
		 (unsigned)n, head);
	chunk = malloc(n_data + 32);
	if (chunk == NULL)
		fail("malloc");
	n_chunk = (size_t)snprintf(chunk, 32, "%zx\r\n", n_data);
	for (size_t i = 0; i < CHUNK_ROWS; i++, n_chunk += n_rows)
		memcpy(chunk + n_chunk, row, n_rows);
	memcpy(chunk + n_chunk, "\r\n", 2);
	n_chunk += 2;
	n_chunks = bytes / n_data;
}

/* Sends what there is; false when the socket is full. */
static bool
send_out(int fd, struct connection *c)
{
	while (c->n_out > 0) {
		ssize_t n = send(fd, c->out, c->n_out, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return false;
		if (n <= 0) {
			c->n_out = 0;
			c->chunks_left = 0;
			return true;
		}
		c->out += n;
		c->n_out -= (size_t)n;
		if (c->n_out > 0 || c->chunks_left == 0)
			continue;
		c->chunks_left--;
		c->out = c->chunks_left > 0 ? chunk : large_tail;
		c->n_out = c->chunks_left > 0 ? n_chunk : strlen(large_tail);
	}
	return true;
}

static void
choose_reply(struct connection *c)
{
	const char *text = c->request;
	bool is_post = strncmp(text, "POST", 4) == 0;
	bool is_large = strstr(text, "large") != NULL;

	c->out = small_reply;
	if (strncmp(text, "GET /v1/info", 12) == 0)
		c->out = info_reply;
	else if (is_post)
		c->out = is_large ? queued_large : queued_small;
	else if (is_large)
		c->out = strstr(text, "/queued/") != NULL ? started_large
							  : large_head;
	c->chunks_left = c->out == large_head ? n_chunks + 1 : 0;
	c->n_out = strlen(c->out);
}

static bool
is_whole(const struct connection *c)
{
	const char *end = strstr(c->request, "\r\n\r\n");
	const char *length = strcasestr(c->request, "\ncontent-length:");

	if (end == NULL)
		return false;
	if (length == NULL || length > end)
		return true;
	return c->n_request >=
	       (size_t)(end + 4 - c->request) + strtoul(length + 16, NULL, 10);
}

/* False when the peer has gone. */
static bool
read_request(int fd, struct connection *c)
{
	ssize_t n = recv(fd, c->request + c->n_request,
			 REQUEST_MAX - 1 - c->n_request, 0);

	if (n < 0 && errno == EAGAIN)
		return true;
	if (n <= 0)
		return false;
	c->n_request += (size_t)n;
	c->request[c->n_request] = '\0';
	if (!is_whole(c))
		return true;
	choose_reply(c);
	c->n_request = 0;
	return true;
}

static void
serve(int epoll, int fd, uint32_t events)
{
	struct connection *c = connections[fd];
	bool open = true;

	if ((events & EPOLLIN) != 0 && c->n_out == 0)
		open = read_request(fd, c);
	if (open) {
		struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

		if (!send_out(fd, c))
			e.events |= EPOLLOUT;
		if (e.events != EPOLLIN || (events & EPOLLOUT) != 0)
			epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e);
		return;
	}
	close(fd);
	free(c);
	connections[fd] = NULL;
}

static void
accept_all(int epoll, int listener)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
		int one = 1;

		if (fd < 0)
			return;
		if (fd >= CONNECTIONS) {
			close(fd);
			continue;
		}
		connections[fd] = calloc(1, sizeof(struct connection));
		if (connections[fd] == NULL)
			fail("calloc");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
	}
}

static int
open_listener(unsigned port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const void *)&address, sizeof(address)) != 0 ||
	    listen(fd, 512) != 0)
		fail("listen");
	return fd;
}

int
main(int argc, char **argv)
{
	unsigned port = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	struct epoll_event events[EVENTS];
	struct epoll_event e = {.events = EPOLLIN};
	int epoll = epoll_create1(0);
	int listener;

	if (port == 0) {
		fprintf(stderr, "fake_coordinator PORT LARGE_BYTES\n");
		return 2;
	}
	make_reply(info_reply, sizeof(info_reply),
		   "{\"nodeVersion\":{\"version\":\"476\"},\"environment\":"
		   "\"bench\",\"coordinator\":true,\"starting\":false,"
		   "\"uptime\":\"1.00h\"}");
	make_page(queued_small, sizeof(queued_small), port, "small", "queued");
	make_page(queued_large, sizeof(queued_large), port, "large", "queued");
	make_page(started_large, sizeof(started_large), port, "large",
		  "executing");
	make_small(port);
	make_large(port, strtoul(argv[2], NULL, 10));
	listener = open_listener(port);
	e.data.fd = listener;
	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
	puts("listening");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				serve(epoll, events[i].data.fd,
				      events[i].events);
		}
	}
}
