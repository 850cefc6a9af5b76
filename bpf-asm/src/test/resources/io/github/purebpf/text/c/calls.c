/* Functions of one section that call each other, before and behind the caller. */
typedef unsigned long long u64;

static __attribute__((noinline)) u64 twice(u64 n);

__attribute__((noinline)) u64 entry(const u64 *n)
{
	return twice(n[0]) ^ twice(n[1] + 1);
}

static __attribute__((noinline)) u64 once(u64 n)
{
	return n * 31 + (n >> 7);
}

static __attribute__((noinline)) u64 twice(u64 n)
{
	return once(once(n)) + n;
}
