/* Loops that the compiler keeps: a checksum, a string search, a table on the stack. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

u32 checksum(const u16 *words, u32 count)
{
	u32 sum = 0;

#pragma clang loop unroll(disable) vectorize(disable)
	for (u32 i = 0; i < count; i++) {
		sum += words[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return ~sum & 0xffff;
}

int search(const char *text, int length, char wanted)
{
#pragma clang loop unroll(disable)
	for (int i = 0; i < length; i++) {
		if (text[i] == wanted)
			return i;
		if (!text[i])
			break;
	}
	return -1;
}

u32 histogram(const u8 *bytes, u32 count)
{
	volatile u32 table[16] = {0};
	u32 most = 0;

#pragma clang loop unroll(disable)
	for (u32 i = 0; i < count; i++)
		table[bytes[i] & 15]++;
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < 16; i++)
		most = table[i] > most ? table[i] : most;
	return most;
}
