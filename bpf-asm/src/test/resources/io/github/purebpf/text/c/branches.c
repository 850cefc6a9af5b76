/* Every comparison, and nested control flow. */
typedef unsigned long long u64;
typedef long long s64;

int compare(const u64 *u, const s64 *s, const int *i)
{
	int hits = 0;

	if (u[0] == u[1])
		hits += 1;
	if (u[0] != 17)
		hits ^= 2;
	if (u[1] > u[2])
		hits += u[3] <= 99 ? 4 : 5;
	else if (u[1] < 1000)
		hits |= u[2] & 0x40 ? 8 : 9;
	if (s[0] > s[1] && s[2] >= -5)
		hits += 16;
	if (s[1] < s[2] || s[3] <= s[4])
		hits -= 32;
	if (i[0] > i[1])
		hits += i[2] < -7 ? 64 : 65;
	if ((unsigned int)i[3] >= (unsigned int)i[4])
		hits ^= 128;
	return hits;
}
