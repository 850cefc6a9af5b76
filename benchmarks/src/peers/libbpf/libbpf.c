/* libbpf: its bpf_* functions for elements, programs and links, and its ring_buffer. */
#include "../c/cases.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int map_create(enum bpf_map_type type, const char *name, uint32_t value_size,
		      uint32_t entries)
{
	return bpf_map_create(type, name, 4, value_size, entries, NULL);
}

static int map_update(int map, const void *key, const void *value)
{
	return bpf_map_update_elem(map, key, value, BPF_ANY);
}

static int map_lookup(int map, const void *key, void *value)
{
	return bpf_map_lookup_elem(map, key, value);
}

static int map_delete(int map, const void *key)
{
	return bpf_map_delete_elem(map, key);
}

static int map_next_key(int map, const void *key, void *next)
{
	return bpf_map_get_next_key(map, key, next);
}

static int map_update_batch(int map, const void *keys, const void *values, uint32_t *count)
{
	return bpf_map_update_batch(map, keys, values, count, NULL);
}

static int map_lookup_batch(int map, void *in, void *out, void *keys, void *values,
			    uint32_t *count)
{
	return bpf_map_lookup_batch(map, in, out, keys, values, count, NULL);
}

static int object_get(const char *path)
{
	return bpf_obj_get(path);
}

static int program_load(const struct bpf_insn *code, uint32_t count)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		    .expected_attach_type = BPF_CGROUP_INET4_CONNECT);
	return bpf_prog_load(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, "connect4", "GPL", code, count,
			     &options);
}

static int link_create(int program, int cgroup)
{
	return bpf_link_create(program, cgroup, BPF_CGROUP_INET4_CONNECT, NULL);
}

static int program_run(int program)
{
	uint64_t context = 0;
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &context,
		    .ctx_size_in = sizeof(context));
	int result = bpf_prog_test_run_opts(program, &options);
	if (result == 0 && options.retval) {
		errno = ENOSPC;
		return -1;
	}
	return result;
}

static int add(void *context, void *data, size_t size)
{
	(void)size;
	*(uint64_t *)context += *(uint64_t *)data;
	return 0;
}

static struct ring *ring_open(int map, uint64_t *sum)
{
	struct ring_buffer *ring = ring_buffer__new(map, add, sum, NULL);
	if (!ring)
		fail("ring buffer");
	return (struct ring *)ring;
}

static long ring_take(struct ring *ring)
{
	return checked(ring_buffer__consume((struct ring_buffer *)ring), "consume");
}

static long ring_wait(struct ring *ring)
{
	return checked(ring_buffer__poll((struct ring_buffer *)ring, 100), "poll");
}

int main(int argc, char **argv)
{
	return serve(argc, argv, libbpf_version_string(), run_case, latency_case);
}
