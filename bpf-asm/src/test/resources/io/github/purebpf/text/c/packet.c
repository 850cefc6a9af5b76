/* Fields of all widths in network order. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct header {
	u8 version, flags;
	u16 length;
	u32 source, target;
	u64 token;
};

u64 parse(struct header *h)
{
	if (h->version != 4 || __builtin_bswap16(h->length) < sizeof(*h))
		return 0;
	h->flags |= 0x80;
	h->source = __builtin_bswap32(0x7f000001);
	h->token = __builtin_bswap64(h->token + 1);
	h->length = 7;
	h->version = 6;
	return (u64)__builtin_bswap32(h->target) << 32 | __builtin_bswap16(h->length);
}
