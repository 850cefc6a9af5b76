/*
 * The smallest redirector with libbpf: loader CGROUP FROM TO, two addresses. It maps the one to the
 * other, says so, and ends with its standard input.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

static int checked(int result, const char *what)
{
	if (result < 0) {
		printf("error %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return result;
}

static struct bpf_insn insn(unsigned char code, unsigned char dst, unsigned char src, short off,
			    int imm)
{
	return (struct bpf_insn){
		.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm
	};
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	int map = checked(bpf_map_create(BPF_MAP_TYPE_HASH, "services", 4, 4, 1024, NULL), "map");
	unsigned from = inet_addr(argv[2]), to = inet_addr(argv[3]);
	checked(bpf_map_update_elem(map, &from, &to, BPF_ANY), "update");
	struct bpf_insn code[] = {
		insn(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
		insn(BPF_LDX | BPF_MEM | BPF_W, 2, 6, 4, 0),
		insn(BPF_STX | BPF_MEM | BPF_W, 10, 2, -4, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		insn(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		insn(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, map),
		insn(0, 0, 0, 0, 0),
		insn(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		insn(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2, 0),
		insn(BPF_LDX | BPF_MEM | BPF_W, 1, 0, 0, 0),
		insn(BPF_STX | BPF_MEM | BPF_W, 6, 1, 4, 0),
		insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
		insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_CGROUP_INET4_CONNECT);
	int program = checked(bpf_prog_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, "connect4", "GPL", code,
					    sizeof(code) / sizeof(code[0]), &options),
			      "load");
	int cgroup = checked(open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC), argv[1]);
	checked(bpf_link_create(program, cgroup, BPF_CGROUP_INET4_CONNECT, NULL), "attach");
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
