package io.github.purebpf.bpf.internal.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuListTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"0; 0", "0-3; 0 1 2 3", "0-1,4-5; 0 1 4 5", "2,5,7-7; 2 5 7", "5,0-1; 0 1 5"})
  void readsRangesAndGaps(String text, String numbers) {
    var expected = List.of(numbers.split(" ", -1)).stream().map(Integer::valueOf).toList();
    assertEquals(expected, CpuList.parse(text + "\n").numbers());
    assertEquals(expected.size(), CpuList.parse(text).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\n", "a", "1-", "-1", "3-1", "1-2-3", "1,,2", "1 2", "0-99999", "+1"})
  void refusesWhatIsNoList(String text) {
    var e = assertThrows(IllegalArgumentException.class, () -> CpuList.parse(text));
    assertTrue(e.getMessage().endsWith("is no list of CPUs such as 0-3,5"), e.getMessage());
  }

  /** As the kernel prints a mask. */
  @Property
  void readsEveryMask(@ForAll @NotEmpty Set<@IntRange(max = 300) Integer> cpus) {
    var mask = new BitSet();
    cpus.forEach(mask::set);
    var text =
        IntStream.rangeClosed(0, 300)
            .filter(i -> mask.get(i) && (i == 0 || !mask.get(i - 1)))
            .mapToObj(
                i -> {
                  int end = mask.nextClearBit(i) - 1;
                  return end == i ? "" + i : i + "-" + end;
                })
            .collect(Collectors.joining(","));
    assertEquals(cpus.stream().sorted().toList(), CpuList.parse(text).numbers());
  }

  @Test
  void thisMachineHasAFirstCpu() {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        System.getProperty("os.name").equals("Linux"), "only Linux has /sys");
    assertEquals(0, Kernel.running().possibleCpus().numbers().getFirst());
  }
}
