/*
 * For each line that it reads it connects again and again until somebody greets it, ten times in a
 * millisecond, and says what byte it was greeted with: first ADDRESS PORT.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char line[64], byte;
	if (argc != 3)
		return 2;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((unsigned short)atoi(argv[2])),
		.sin_addr.s_addr = inet_addr(argv[1]),
	};
	puts("ready to connect");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		for (byte = 0; !byte;) {
			int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
			if (s < 0) {
				printf("error socket: %s\n", strerror(errno));
				return 1;
			}
			if (connect(s, (struct sockaddr *)&to, sizeof(to)) || recv(s, &byte, 1, 0) != 1)
				usleep(100);
			close(s);
		}
		printf("greeted %c\n", byte);
		fflush(stdout);
	}
	return 0;
}
