// The redirector's programs in C, against which those of RedirectPrograms are measured.
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SECTION(name) __attribute__((section(name), used))
#define IPPROTO_TCP 6
#define PROCEED 1

struct bpf_sock_addr {
  u32 user_family;
  u32 user_ip4;
  u32 user_ip6[4];
  u32 user_port;
  u32 family;
  u32 type;
  u32 protocol;
};

struct key {
  u32 address;
  u16 port;
  u16 protocol;
};

struct {
  int (*type)[1];
  int (*max_entries)[65536];
  struct key *key;
  u64 *value;
} redirects SECTION(".maps");

static void *(*const bpf_map_lookup_elem)(void *, const void *) = (void *)1;

SECTION("cgroup/connect4")
int redirect4(struct bpf_sock_addr *ctx) {
  if (ctx->protocol != IPPROTO_TCP) return PROCEED;
  struct key key = {ctx->user_ip4, ctx->user_port, IPPROTO_TCP};
  volatile u64 *found = bpf_map_lookup_elem(&redirects, &key);
  if (found) {
    u64 server = *found;
    ctx->user_ip4 = server;
    ctx->user_port = server >> 32;
  }
  return PROCEED;
}

SECTION("cgroup/connect6")
int redirect6(struct bpf_sock_addr *ctx) {
  if (ctx->protocol != IPPROTO_TCP) return PROCEED;
  if (*(volatile u64 *)&ctx->user_ip6[0] != 0) return PROCEED;
  if (__builtin_bswap32(ctx->user_ip6[2]) != 0xffff) return PROCEED;
  struct key key = {ctx->user_ip6[3], ctx->user_port, IPPROTO_TCP};
  volatile u64 *found = bpf_map_lookup_elem(&redirects, &key);
  if (found) {
    u64 server = *found;
    ctx->user_ip6[3] = server;
    ctx->user_port = server >> 32;
  }
  return PROCEED;
}
