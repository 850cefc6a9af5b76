/* Atomic operations with and without a result. */
typedef unsigned int u32;
typedef unsigned long long u64;

u64 count(u64 *wide, u32 *narrow, u64 by)
{
	u64 old = __sync_fetch_and_add(wide, by);

	__sync_fetch_and_add(narrow, 3);
	old += __sync_fetch_and_or(wide + 1, by);
	old += __sync_fetch_and_and(wide + 2, by);
	old ^= __sync_fetch_and_xor(narrow + 1, (u32)by);
	old += __sync_lock_test_and_set(wide + 3, by);
	old += __sync_val_compare_and_swap(wide + 4, by, old);
	old += __sync_val_compare_and_swap(narrow + 2, (u32)by, 9);
	return old;
}
