// Writes the Internet checksum of what is behind the Ethernet header to cb[0], the length to cb[1].
#include <asm/byteorder.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#define MOST_WORDS 128

__attribute__((section("program"), used)) int sum(struct __sk_buff *skb) {
  unsigned char *at = (unsigned char *)(long)skb->data + ETH_HLEN;
  unsigned char *end = (unsigned char *)(long)skb->data_end;
  __u32 sum = 0;
  for (int i = 0; i < MOST_WORDS; i++) {
    if (at + 2 > end) break;
    sum += __be16_to_cpu(*(__be16 *)at);
    at += 2;
  }
  if (at + 1 <= end) sum += (__u32)*at << 8;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  skb->cb[0] = ~sum & 0xffff;
  skb->cb[1] = skb->len;
  return TC_ACT_OK;
}
