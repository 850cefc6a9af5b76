// Refuses TCP to a range of ports of 10.0.0.0/8.
#include <asm/byteorder.h>
#include <linux/bpf.h>
#include <linux/in.h>

__attribute__((section("program"), used)) int steer(struct bpf_sk_lookup *ctx) {
  if (ctx->family != 2 || ctx->protocol != IPPROTO_TCP) return SK_PASS;
  if ((ctx->local_ip4 & __constant_htonl(0xff000000)) != __constant_htonl(10 << 24)) return SK_PASS;
  return ctx->local_port >= 8000 && ctx->local_port < 9000 ? SK_DROP : SK_PASS;
}
