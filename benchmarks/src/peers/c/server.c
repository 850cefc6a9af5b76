/*
 * Who is connected to. It says its greeting to whoever connects to one port, sends back single bytes
 * at the next, and at the third reads all there is and says how many bytes that were. It ends with
 * its standard input.
 */
#include "protocol.h"
#include "ports.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

/* As many as clients connect at once: none waits for another's. */
#define GREETERS 8

static char greeting;

static int listen_at(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int one = 1;
	int s = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* Those that are accepted inherit it. */
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	checked(bind(s, (struct sockaddr *)&address, sizeof(address)), "bind");
	checked(listen(s, 4096), "listen");
	return s;
}

static void thread(void *(*body)(void *), void *argument)
{
	pthread_t thread;
	errno = pthread_create(&thread, NULL, body, argument);
	if (errno)
		fail("pthread_create");
	pthread_detach(thread);
}

static void *greet(void *listening)
{
	for (;;) {
		int s = accept((int)(intptr_t)listening, NULL, NULL);
		if (s < 0)
			continue;
		send(s, &greeting, 1, MSG_NOSIGNAL);
		close(s);
	}
	return NULL;
}

static void *echo(void *connected)
{
	int s = (int)(intptr_t)connected;
	char byte;
	while (recv(s, &byte, 1, 0) == 1 && send(s, &byte, 1, MSG_NOSIGNAL) == 1)
		;
	close(s);
	return NULL;
}

static void *read_all(void *connected)
{
	int s = (int)(intptr_t)connected;
	char *data = malloc(256 * 1024);
	uint64_t total = 0;
	ssize_t got;
	while ((got = recv(s, data, 256 * 1024, 0)) > 0)
		total += (uint64_t)got;
	send(s, &total, sizeof(total), MSG_NOSIGNAL);
	close(s);
	free(data);
	return NULL;
}

/* A port at which each connection has a thread of its own. */
struct service {
	int listening;
	void *(*body)(void *);
};

static void *accept_all(void *argument)
{
	struct service *service = argument;
	for (;;) {
		int s = accept(service->listening, NULL, NULL);
		if (s >= 0)
			thread(service->body, (void *)(intptr_t)s);
	}
	return NULL;
}

/* ARGV: the greeting. */
int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s GREETING\n", argv[0]);
		return 2;
	}
	greeting = argv[1][0];
	int greets = listen_at(GREETS);
	struct service echoes = { listen_at(ECHOES), echo };
	struct service reads = { listen_at(READS), read_all };
	for (int i = 0; i < GREETERS; i++)
		thread(greet, (void *)(intptr_t)greets);
	thread(accept_all, &echoes);
	thread(accept_all, &reads);
	puts("ready cc " __VERSION__);
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
