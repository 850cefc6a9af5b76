/* A program as it is loaded: maps, helpers by number, a kfunc, a callback, a licence. */
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))

struct {
	int (*type)[1];
	u32 *key;
	u64 *value;
	int (*max_entries)[16];
} services SEC(".maps");

static void *(*map_lookup_elem)(void *map, const void *key) = (void *)1;
static u64 (*ktime_get_ns)(void) = (void *)5;
static long (*loop)(u32 count, void *callback, void *context, u64 flags) = (void *)181;
extern void bpf_rcu_read_lock(void) SEC(".ksyms");
extern void bpf_rcu_read_unlock(void) SEC(".ksyms");

static __attribute__((noinline)) int add(u32 index, u64 *sum)
{
	*sum += index;
	return 0;
}

SEC("cgroup/connect4") int watch(u32 *context)
{
	u32 key = context[1];
	u64 sum = ktime_get_ns();
	u64 *value;

	bpf_rcu_read_lock();
	value = map_lookup_elem(&services, &key);
	bpf_rcu_read_unlock();
	loop(10, add, &sum, 0);
	if (value)
		__sync_fetch_and_add(value, sum);
	return 1;
}

char licence[] SEC("license") = "GPL; # not a comment";
