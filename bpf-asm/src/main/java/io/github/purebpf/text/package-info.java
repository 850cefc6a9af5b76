/**
 * Programs as text, in the dialects of the kernel and of LLVM.
 *
 * <p>{@link io.github.purebpf.text.AsmText} reads and prints whole programs; what it prints, it
 * reads back to the same bytes, whatever the bytes are. {@link io.github.purebpf.text.KernelText}
 * prints single instructions and listings as the verifier's log does. A text that cannot be read is
 * a {@link io.github.purebpf.text.TextException}, which shows each place.
 *
 * <p>A text, as a grammar; {@code N} is a number or a sum or product of numbers:
 *
 * <pre>{@code
 * line    = [LABEL ":"]... [insn | directive] [comment]
 * insn    = reg op= reg|N | reg = -reg | reg = (s8|s16|s32) reg | reg = le16|..|bswap64 reg
 *         | reg = *(type *)mem | *(type *)mem = reg|N | r0 = *(type *)skb[N] | lock *(type *)mem op= reg
 *         | reg = N ll | reg = NAME ll | reg = map[NAME]...
 *         | goto to | gotol to | may_goto to | if reg cond reg|N goto to | gotox reg
 *         | call NAME | call N | call pc+N | callx reg | exit
 *         | reg = atomic_..(..) | store_release(..) | reg = load_acquire(..) | ...
 * mem     = "(" reg [+ N | - N] ")"
 * to      = LABEL | pc+N | +N
 * directive = .section NAME | .license NAME|STRING | .map NAME TYPE N N N [FLAG["|"FLAG]...]
 * }</pre>
 */
package io.github.purebpf.text;
