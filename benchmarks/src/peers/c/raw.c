/* bpf(2) as it is: syscall(2) of the C library, an attr on the stack, and a ring buffer read by hand. */
#include "cases.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static inline long bpf(int command, union bpf_attr *attr, unsigned int size)
{
	return syscall(__NR_bpf, command, attr, size);
}

static inline uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static int map_create(enum bpf_map_type type, const char *name, uint32_t value_size,
		      uint32_t entries)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = 4;
	attr.value_size = value_size;
	attr.max_entries = entries;
	strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);
	return (int)bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* The four words that calls about an element have. */
#define ELEMENT_SIZE 32

static int element(int command, int map, const void *key, const void *value)
{
	union bpf_attr attr;
	memset(&attr, 0, ELEMENT_SIZE);
	attr.map_fd = (uint32_t)map;
	attr.key = address(key);
	attr.value = address(value);
	return (int)bpf(command, &attr, ELEMENT_SIZE);
}

static int map_update(int map, const void *key, const void *value)
{
	return element(BPF_MAP_UPDATE_ELEM, map, key, value);
}

static int map_lookup(int map, const void *key, void *value)
{
	return element(BPF_MAP_LOOKUP_ELEM, map, key, value);
}

static int map_delete(int map, const void *key)
{
	return element(BPF_MAP_DELETE_ELEM, map, key, NULL);
}

static int map_next_key(int map, const void *key, void *next)
{
	return element(BPF_MAP_GET_NEXT_KEY, map, key, next);
}

static int batch(int command, int map, void *in, void *out, const void *keys, const void *values,
		 uint32_t *count)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr.batch));
	attr.batch.in_batch = address(in);
	attr.batch.out_batch = address(out);
	attr.batch.keys = address(keys);
	attr.batch.values = address(values);
	attr.batch.count = *count;
	attr.batch.map_fd = (uint32_t)map;
	int result = (int)bpf(command, &attr, sizeof(attr.batch));
	*count = attr.batch.count;
	return result;
}

static int map_update_batch(int map, const void *keys, const void *values, uint32_t *count)
{
	return batch(BPF_MAP_UPDATE_BATCH, map, NULL, NULL, keys, values, count);
}

static int map_lookup_batch(int map, void *in, void *out, void *keys, void *values,
			    uint32_t *count)
{
	return batch(BPF_MAP_LOOKUP_BATCH, map, in, out, keys, values, count);
}

static int object_get(const char *path)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.pathname = address(path);
	return (int)bpf(BPF_OBJ_GET, &attr, sizeof(attr));
}

static int program_load(const struct bpf_insn *code, uint32_t count)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
	attr.expected_attach_type = BPF_CGROUP_INET4_CONNECT;
	attr.insns = address(code);
	attr.insn_cnt = count;
	attr.license = address("GPL");
	strcpy(attr.prog_name, "connect4");
	return (int)bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

static int link_create(int program, int cgroup)
{
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)program;
	attr.link_create.target_fd = (uint32_t)cgroup;
	attr.link_create.attach_type = BPF_CGROUP_INET4_CONNECT;
	return (int)bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
}

static int program_run(int program)
{
	uint64_t context = 0;
	union bpf_attr attr;
	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (uint32_t)program;
	attr.test.ctx_in = address(&context);
	attr.test.ctx_size_in = sizeof(context);
	int result = (int)bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
	if (result == 0 && attr.test.retval) {
		errno = ENOSPC;
		return -1;
	}
	return result;
}

struct ring {
	uint64_t *consumer, *producer;
	char *data;
	uint64_t mask, *sum;
	int epoll;
};

static struct ring *ring_open(int map, uint64_t *sum)
{
	struct bpf_map_info info;
	union bpf_attr attr;
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)map;
	attr.info.info_len = sizeof(info);
	attr.info.info = address(&info);
	checked((int)bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)), "map info");
	long page = sysconf(_SC_PAGESIZE);
	struct ring *r = calloc(1, sizeof(*r));
	r->consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	r->producer = mmap(NULL, page + 2 * (size_t)info.max_entries, PROT_READ, MAP_SHARED, map,
			   page);
	if (r->consumer == MAP_FAILED || r->producer == MAP_FAILED)
		fail("mmap");
	r->data = (char *)r->producer + page;
	r->mask = info.max_entries - 1;
	r->sum = sum;
	r->epoll = checked(epoll_create1(EPOLL_CLOEXEC), "epoll");
	struct epoll_event event = { .events = EPOLLIN };
	checked(epoll_ctl(r->epoll, EPOLL_CTL_ADD, map, &event), "epoll");
	return r;
}

static long ring_take(struct ring *r)
{
	uint64_t at = *r->consumer, end = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
	long taken = 0;
	while (at != end) {
		char *record = r->data + (at & r->mask);
		uint32_t header = __atomic_load_n((uint32_t *)record, __ATOMIC_ACQUIRE);
		if (header & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			*r->sum += *(uint64_t *)(record + BPF_RINGBUF_HDR_SZ);
			taken++;
		}
		at += ((header & ~BPF_RINGBUF_DISCARD_BIT) + BPF_RINGBUF_HDR_SZ + 7) & ~7ull;
		__atomic_store_n(r->consumer, at, __ATOMIC_RELEASE);
	}
	return taken;
}

static long ring_wait(struct ring *r)
{
	struct epoll_event event;
	long taken = ring_take(r);
	if (taken)
		return taken;
	epoll_wait(r->epoll, &event, 1, 100);
	return ring_take(r);
}

int main(int argc, char **argv)
{
	return serve(argc, argv, "cc " __VERSION__, run_case, latency_case);
}
