package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.redirect.AlreadyPinnedException;
import io.github.purebpf.redirect.ContainerIdException;
import io.github.purebpf.redirect.EventsTakenException;
import io.github.purebpf.redirect.OwnedException;
import io.github.purebpf.redirect.PinException;
import io.github.purebpf.redirect.TableBusyException;
import io.github.purebpf.redirect.TableFullException;
import io.github.purebpf.redirect.TakenOverException;
import io.github.purebpf.redirect.controller.RangeFullException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;

/**
 * What an exception means to the user of the command.
 *
 * @param exitCode how the command ends
 * @param sentence what happened and what to do about it, in one line
 */
record Diagnosis(ExitCode exitCode, String sentence) {
  private static final String AS_ROOT =
      "; run it as root, or with the capabilities CAP_BPF and CAP_NET_ADMIN";

  static Diagnosis of(Throwable e) {
    return switch (e) {
      case CommandException command -> new Diagnosis(command.exitCode(), line(e));
      case MissingPrivilegeException _ -> new Diagnosis(ExitCode.PRIVILEGE, line(e) + AS_ROOT);
      case AccessDeniedException denied ->
          new Diagnosis(ExitCode.PRIVILEGE, denied.getFile() + " is not accessible" + AS_ROOT);
      case UncheckedIOException unchecked -> of(unchecked.getCause());
      case ContainerIdException _ -> new Diagnosis(ExitCode.CGROUP, line(e));
      case NotCgroup2Exception _ -> new Diagnosis(ExitCode.CGROUP, line(e));
      case UnsupportedKernelException _ -> new Diagnosis(ExitCode.KERNEL, line(e));
      case VerifierException _ -> new Diagnosis(ExitCode.KERNEL, line(e));
      case PinException _ -> new Diagnosis(ExitCode.PIN, line(e));
      case EventsTakenException _ -> new Diagnosis(ExitCode.IN_USE, line(e));
      case OwnedException _ -> new Diagnosis(ExitCode.IN_USE, line(e));
      case TakenOverException _ -> new Diagnosis(ExitCode.IN_USE, line(e));
      case TableBusyException _ -> new Diagnosis(ExitCode.IN_USE, line(e));
      case AlreadyPinnedException _ -> new Diagnosis(ExitCode.IN_USE, line(e));
      case RangeFullException _ -> new Diagnosis(ExitCode.FULL, line(e));
      case TableFullException _ -> new Diagnosis(ExitCode.FULL, line(e));
      case KernelErrorException error -> new Diagnosis(exitCode(error), line(e));
      default -> new Diagnosis(ExitCode.UNEXPECTED, e.getClass().getSimpleName() + ": " + line(e));
    };
  }

  private static ExitCode exitCode(KernelErrorException error) {
    return switch (error.command() + " " + error.errnoName()) {
      case "BPF_OBJ_GET EPERM", "BPF_OBJ_GET EACCES", "BPF_OBJ_PIN EPERM", "BPF_OBJ_PIN EACCES" ->
          ExitCode.PRIVILEGE;
      case "BPF_LINK_CREATE EPERM", "BPF_LINK_CREATE E2BIG" -> ExitCode.IN_USE;
      default -> ExitCode.UNEXPECTED;
    };
  }

  /** The message of an exception in one line. */
  static String line(Throwable e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
  }
}
