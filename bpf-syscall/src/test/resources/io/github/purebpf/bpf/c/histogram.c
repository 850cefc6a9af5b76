// Counts the argument of an event in the slot of its highest bit, and returns the slot.
#include <linux/bpf.h>

#define SLOTS 65

struct {
  int (*type)[BPF_MAP_TYPE_ARRAY];
  int (*max_entries)[SLOTS];
  __u32 *key;
  __u64 *value;
} slots __attribute__((section(".maps"), used));

static void *(*const bpf_map_lookup_elem)(void *, const void *) = (void *)1;

__attribute__((section("program"), used)) int histogram(struct bpf_raw_tracepoint_args *ctx) {
  __u64 value = ctx->args[0];
  __u32 slot = value != 0;
  for (int bits = 32; bits > 0; bits /= 2) {
    if (value >> bits) {
      value >>= bits;
      slot += bits;
    }
  }
  __u64 *count = bpf_map_lookup_elem(&slots, &slot);
  if (!count) return -1;
  __sync_fetch_and_add(count, ctx->args[1]);
  return slot;
}
