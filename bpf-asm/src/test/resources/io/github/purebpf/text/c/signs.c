/* Sign extensions, in loads, in moves, in divisions. */
struct numbers {
	signed char b;
	short h;
	int w;
	long long dw;
};

long long extended(const struct numbers *n)
{
	return n->b * 3LL + n->h * 5LL + n->w * 7LL + (signed char)n->dw + (short)(n->dw >> 8)
	       + (int)(n->dw >> 16);
}

int mixed(const struct numbers *n, int shift)
{
	int r = (signed char)(n->w >> shift);

	r ^= (short)(n->w << shift);
	return r < 0 ? -r : r;
}
