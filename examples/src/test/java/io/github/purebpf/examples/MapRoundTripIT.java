package io.github.purebpf.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class MapRoundTripIT {
  @Test
  void tellsWhatIsInTheMap() {
    assertEquals(
        """
        web: Value[connects=0, server=1, weight=10]
        added twice: false
        replaced: true
        web: Value[connects=1099511627776, server=1, weight=10]
        removed: true
        dns: Optional.empty
        left: Key[address=2135752705, port=80, protocol=6] -> \
        Value[connects=1099511627776, server=1, weight=10]
        """,
        Printed.by(() -> MapRoundTrip.main(new String[0])));
  }
}
