// The connect4 program in C, against which the one of ConnectProgram is measured: the same maps, the
// same work. A map is its number; the test puts the map in its place.
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SECTION(name) __attribute__((section(name), used))
#define VIPS ((void *)0x7a00000000001ULL)
#define SERVICES ((void *)0x7a00000000002ULL)
#define MEMBERS ((void *)0x7a00000000003ULL)
#define BACKENDS ((void *)0x7a00000000004ULL)
#define SOCKETS ((void *)0x7a00000000005ULL)
#define HOLDERS ((void *)0x7a00000000006ULL)
#define EVENTS ((void *)0x7a00000000007ULL)
#define PLAIN ((void *)0x7a00000000008ULL)
#define META ((volatile struct meta *)0x7a00000000009ULL)
#define IPPROTO_TCP 6
#define PROCEED 1
#define MOST_MEMBERS 64

enum { SINGLE, WEIGHTED, ROUND_ROBIN, LEAST_CONNECTIONS, STICKY_CONTAINER, STICKY_SOCKET };
enum { CONNECTING = 1, ESTABLISHED, ADOPTED };
enum { EVENT_FAILED = 2, EVENT_CLOSED, EVENT_REFUSED };

struct bpf_sock_addr {
  u32 user_family, user_ip4, user_ip6[4], user_port, family, type, protocol, msg_src_ip4,
      msg_src_ip6[4];
  u64 sk;
};
struct key {
  u32 address;
  u16 port, protocol;
};
struct service {
  u64 vip, head, probes, cursor, refused, untracked, spare, spare2;
};
struct member {
  u32 backend, weight, cumulative, spare;
};
struct backend {
  u64 word, load, attempted, established, failed, open, service, uncounted;
};
struct socket {
  u64 vip, state;
  u32 backend, held;
  u64 cgroup, process, since;
};
struct holder_key {
  u64 cgroup;
  u32 backend, spare;
};
struct holder {
  u64 open, since;
};
struct meta {
  u64 layout, epoch, generation, owner_pid, owner_pid_namespace, folders_made, options, heard_until,
      unheard;
};
struct event {
  u64 kind, at, vip, server, cgroup, process, since;
};

static void *(*const map_lookup)(void *, const void *) = (void *)1;
static u64 (*const ktime)(void) = (void *)5;
static u32 (*const prandom)(void) = (void *)7;
static u64 (*const pid_tgid)(void) = (void *)14;
static u64 (*const cookie)(void *) = (void *)46;
static long (*const setsockopt)(void *, int, int, void *, int) = (void *)49;
static u64 (*const cgroup_id)(void) = (void *)80;
static void *(*const sk_storage_get)(void *, u64, void *, u64) = (void *)107;
static long (*const ringbuf_output)(void *, void *, u64, u64) = (void *)130;
static long (*const set_retval)(long) = (void *)187;

#define add(place, n) ((void)__sync_fetch_and_add(place, n))

static __attribute__((always_inline)) u64 now_if_heard(void) {
  u64 until = META->heard_until, now;
  return until && (now = ktime()) < until ? now : 0;
}

static __attribute__((always_inline)) void output(struct event *event) {
  if (ringbuf_output(EVENTS, event, sizeof *event, 0)) add(&META->unheard, 1);
}

static __attribute__((always_inline)) void settle(struct socket *socket, u64 state) {
  u32 index = socket->backend;
  struct backend *backend = map_lookup(BACKENDS, &index);
  if (!backend) return;
  struct event event = {.kind = EVENT_CLOSED, .server = backend->word};
  add(&backend->load, -1);
  if (state == CONNECTING) {
    add(&backend->failed, 1);
    event.kind = EVENT_FAILED;
  } else {
    add(&backend->open, -1);
    if (socket->held) {
      socket->held = 0;
      struct holder_key key = {socket->cgroup, socket->backend, 0};
      struct holder *holder = map_lookup(HOLDERS, &key);
      if (holder) add(&holder->open, -1);
    }
  }
  event.at = now_if_heard();
  if (!event.at) return;
  event.vip = socket->vip;
  event.cgroup = socket->cgroup;
  event.process = socket->process;
  event.since = socket->since;
  output(&event);
}

static __attribute__((always_inline)) void option(void *ctx, int level, int name, u32 value) {
  setsockopt(ctx, level, name, &value, sizeof value);
}

