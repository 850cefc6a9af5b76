/*
 * What the C peers have in common: the line protocol and the clock.
 *
 *   run CASE N      ->  ok OPERATIONS NANOSECONDS ALLOCATED SUM | none REASON | error WORDS
 *   latency CASE N  ->  ok OPERATIONS Q Q Q ...
 *
 * ALLOCATED is "-" here. SUM is a number that every peer must come to, or "-".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *pins;
static const char *cgroup_path;
static const char *files;

static void fail(const char *what)
{
	printf("error %s: %s\n", what, strerror(errno));
	fflush(stdout);
	exit(1);
}

static int checked(int result, const char *what)
{
	if (result < 0)
		fail(what);
	return result;
}

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t begun, spent;

static inline void start(void)
{
	begun = now();
}

static inline void stop(void)
{
	spent += now() - begun;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* The quantiles 0.01 to 0.99, then these, of what all calls took. */
static const double TAIL[] = { 0.995, 0.999, 0.9995, 0.9999, 1 };

static void quantiles(uint32_t *took, long n)
{
	qsort(took, n, sizeof(*took), compare);
	printf("ok %ld", n);
	for (int i = 1; i < 100 + 5; i++) {
		double q = i < 100 ? i / 100.0 : TAIL[i - 100];
		long at = (long)(q * n + 0.999999) - 1;
		printf(" %u", took[at < 0 ? 0 : at >= n ? n - 1 : at]);
	}
	printf("\n");
}

/* Answers until the end of standard input. */
static int answer_all(const char *version, int (*run)(const char *, long),
		      int (*latency)(const char *, long))
{
	char line[256], verb[16], name[64];
	long n;
	printf("ready %s\n", version);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		int known = 0;
		spent = 0;
		if (sscanf(line, "%15s %63s %ld", verb, name, &n) == 3) {
			if (!strcmp(verb, "run"))
				known = run(name, n);
			else if (latency && !strcmp(verb, "latency"))
				known = latency(name, n);
		}
		if (!known)
			printf("none not written for this peer\n");
		fflush(stdout);
	}
	return 0;
}

/* ARGV: the folder of pins, the cgroup, the folder of files. */
static int serve(int argc, char **argv, const char *version, int (*run)(const char *, long),
		 int (*latency)(const char *, long))
{
	if (argc < 4) {
		fprintf(stderr, "usage: %s PINS CGROUP FILES\n", argv[0]);
		return 2;
	}
	pins = argv[1];
	cgroup_path = argv[2];
	files = argv[3];
	return answer_all(version, run, latency);
}
