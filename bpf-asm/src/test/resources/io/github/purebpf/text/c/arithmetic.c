/* Every operator on 32 and 64 bits, signed and unsigned, by register and by constant. */
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

struct operands {
	u64 a, b;
	s64 c, d;
	u32 e, f;
	s32 g, h;
};

u64 wide(struct operands *o)
{
	u64 r = o->a * o->b + o->a / (o->b | 1) + o->a % (o->b | 1);
	r ^= (o->a << (o->b & 63)) | (o->a >> (o->b & 63));
	r -= (u64)(o->c >> (o->d & 63)) & ~o->a;
	r += (o->a << 7) ^ (o->b >> 9) ^ (u64)(o->c >> 3);
	r += 0xfedcba9876543210ULL;
	return -r * 1000003;
}

u32 narrow(struct operands *o)
{
	u32 r = o->e * o->f + o->e / (o->f | 1) + o->e % (o->f | 1);
	r ^= (o->e << (o->f & 31)) | (o->e >> (o->f & 31));
	r -= (u32)(o->g >> (o->h & 31)) & ~o->e;
	r += (o->e << 7) ^ (o->f >> 9) ^ (u32)(o->g >> 3);
	r += 0xfedcba98;
	return -r * 1000003;
}
