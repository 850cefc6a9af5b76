/*
 * The cases, written against a few functions that each C peer defines by its own means: raw.c by
 * syscall(2), libbpf.c by libbpf.
 */
#include "protocol.h"

#define ENTRIES 65536u
#define MASK (ENTRIES - 1)
#define FILLED 8192

static int map_create(enum bpf_map_type type, const char *name, uint32_t value_size,
                      uint32_t entries);
static int map_update(int map, const void *key, const void *value);
static int map_lookup(int map, const void *key, void *value);
static int map_delete(int map, const void *key);
static int map_next_key(int map, const void *key, void *next);
static int map_update_batch(int map, const void *keys, const void *values, uint32_t *count);
static int map_lookup_batch(int map, void *in, void *out, void *keys, void *values,
                            uint32_t *count);
static int object_get(const char *path);
static int program_load(const struct bpf_insn *code, uint32_t count);
static int link_create(int program, int cgroup);
static int program_run(int program);

struct ring;
static struct ring *ring_open(int map, uint64_t *sum);
/* Takes what is there; ring_wait waits for something first. How many records it were. */
static long ring_take(struct ring *ring);
static long ring_wait(struct ring *ring);

static void answer(long operations, uint64_t sum)
{
	printf("ok %ld %llu - %llu\n", operations, (unsigned long long)spent,
	       (unsigned long long)sum);
}

/* The CPUs for which a per-CPU map has a value: the kernel's list of possible ones, such as 0-3. */
static int possible_cpus(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/possible", "r");
	int last = 0, number;
	char separator;
	if (!f)
		fail("/sys/devices/system/cpu/possible");
	while (fscanf(f, "%d%c", &number, &separator) >= 1)
		last = number;
	fclose(f);
	return last + 1;
}

struct map {
	const char *kind;
	enum bpf_map_type type;
	int fd;
	int values;
	uint32_t *keys;
	uint64_t *all;
};

static struct map maps[] = {
	{ "hash", BPF_MAP_TYPE_HASH, 0, 1, 0, 0 },
	{ "array", BPF_MAP_TYPE_ARRAY, 0, 1, 0, 0 },
	{ "percpu", BPF_MAP_TYPE_PERCPU_ARRAY, 0, 1, 0, 0 },
};

static void fill(struct map *m, uint64_t factor)
{
	uint32_t count = ENTRIES;
	for (uint32_t i = 0; i < ENTRIES; i++) {
		m->keys[i] = i;
		for (int c = 0; c < m->values; c++)
			m->all[(uint64_t)i * m->values + c] = i * factor;
	}
	checked(map_update_batch(m->fd, m->keys, m->all, &count), "batch update");
}

static void open_map(struct map *m)
{
	if (m->fd)
		return;
	m->values = m->type == BPF_MAP_TYPE_PERCPU_ARRAY ? possible_cpus() : 1;
	m->keys = malloc(ENTRIES * sizeof(uint32_t));
	m->all = malloc((size_t)ENTRIES * 8 * m->values);
	m->fd = checked(map_create(m->type, "bench_peer", 8, ENTRIES), "map create");
}

/* A value that was written, to be the same for all peers. */
static uint64_t at_seven(struct map *m)
{
	uint64_t value[m->values];
	uint32_t key = 7;
	checked(map_lookup(m->fd, &key, value), "lookup");
	return value[m->values - 1];
}

static void map_put(struct map *m, long n)
{
	uint64_t value[m->values];
	start();
	for (long i = 0; i < n; i++) {
		uint32_t key = (uint32_t)i & MASK;
		for (int c = 0; c < m->values; c++)
			value[c] = (uint64_t)i;
		checked(map_update(m->fd, &key, value), "update");
	}
	stop();
	answer(n, at_seven(m));
}

static void map_get(struct map *m, long n)
{
	uint64_t value[m->values], sum = 0;
	fill(m, 3);
	start();
	for (long i = 0; i < n; i++) {
		uint32_t key = (uint32_t)i & MASK;
		checked(map_lookup(m->fd, &key, value), "lookup");
		sum += value[0];
	}
	stop();
	answer(n, sum);
}

static void map_remove(struct map *m, long n)
{
	long done = 0;
	while (done < n) {
		fill(m, 3);
		start();
		for (uint32_t key = 0; key < ENTRIES; key++)
			checked(map_delete(m->fd, &key), "delete");
		stop();
		done += ENTRIES;
	}
	answer(done, (uint64_t)done);
}

static void map_iterate(struct map *m, long n)
{
	uint64_t value[m->values], sum = 0;
	long done = 0;
	fill(m, 3);
	start();
	while (done < n) {
		uint32_t key, next;
		int result = map_next_key(m->fd, NULL, &next);
		while (result == 0) {
			key = next;
			if (map_lookup(m->fd, &key, value) == 0)
				sum += value[0];
			done++;
			result = map_next_key(m->fd, &key, &next);
		}
	}
	stop();
	answer(done, sum);
}

static void map_batch_put(struct map *m, long n)
{
	long done = 0;
	fill(m, 3);
	start();
	while (done < n) {
		uint32_t count = ENTRIES;
		for (uint32_t i = 0; i < ENTRIES; i++) {
			m->keys[i] = i;
			for (int c = 0; c < m->values; c++)
				m->all[(uint64_t)i * m->values + c] = i;
		}
		checked(map_update_batch(m->fd, m->keys, m->all, &count), "batch update");
		done += ENTRIES;
	}
	stop();
	answer(done, at_seven(m));
}

