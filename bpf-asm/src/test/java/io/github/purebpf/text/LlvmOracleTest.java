package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnDecoder;
import io.github.purebpf.insn.InsnEncoder;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Slot;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our LLVM dialect against llvm-mc 22, for every form and for random operands. */
class LlvmOracleTest {
  private static final List<ByteOrder> ORDERS =
      List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);

  private static final Pattern ENCODING = Pattern.compile("# encoding: \\[([^]]*)]");

  /** What LLVM prints for bytes that it has no text for; see docs/text-dialects.md. */
  private static String asLlvmPrints(String ours) {
    return ours.replace("goto_or_nop", "may_goto") // the source register is not looked at
        .replaceFirst("call pc\\+?", "call ") // nor is it here
        .replaceFirst("call kfunc\\[(-?\\d+)(:\\d+)?]", "call $1")
        .replaceFirst("(skb\\[r\\d+) \\+ -?\\d+]", "$1]") // nor is the constant
        .replaceFirst("(ld_pseudo r\\d, \\d, \\d+), \\d+$", "$1"); // nor is the second slot
  }

  /** What llvm-mc takes that is the same to it. */
  private static boolean isReadByLlvm(Insn insn) {
    // It takes 16 bits of a numeric offset even here.
    boolean isLong = insn instanceof LongJump(int offset) && offset != (short) offset;
    var text = AsmText.print(insn, Dialect.LLVM);
    return !(insn instanceof RawInsn) && !isLong && text.equals(asLlvmPrints(text));
  }

  @Test
  void everyFormIsAssembledToOurBytes() throws IOException, InterruptedException {
    for (var order : ORDERS) {
      compareBytes(forms().stream().filter(LlvmOracleTest::isReadByLlvm).toList(), order);
    }
  }

  @Test
  void everyFormIsDisassembledToOurText() throws IOException, InterruptedException {
    for (var order : ORDERS) {
      compareTexts(forms().stream().filter(insn -> !(insn instanceof RawInsn)).toList(), order);
    }
  }

  @ParameterizedTest
  @MethodSource("orders")
  void randomOperandsAreAssembledToOurBytes(ByteOrder order)
      throws IOException, InterruptedException {
    var insns = variants();
    compareBytes(insns.stream().filter(LlvmOracleTest::isReadByLlvm).toList(), order);
  }

  @ParameterizedTest
  @MethodSource("orders")
  void randomOperandsAreDisassembledToOurText(ByteOrder order)
      throws IOException, InterruptedException {
    var insns = variants();
    compareTexts(insns, order);
  }

  /** A program with labels; gotol by label has no 16-bit limit there. */
  @ParameterizedTest
  @MethodSource("orders")
  void aWholeProgramIsAssembledToOurBytes(ByteOrder order)
      throws IOException, InterruptedException {
    var insns = variants();
    var readable = new ArrayList<Insn>();
    for (var insn : insns) {
      // The address of a function is a relocation there.
      boolean isCallback = insn instanceof LoadImm64(var _, Imm64.Function _);
      boolean isJump = insn instanceof Jump || insn instanceof LongJump;
      if (isReadByLlvm(insn) && !isJump && !isCallback) {
        readable.add(insn);
        readable.add(new Jump(-readable.size() / 2));
        readable.add(new LongJump(-readable.size() / 3));
      }
    }
    var code = BpfCode.of(readable);
    var folder = Files.createTempDirectory("purebpf-oracle");
    try {
      Oracle.find("llvm-mc-22")
          .run(
              folder,
              AsmText.print(code, Dialect.LLVM),
              triple(order),
              "-mcpu=v4",
              "-filetype=obj",
              "-o",
              "a.o");
      Oracle.find("llvm-objcopy-22").run(folder, "", "-O", "binary", "-j", ".text", "a.o", "a.bin");
      compare(code, order, Files.readAllBytes(folder.resolve("a.bin")));
    } finally {
      delete(folder);
    }
  }

  private static void compare(BpfCode code, ByteOrder order, byte[] theirs) {
    var ours = code.encode(order);
    int at = Arrays.mismatch(ours, theirs);
    if (at >= 0) {
      var listing = KernelText.listing(BpfCode.decode(ours, order)).lines().toList();
      var place =
          listing.stream().filter(line -> line.strip().startsWith(at / 8 + ":")).findFirst();
      fail("byte " + at % 8 + " of " + place.orElse("slot " + at / 8));
    }
  }

  static List<ByteOrder> orders() {
    return ORDERS;
  }

  /** Every form with other registers, offsets and constants, as far as these make one. */
  private static List<Insn> variants() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var insns = new ArrayList<Insn>();
    for (var form : forms()) {
      var slot = form instanceof RawInsn ? new Slot(0, 0, 0, 0, 0) : InsnEncoder.slot(form);
      for (int i = 0; i < 24; i++) {
        boolean keeps = form instanceof LoadImm64 || random.nextBoolean();
        var other =
            new Slot(
                slot.opcode(),
                random.nextInt(11),
                keeps ? slot.src() : random.nextInt(11),
                random.nextBoolean() ? slot.offset() : random.nextInt() >> 16,
                random.nextBoolean() ? slot.imm() : random.nextInt() >> random.nextInt(32));
        var second = new Slot(0, 0, 0, 0, random.nextBoolean() ? 0 : random.nextInt());
        var insn = InsnDecoder.decode(List.of(other, second)).getFirst();
        if (!(insn instanceof RawInsn)) {
          insns.add(insn);
        }
      }
    }
    assertTrue(insns.size() > 1000, () -> insns.size() + " variants of seed " + seed);
    return insns;
  }

  private static void compareBytes(List<Insn> insns, ByteOrder order)
      throws IOException, InterruptedException {
    var text = new StringBuilder();
    insns.forEach(insn -> text.append(AsmText.print(insn, Dialect.LLVM)).append('\n'));
    var out = llvmMc(text.toString(), triple(order), "-mcpu=v4", "-show-encoding");
    var theirs = new ArrayList<String>();
    for (var line : out.lines().toList()) {
      var matcher = ENCODING.matcher(line);
      if (matcher.find()) {
        theirs.add(matcher.group(1).replaceAll("0x|,", ""));
      }
    }
    assertEquals(insns.size(), theirs.size());
    for (int i = 0; i < theirs.size(); i++) {
      var insn = insns.get(i);
      assertEquals(theirs.get(i), hex(insn, order), AsmText.print(insn, Dialect.LLVM));
    }
  }

  private static void compareTexts(List<Insn> insns, ByteOrder order)
      throws IOException, InterruptedException {
    var bytes = new StringBuilder();
    for (var insn : insns) {
      bytes.append(hex(insn, order).replaceAll("(..)", "0x$1 ")).append('\n');
    }
    var out = llvmMc(bytes.toString(), triple(order), "--disassemble", "-mattr=+alu32");
    var theirs = out.lines().map(line -> line.strip().replaceAll("\\s+", " ")).toList();
    assertEquals(insns.size(), theirs.size());
    for (int i = 0; i < theirs.size(); i++) {
      var ours = AsmText.print(insns.get(i), Dialect.LLVM);
      assertEquals(theirs.get(i), asLlvmPrints(ours), ours);
    }
  }

  private static String llvmMc(String input, String... arguments)
      throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("purebpf-oracle");
    try {
      return Oracle.find("llvm-mc-22").run(folder, input, arguments);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private static List<Insn> forms() {
    return Forms.all().stream()
        .map(form -> BpfCode.decode(form.bytes(), ByteOrder.LITTLE_ENDIAN).insns().getFirst())
        .toList();
  }

  private static String triple(ByteOrder order) {
    return order == ByteOrder.LITTLE_ENDIAN ? "-triple=bpfel" : "-triple=bpfeb";
  }

  private static String hex(Insn insn, ByteOrder order) {
    return HexFormat.of().formatHex(BpfCode.of(List.of(insn)).encode(order));
  }
}
