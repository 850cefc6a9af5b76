// Appends the CRC-32C of 64 bytes, bit by bit.
#include <linux/bpf.h>

#define WORDS 8
#define POLYNOMIAL 0x82f63b78u

struct message {
  __u64 words[WORDS];  // the first byte lowest
  __u32 crc;
};

__attribute__((section("program"), used)) int crc(struct message *ctx) {
  __u64 words[WORDS];
#pragma clang loop unroll(full)
  for (int i = 0; i < WORDS; i++) words[i] = ((volatile __u64 *)ctx->words)[i];
  __u32 crc = ~0u;
#pragma clang loop unroll(disable)
  for (int i = 0; i < WORDS; i++) {
    __u64 word = words[i];
#pragma clang loop unroll(disable)
    for (int bit = 0; bit < 64; bit++) {
      __u32 low = (crc ^ word) & 1;
      crc = (crc >> 1) ^ (POLYNOMIAL & -low);
      word >>= 1;
    }
  }
  ctx->crc = ~crc;
  return 0;
}