static void map_batch_get(struct map *m, long n)
{
	uint64_t sum = 0;
	long done = 0;
	fill(m, 3);
	start();
	while (done < n) {
		uint32_t cursor = 0, count, elements = 0;
		int result;
		do {
			count = ENTRIES;
			result = map_lookup_batch(m->fd, elements ? &cursor : NULL, &cursor, m->keys,
						  m->all, &count);
			if (result < 0 && errno != ENOENT)
				fail("batch lookup");
			for (uint32_t i = 0; i < count; i++)
				sum += m->all[(uint64_t)i * m->values];
			elements += count;
		} while (result == 0);
		done += elements;
	}
	stop();
	answer(done, sum);
}

static int map_case(const char *name, long n)
{
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct map *m = &maps[i];
		size_t length = strlen(m->kind);
		if (strncmp(name, m->kind, length) || name[length] != '-')
			continue;
		const char *verb = name + length + 1;
		open_map(m);
		if (!strcmp(verb, "put"))
			map_put(m, n);
		else if (!strcmp(verb, "get"))
			map_get(m, n);
		else if (!strcmp(verb, "delete"))
			map_remove(m, n);
		else if (!strcmp(verb, "iterate"))
			map_iterate(m, n);
		else if (!strcmp(verb, "batch-put"))
			map_batch_put(m, n);
		else if (!strcmp(verb, "batch-get"))
			map_batch_get(m, n);
		else
			return 0;
		return 1;
	}
	return 0;
}

static int opened(const char *name, int length)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s%d", pins, name, length);
	return checked(object_get(path), path);
}

/* A ring that a program fills when it is asked to, or one that others write to meanwhile. */
struct source {
	const char *ring_name;
	int length, program;
	struct ring *ring;
	uint64_t sum;
};

static struct source sources[] = {
	{ "ring", 16, 0, 0, 0 },
	{ "ring", 256, 0, 0, 0 },
	{ "live", 16, 0, 0, 0 },
	{ "live", 256, 0, 0, 0 },
};

static struct source *source(const char *ring_name, int length)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct source *s = &sources[i];
		if (s->length != length || strcmp(s->ring_name, ring_name))
			continue;
		if (!s->ring)
			s->ring = ring_open(opened(ring_name, length), &s->sum);
		return s;
	}
	errno = EINVAL;
	fail("length of records");
	return NULL;
}

static int ring_case(const char *name, long n)
{
	int length, producers;
	long done = 0;
	if (sscanf(name, "drain-%d", &length) == 1) {
		struct source *s = source("ring", length);
		if (!s->program)
			s->program = opened("fill", length);
		s->sum = 0;
		while (done < n) {
			checked(program_run(s->program), "test run");
			start();
			long taken = ring_take(s->ring);
			stop();
			if (taken != FILLED) {
				errno = EIO;
				fail("records in the ring");
			}
			done += taken;
		}
		answer(done, s->sum);
		return 1;
	}
	if (sscanf(name, "live-%d-%d", &length, &producers) == 2) {
		struct source *s = source("live", length);
		ring_wait(s->ring);
		start();
		while (done < n)
			done += ring_wait(s->ring);
		stop();
		printf("ok %ld %llu - -\n", done, (unsigned long long)spent);
		return 1;
	}
	return 0;
}

/* The bytes that the benchmark's own assembler wrote, with the map's descriptor filled in. */
static int load_case(const char *name, long n)
{
	static struct bpf_insn code[4096];
	static uint32_t count;
	static int cgroup;
	if (strcmp(name, "load-attach"))
		return 0;
	if (!count) {
		char path[4096];
		snprintf(path, sizeof(path), "%s/connect4.bin", files);
		FILE *f = fopen(path, "rb");
		if (!f)
			fail(path);
		count = (uint32_t)fread(code, sizeof(code[0]), 4096, f);
		fclose(f);
		int map = checked(map_create(BPF_MAP_TYPE_HASH, "services", 4, 1024), "map create");
		for (uint32_t i = 0; i < count; i++)
			if (code[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
			    code[i].src_reg == BPF_PSEUDO_MAP_FD)
				code[i].imm = map;
		cgroup = checked(open(cgroup_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), cgroup_path);
	}
	start();
	for (long i = 0; i < n; i++) {
		int program = checked(program_load(code, count), "program load");
		int link = checked(link_create(program, cgroup), "link create");
		close(link);
		close(program);
	}
	stop();
	printf("ok %ld %llu - -\n", n, (unsigned long long)spent);
	return 1;
}

/* Each call on its own. */
static int latency_case(const char *name, long n)
{
	struct map *m = &maps[0];
	int put = !strcmp(name, "hash-put");
	if (!put && strcmp(name, "hash-get"))
		return 0;
	uint32_t *took = malloc(n * sizeof(*took));
	open_map(m);
	fill(m, 3);
	for (long i = 0; i < n; i++) {
		uint32_t key = (uint32_t)i & MASK;
		uint64_t value = i, before = now();
		checked(put ? map_update(m->fd, &key, &value) : map_lookup(m->fd, &key, &value),
			name);
		took[i] = (uint32_t)(now() - before);
	}
	quantiles(took, n);
	free(took);
	return 1;
}

static int run_case(const char *name, long n)
{
	return map_case(name, n) || ring_case(name, n) || load_case(name, n);
}
