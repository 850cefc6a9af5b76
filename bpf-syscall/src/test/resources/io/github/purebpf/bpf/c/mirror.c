// Sends UDP packets back where they came from, one hop older.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

__attribute__((section("program"), used)) int mirror(struct xdp_md *ctx) {
  void *data = (void *)(long)ctx->data;
  void *end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  struct iphdr *ip = (void *)(eth + 1);
  struct udphdr *udp = (void *)(ip + 1);
  if ((void *)(udp + 1) > end) return XDP_PASS;
  if (eth->h_proto != __constant_htons(ETH_P_IP)) return XDP_PASS;
  if (ip->version != 4 || ip->ihl != 5 || ip->protocol != IPPROTO_UDP) return XDP_PASS;
  if (ip->ttl <= 1) return XDP_DROP;

  for (int i = 0; i < ETH_ALEN; i++) {
    unsigned char byte = eth->h_source[i];
    eth->h_source[i] = eth->h_dest[i];
    eth->h_dest[i] = byte;
  }
  __be32 address = ip->saddr;
  ip->saddr = ip->daddr;
  ip->daddr = address;
  __be16 port = udp->source;
  udp->source = udp->dest;
  udp->dest = port;

  // RFC 1624: the checksum of a header in which one word changes.
  __u16 *words = (__u16 *)ip;
  __u32 sum = (__u16)~ip->check + (__u16)~words[4];
  ip->ttl--;
  sum += words[4];
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  ip->check = ~sum;
  return XDP_TX;
}
