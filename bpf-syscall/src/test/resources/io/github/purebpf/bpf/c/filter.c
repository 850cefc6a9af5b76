// Keeps the headers of TCP and the whole of UDP to one port, by loads from packets as of old.
#include <linux/bpf.h>
#include <linux/in.h>

#define PORT 8502

unsigned long long load_byte(void *skb, unsigned long long at) asm("llvm.bpf.load.byte");
unsigned long long load_half(void *skb, unsigned long long at) asm("llvm.bpf.load.half");

__attribute__((section("program"), used)) int filter(struct __sk_buff *skb) {
  unsigned long long protocol = load_byte(skb, 9);
  unsigned long long header = (load_byte(skb, 0) & 15) * 4;
  if (protocol == IPPROTO_TCP) return header + 20;
  if (protocol != IPPROTO_UDP) return 0;
  return load_half(skb, header + 2) == PORT ? skb->len : 0;
}
