package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ListCommandTest {
  @Test
  void theJsonOfAnEmptyTableHasAnEmptyList() {
    assertEquals("{\"mappings\":[]}", ListCommand.json(new TreeMap<>()));
  }

  @Test
  void theJsonIsOrderedByVirtualAddress() {
    var mappings = new TreeMap<VirtualAddress, Server>();
    mappings.put(VirtualAddress.parse("10.0.0.1:80"), Server.parse("10.1.2.3:8080"));
    mappings.put(VirtualAddress.parse("9.0.0.1:443"), Server.parse("10.1.2.4:8443"));
    assertEquals(
        "{\"mappings\":["
            + "{\"vip\":{\"address\":\"9.0.0.1\",\"port\":443},\"protocol\":\"tcp\","
            + "\"server\":{\"address\":\"10.1.2.4\",\"port\":8443}},"
            + "{\"vip\":{\"address\":\"10.0.0.1\",\"port\":80},\"protocol\":\"tcp\","
            + "\"server\":{\"address\":\"10.1.2.3\",\"port\":8080}}]}",
        ListCommand.json(mappings));
  }
}
