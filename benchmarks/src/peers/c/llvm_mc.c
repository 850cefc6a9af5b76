/*
 * The assembler of LLVM as people use it: a process for each text. posix_spawn(3), because starting
 * one from a JVM costs more.
 */
#include "protocol.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static const char *assembler;

/* A process takes milliseconds: a share of what others do is enough. */
#define SHARE 1000
#define LEAST 3

static int parse(const char *name, long n)
{
	char path[4096];
	if (strncmp(name, "parse-", 6))
		return 0;
	snprintf(path, sizeof(path), "%s/%s.s", files, name + 6);
	char *arguments[] = { (char *)assembler, "-triple=bpfel", "-mcpu=v3", "-filetype=obj",
			      "-o", "/dev/null", path, NULL };
	long runs = n / SHARE < LEAST ? LEAST : n / SHARE;
	start();
	for (long i = 0; i < runs; i++) {
		pid_t pid;
		int status;
		errno = posix_spawn(&pid, assembler, NULL, NULL, arguments, environ);
		if (errno)
			fail(assembler);
		checked(waitpid(pid, &status, 0), "wait");
		if (status) {
			printf("error %s %s ended with status %d\n", assembler, path, status);
			return 1;
		}
	}
	stop();
	printf("ok %ld %llu - -\n", runs, (unsigned long long)spent);
	return 1;
}

/* ARGV: as of the others, and the assembler. */
int main(int argc, char **argv)
{
	assembler = argc > 4 ? argv[4] : "llvm-mc";
	return serve(argc, argv, "a process for each text", parse, NULL);
}
