package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;

/** Attaches programs to network interfaces. */
final class DeviceLinks {
  private static final Suitability XDP =
      Suitability.of("XDP of an interface", ProgramType.XDP, AttachType.XDP);

  private DeviceLinks() {}

  static BpfLink create(BpfProgram program, AttachPoint.Xdp point) {
    XDP.require(program);
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.FLAGS + Integer.BYTES)
              .u32(Attr.LinkCreate.TARGET_IFINDEX, point.ifindex())
              .u32(Attr.LinkCreate.ATTACH_TYPE, AttachType.XDP.value())
              .u32(Attr.LinkCreate.FLAGS, point.mode().flag());
      return BpfLink.create(
          program,
          Cmd.LINK_CREATE,
          attr,
          "XDP of interface " + point.ifindex(),
          failure ->
              failure
                  .feature(AttachType.XDP.kernelName(), AttachType.XDP.since())
                  .hint(
                      Errno.EINVAL,
                      () ->
                          program.kernel().findInterface(point.ifindex()) == 0
                              ? "the interface takes no such program; is it for a device map?"
                              : absent())
                  .hint(Errno.EBUSY, "another program is attached there; see ip link")
                  .hint(
                      Errno.EEXIST,
                      "another program is attached there in another mode; see ip link")
                  .hint(
                      Errno.ENOSPC,
                      "the driver has too few queues for it; see ethtool -l, or take the mode"
                          + " GENERIC")
                  .hint(
                      Errno.EOPNOTSUPP,
                      "the driver of the interface cannot run programs; take the mode GENERIC"));
    }
  }

  static BpfLink create(BpfProgram program, AttachPoint.Tcx point) {
    var type = point.direction().type();
    Suitability.of("tcx", ProgramType.SCHED_CLS, type).require(program);
    return inList(program, point.ifindex(), type, "tcx", point.order());
  }

  static BpfLink create(BpfProgram program, AttachPoint.Netkit point) {
    var type = point.side().type();
    Suitability.of("netkit", ProgramType.SCHED_CLS, type).require(program);
    return inList(program, point.ifindex(), type, "netkit", point.order());
  }

  private static BpfLink inList(
      BpfProgram program, int ifindex, AttachType type, String place, AttachOrder order) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.TCX_EXPECTED_REVISION + Long.BYTES)
              .u32(Attr.LinkCreate.TARGET_IFINDEX, ifindex)
              .u32(Attr.LinkCreate.ATTACH_TYPE, type.value())
              .u32(Attr.LinkCreate.FLAGS, order.flags())
              .u32(Attr.LinkCreate.TCX_RELATIVE_ID, order.id())
              .u64(Attr.LinkCreate.TCX_EXPECTED_REVISION, order.revision());
      return BpfLink.create(
          program,
          Cmd.LINK_CREATE,
          attr,
          "%s of interface %d".formatted(place, ifindex),
          failure ->
              explain(failure, type)
                  .hint(Errno.ENOENT, "the neighbour is not attached there")
                  .hint(
                      Errno.ESTALE,
                      "others have attached or detached programs there since that revision")
                  .hint(Errno.EEXIST, "the program is attached there already")
                  .hint(Errno.ERANGE, "63 programs are attached there already"));
    }
  }

  /** What is common to attaching there and asking what is attached. */
  static Failure explain(Failure failure, AttachType type) {
    boolean netkit = type == AttachType.NETKIT_PRIMARY || type == AttachType.NETKIT_PEER;
    return failure
        .feature(type.kernelName(), type.since())
        .hint(Errno.ENODEV, absent())
        .hint(
            Errno.EINVAL,
            netkit
                ? "the interface is no netkit device, or this kernel is built without CONFIG_NETKIT"
                : "this kernel is built without CONFIG_NET_XGRESS")
        .hint(Errno.EACCES, "that device is the other end of a pair; name its primary device");
  }

  private static String absent() {
    return "there is no such interface in the network namespace of this thread; attach inside of"
        + " NetworkNamespace.call if it is in another";
  }
}
