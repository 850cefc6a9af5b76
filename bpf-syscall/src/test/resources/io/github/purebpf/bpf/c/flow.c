// Finds addresses and ports behind an IPv4 header with options.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

__attribute__((section("program"), used)) int flow(struct __sk_buff *skb) {
  void *end = (void *)(long)skb->data_end;
  struct bpf_flow_keys *keys = (void *)(long)skb->flow_keys;
  struct iphdr *ip = (void *)(long)skb->data + ETH_HLEN;
  if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5) return BPF_DROP;
  struct udphdr *ports = (void *)ip + ip->ihl * 4;
  if ((void *)(ports + 1) > end) return BPF_DROP;
  keys->addr_proto = ETH_P_IP;
  keys->ip_proto = ip->protocol;
  keys->thoff = keys->nhoff + ip->ihl * 4;
  keys->is_frag = (ip->frag_off & __constant_htons(0x3fff)) != 0;
  keys->ipv4_src = ip->saddr;
  keys->ipv4_dst = ip->daddr;
  keys->sport = ports->source;
  keys->dport = ports->dest;
  return BPF_OK;
}
