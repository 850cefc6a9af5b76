package io.github.purebpf.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramNameTest {
  @ParameterizedTest
  @CsvSource({
    "cgroup_sock_addr/connect4, CGROUP_SOCK_ADDR, CGROUP_INET4_CONNECT",
    "cgroup_sock_addr/cgroup_inet4_connect, CGROUP_SOCK_ADDR, CGROUP_INET4_CONNECT",
    "BPF_PROG_TYPE_CGROUP_SOCK_ADDR/BPF_CGROUP_INET4_CONNECT, CGROUP_SOCK_ADDR, CGROUP_INET4_CONNECT",
    "cgroup_sock_addr/sendmsg6, CGROUP_SOCK_ADDR, CGROUP_UDP6_SENDMSG",
    "cgroup_sock_addr/connect_unix, CGROUP_SOCK_ADDR, CGROUP_UNIX_CONNECT",
    "cgroup_sock/post_bind4, CGROUP_SOCK, CGROUP_INET4_POST_BIND",
    "cgroup_sock/sock_create, CGROUP_SOCK, CGROUP_INET_SOCK_CREATE",
    "cgroup_skb/ingress, CGROUP_SKB, CGROUP_INET_INGRESS",
    "cgroup_sockopt/getsockopt, CGROUP_SOCKOPT, CGROUP_GETSOCKOPT",
    "cgroup_device/device, CGROUP_DEVICE, CGROUP_DEVICE",
    "tracing/fentry, TRACING, TRACE_FENTRY",
    "sk_skb/stream_parser, SK_SKB, SK_SKB_STREAM_PARSER",
    "sk_reuseport/select, SK_REUSEPORT, SK_REUSEPORT_SELECT",
    "sched_cls/tcx_ingress, SCHED_CLS, TCX_INGRESS",
    "xdp/xdp_devmap, XDP, XDP_DEVMAP",
  })
  void readsTheKernelsNamesAndTheShortOnes(String word, ProgramType type, AttachType attach) {
    assertEquals(CheckOptions.of(type, attach), ProgramName.parse(word));
  }

  @Test
  void anAttachTypeWithoutChoiceGoesWithoutSaying() {
    assertEquals(Optional.of(AttachType.SK_LOOKUP), ProgramName.parse("sk_lookup").attachType());
    assertEquals(Optional.empty(), ProgramName.parse("xdp").attachType());
    assertEquals(Optional.empty(), ProgramName.parse("cgroup_sock_addr").attachType());
  }

  @Test
  void everyAttachTypeHasAShortNameThatIsRead() {
    for (var attach : AttachType.values()) {
      var word = "xdp/" + attach.name().toLowerCase(java.util.Locale.ROOT);
      assertEquals(Optional.of(attach), ProgramName.parse(word).attachType());
    }
    for (var attach : new AttachType[] {AttachType.CGROUP_INET6_BIND, AttachType.TRACE_ITER}) {
      assertEquals(
          Optional.of(attach),
          ProgramName.parse("xdp/" + ProgramName.shortName(attach)).attachType());
    }
  }
}
