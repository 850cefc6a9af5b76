package io.github.purebpf.bpf.inspect;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NetworkNamespace;
import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.query.AttachedList.Detail;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachType;
import java.nio.file.Path;
import java.util.List;

/**
 * Which programs are attached to a cgroup, a network namespace or an interface, whoever attached
 * them ({@code BPF_PROG_QUERY}, Linux 4.15).
 *
 * <p>Each answer holds the hooks at which there is a program. Hooks that the kernel does not have
 * are left out.
 */
public final class Attachments {
  private Attachments() {}

  /**
   * What is attached to this very cgroup.
   *
   * @param cgroup a directory in a cgroup2 file system
   * @throws NotCgroup2Exception if it is no such directory
   * @throws MissingPrivilegeException without CAP_NET_ADMIN
   */
  public static List<AttachedPrograms> ofCgroup(Path cgroup) {
    return ofCgroup(Kernel.running(), cgroup);
  }

  static List<AttachedPrograms> ofCgroup(Kernel kernel, Path cgroup) {
    return new CgroupPrograms(kernel, Cgroup2.require(cgroup).path()).attached();
  }

  /**
   * What runs for the processes of a cgroup: the programs attached to it and those that it inherits
   * from the cgroups above ({@code BPF_F_QUERY_EFFECTIVE}).
   *
   * <p>The kernel tells only which programs run, and in which order. Where each is attached is
   * looked up in the cgroups above as far as this process sees them; a program that is attached to
   * several is taken to run in the order from here upwards.
   *
   * @param cgroup a directory in a cgroup2 file system
   * @throws NotCgroup2Exception if it is no such directory
   * @throws MissingPrivilegeException without CAP_NET_ADMIN
   */
  public static List<AttachedPrograms> effectiveInCgroup(Path cgroup) {
    return effectiveInCgroup(Kernel.running(), cgroup);
  }

  static List<AttachedPrograms> effectiveInCgroup(Kernel kernel, Path cgroup) {
    return new CgroupPrograms(kernel, Cgroup2.require(cgroup).path()).effective();
  }

  /**
   * What is attached to a network namespace: {@link AttachType#FLOW_DISSECTOR} (Linux 4.20) and
   * {@link AttachType#SK_LOOKUP} (5.9).
   *
   * @throws MissingPrivilegeException without CAP_NET_ADMIN
   */
  public static List<AttachedPrograms> ofNetworkNamespace(NetworkNamespace namespace) {
    var kernel = Kernel.running();
    return namespace.withFd(
        fd ->
            new HookQuery(kernel, namespace.toString(), fd)
                .all(List.of(AttachType.FLOW_DISSECTOR, AttachType.SK_LOOKUP), Detail.IDS));
  }

  /**
   * What tcx runs for an interface (Linux 6.6), and for a netkit device (6.7).
   *
   * @param ifindex its number in the network namespace of this thread
   * @throws MissingPrivilegeException without CAP_NET_ADMIN
   * @throws KernelErrorException if there is no such interface (ENODEV)
   */
  public static List<AttachedPrograms> ofInterface(int ifindex) {
    return ofInterface(Kernel.running(), ifindex);
  }

  static List<AttachedPrograms> ofInterface(Kernel kernel, int ifindex) {
    return new HookQuery(kernel, "interface " + ifindex, ifindex)
        .all(
            List.of(
                AttachType.TCX_INGRESS,
                AttachType.TCX_EGRESS,
                AttachType.NETKIT_PRIMARY,
                AttachType.NETKIT_PEER),
            Detail.LINKS);
  }
}
