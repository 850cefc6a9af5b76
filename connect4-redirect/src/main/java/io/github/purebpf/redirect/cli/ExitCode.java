package io.github.purebpf.redirect.cli;

/** How the command ends, for scripts; the numbers are part of its interface. */
enum ExitCode {
  OK(0, "it was done"),
  UNEXPECTED(1, "an error that none of the following describes"),
  USAGE(2, "the command line is wrong"),
  PRIVILEGE(3, "a privilege is missing"),
  CGROUP(4, "DIR is no folder of a cgroup2 hierarchy, or ID is of no container"),
  PIN(5, "the pin folder is not in a BPF file system, or holds no table"),
  IN_USE(6, "the pin folder or the cgroup is in use already"),
  KERNEL(7, "the kernel is too old or was built without a feature"),
  DEMO(8, "a step of the demo did not happen"),
  NOT_MAPPED(9, "the virtual address is not in the table"),
  FULL(10, "the table or the range of addresses is full"),
  WARNING(11, "doctor found something that could be better"),
  PROBLEM(12, "doctor found something that does not work"),
  CONFIG(13, "the file for apply or --config is wrong or cannot be read"),
  LEFT(14, "drain or rebalance has not done all; the rest of the connections stay"),
  INTERRUPTED(15, "a signal has interrupted drain or rebalance"),
  NOT_ATTACHED(16, "the redirector is not attached to the cgroup"),
  NOT_WRITTEN(17, "the file of --out cannot be written");

  private final int status;
  private final String meaning;

  ExitCode(int status, String meaning) {
    this.status = status;
    this.meaning = meaning;
  }

  int status() {
    return status;
  }

  String meaning() {
    return meaning;
  }
}