SECTION("cgroup/connect4")
int redirect4(struct bpf_sock_addr *ctx) {
  if (ctx->protocol != IPPROTO_TCP) return PROCEED;
  union {
    struct key fields;
    u64 word;
  } key = {.fields = {ctx->user_ip4, ctx->user_port, IPPROTO_TCP}};
  u32 *slot = map_lookup(VIPS, &key);
  if (!slot) return PROCEED;
  u32 index = *(volatile u32 *)slot;
  struct service *service = map_lookup(SERVICES, &index);
  if (!service || *(volatile u64 *)&service->vip != key.word) return PROCEED;

  u64 head = *(volatile u64 *)&service->head;
  u32 first = head, count = head >> 32 & 0xffff, policy = head >> 48 & 0xff;
  u32 chosen = -1;
  struct backend *backend = 0;
  if (count == 0) {
  none:
    add(&service->refused, 1);
    struct event event = {EVENT_REFUSED, now_if_heard(), key.word};
    if (event.at) {
      event.since = event.at;
      event.cgroup = cgroup_id();
      event.process = pid_tgid();
      output(&event);
    }
    u64 error = *(volatile u64 *)&service->head >> 56;
    if (!error) return PROCEED;
    set_retval(-error);
    return 0;
  }
  if (policy < LEAST_CONNECTIONS) {
    u64 point = 0;
    if (policy != SINGLE) {
      index = first + count - 1;
      struct member *last = map_lookup(MEMBERS, &index);
      if (last) {
        u64 sum = last->cumulative;
        if (policy == ROUND_ROBIN)
          point = __sync_fetch_and_add(&service->cursor, 1) % sum;
        else
          point = prandom() * sum >> 32;
      }
    }
    for (u32 i = 0; i < MOST_MEMBERS; i++) {
      if (i >= count) goto none;
      index = first + i;
      struct member *member = map_lookup(MEMBERS, &index);
      if (!member) goto none;
      chosen = member->backend;
      if (member->cumulative > point) break;
    }
    backend = map_lookup(BACKENDS, &chosen);
    if (!backend) goto none;
    add(&backend->load, 1);
  } else {
    u64 client = 0;
    if (policy != LEAST_CONNECTIONS)
      client = (policy == STICKY_SOCKET ? cookie(ctx) : cgroup_id()) * 0x9e3779b97f4a7c15ULL;
    // Without the second look at a server that another connect took in between: what clang makes of
    // that loop is too much for the verifier. Theirs does a little less than ours.
    {
      u32 start = (u64)prandom() * count >> 32;
      u64 best = -1;
      for (u32 i = 0; i < MOST_MEMBERS; i++) {
        if (i >= count) break;
        index = start + i;
        if (index >= count) index -= count;
        index += first;
        struct member *member = map_lookup(MEMBERS, &index);
        if (!member) break;
        u32 candidate = member->backend, weight = member->weight;
        struct backend *other = map_lookup(BACKENDS, &candidate);
        if (!other) break;
        u64 score;
        if (policy == LEAST_CONNECTIONS) {
          score = (*(volatile u64 *)&other->load + 1 << 20) / weight;
        } else {
          score = other->word * 0xbf58476d1ce4e5b9ULL ^ client;
          score ^= score >> 32;
          score = score * 0x9e3779b97f4a7c15ULL >> 1;
        }
        if (score < best) {
          best = score;
          chosen = candidate;
        }
      }
      backend = map_lookup(BACKENDS, &chosen);
      if (!backend) goto none;
      add(&backend->load, 1);
    }
  }

  add(&backend->attempted, 1);
  struct socket *socket = sk_storage_get(SOCKETS, ctx->sk, 0, 1);
  if (!socket) {
    add(&backend->load, -1);
    add(&service->untracked, 1);
  } else {
    u64 state = __sync_lock_test_and_set(&socket->state, 0);
    if (state) settle(socket, state);
    socket->backend = chosen;
    socket->vip = key.word;
    socket->cgroup = cgroup_id();
    socket->process = pid_tgid();
    socket->since = ktime();
    socket->state = CONNECTING;
  }
  u64 probes = *(volatile u64 *)&service->probes;
  if (probes) {
    option(ctx, 1, 9, 1);
    option(ctx, 6, 4, probes & 0xffff);
    option(ctx, 6, 5, probes >> 16 & 0xffff);
    option(ctx, 6, 6, probes >> 32 & 0xff);
    if (probes >> 40) option(ctx, 6, 18, probes >> 40);
  }
  u64 word = *(volatile u64 *)&backend->word;
  ctx->user_ip4 = word;
  ctx->user_port = word >> 32;
  return PROCEED;
}

// Finds an address and writes another, and nothing else.
SECTION("cgroup/connect4_plain")
int plain(struct bpf_sock_addr *ctx) {
  u32 address = ctx->user_ip4;
  u32 *server = map_lookup(PLAIN, &address);
  if (server) ctx->user_ip4 = *server;
  return PROCEED;
}
