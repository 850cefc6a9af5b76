/*
 * Who connects: the same program for all peers, which differ only in the address they are given and
 * in what is between them and the server (server.c). Everything blocks; there is no loop of events
 * whose cost would be in the figures.
 */
#include "protocol.h"
#include "ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

/* So long a server may take to be there, and any call, in seconds. */
#define PATIENCE 10

#define THREADS 8
#define MIB (1 << 20)

static struct sockaddr_in to = { .sin_family = AF_INET };

/* Where "connect-miss" goes. */
static struct sockaddr_in aside = { .sin_family = AF_INET };

static char greeting;

/* A socket that says RST when it is closed, so that no port waits. */
static int new_socket(void)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct timeval patience = { .tv_sec = PATIENCE };
	int one = 1;
	int s = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	setsockopt(s, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return s;
}

static int try_connect(int s, struct sockaddr_in address, int port)
{
	address.sin_port = htons(port);
	return connect(s, (struct sockaddr *)&address, sizeof(address));
}

static void receive_all(int s, void *data, size_t length)
{
	ssize_t got = recv(s, data, length, MSG_WAITALL);
	if (got >= 0 && (size_t)got < length) {
		errno = ECONNRESET;
		got = -1;
	}
	checked((int)got, "recv");
}

static void receive_greeting(int s)
{
	char got;
	receive_all(s, &got, 1);
	if (got != greeting) {
		printf("error the server says %c instead of %c\n", got, greeting);
		fflush(stdout);
		exit(1);
	}
}

static void wait_for_server(void)
{
	uint64_t end = now() + PATIENCE * 1000000000ull;
	for (;;) {
		int s = new_socket();
		if (try_connect(s, to, GREETS) == 0) {
			receive_greeting(s);
			close(s);
			return;
		}
		if (errno != ECONNREFUSED || now() > end)
			fail("connect");
		close(s);
		usleep(10000);
	}
}

/*
 * The server greets whoever connects and closes. The greeting is waited for in any case: no connect
 * meets a server that is behind.
 */
static void connects(uint32_t *took, long n, struct sockaddr_in address, int with_greeting)
{
	for (long i = 0; i < n; i++) {
		int s = new_socket();
		uint64_t before = now(), connected;
		checked(try_connect(s, address, GREETS), "connect");
		connected = now();
		receive_greeting(s);
		took[i] = (uint32_t)((with_greeting ? now() : connected) - before);
		close(s);
	}
}

static void round_trips(uint32_t *took, long n)
{
	int s = new_socket();
	checked(try_connect(s, to, ECHOES), "connect");
	for (long i = 0; i < n; i++) {
		char byte = (char)i, back;
		uint64_t before = now();
		checked((int)send(s, &byte, 1, MSG_NOSIGNAL), "send");
		receive_all(s, &back, 1);
		took[i] = (uint32_t)(now() - before);
		if (back != byte)
			fail("another byte came back");
	}
	close(s);
}

static int latency_case(const char *name, long n)
{
	uint32_t *took = malloc(n * sizeof(*took));
	int known = 1;
	if (!strcmp(name, "connect"))
		connects(took, n, to, 0);
	else if (!strcmp(name, "connect-miss"))
		connects(took, n, aside, 0);
	else if (!strcmp(name, "connect-byte"))
		connects(took, n, to, 1);
	else if (!strcmp(name, "round-trip"))
		round_trips(took, n);
	else
		known = 0;
	if (known)
		quantiles(took, n);
	free(took);
	return known;
}

static void *connect_many(void *count)
{
	for (long i = 0; i < *(long *)count; i++) {
		int s = new_socket();
		checked(try_connect(s, to, GREETS), "connect");
		receive_greeting(s);
		close(s);
	}
	return NULL;
}

static void at_once(long n)
{
	pthread_t threads[THREADS];
	long each = n / THREADS;
	start();
	for (int i = 0; i < THREADS; i++) {
		errno = pthread_create(&threads[i], NULL, connect_many, &each);
		if (errno)
			fail("pthread_create");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	stop();
	printf("ok %ld %llu - -\n", each * THREADS, (unsigned long long)spent);
}

/* Nanoseconds that all processors together were busy, with whatever. */
static uint64_t busy(void)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq;
	FILE *f = fopen("/proc/stat", "r");
	if (!f || fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle,
			 &iowait, &irq, &softirq) != 7)
		fail("/proc/stat");
	fclose(f);
	return (user + nice + system + irq + softirq) * (1000000000ull / sysconf(_SC_CLK_TCK));
}

/* Sends so many MiB, and waits until the server says how many bytes it has read. */
static void stream(long n)
{
	static char data[64 * 1024];
	uint64_t before, read;
	int s = new_socket();
	checked(try_connect(s, to, READS), "connect");
	before = busy();
	for (uint64_t left = (uint64_t)n * MIB; left > 0;) {
		size_t next = left < sizeof(data) ? left : sizeof(data);
		left -= (uint64_t)checked((int)send(s, data, next, MSG_NOSIGNAL), "send");
	}
	checked(shutdown(s, SHUT_WR), "shutdown");
	receive_all(s, &read, sizeof(read));
	spent = busy() - before;
	close(s);
	printf("ok %ld %llu - %llu\n", n, (unsigned long long)spent, (unsigned long long)read);
}

static int run_case(const char *name, long n)
{
	if (!strcmp(name, "connect-many"))
		at_once(n);
	else if (!strcmp(name, "stream"))
		stream(n);
	else
		return 0;
	return 1;
}

/* ARGV: the address to connect to, another way to the server, and the byte that it says first. */
int main(int argc, char **argv)
{
	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 ||
	    inet_pton(AF_INET, argv[2], &aside.sin_addr) != 1) {
		fprintf(stderr, "usage: %s ADDRESS OTHER GREETING\n", argv[0]);
		return 2;
	}
	greeting = argv[3][0];
	wait_for_server();
	return answer_all("cc " __VERSION__, run_case, latency_case);
}
