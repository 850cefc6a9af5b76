package io.github.purebpf.redirect.cli.doctor;

import io.github.purebpf.redirect.PersistentState;
import io.github.purebpf.redirect.PinnedAttachment;
import io.github.purebpf.redirect.cli.text.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a redirector that needs no process is attached. */
final class AttachmentFindings {
  private AttachmentFindings() {}

  static List<Finding> of(Path pin, PersistentState state) {
    var findings = new ArrayList<Finding>();
    var options = state.options();
    findings.add(
        Finding.ok(
            "pinned",
            "a redirector that needs no process; %s, scope %s, getpeername tells the %s"
                .formatted(
                    state.owner().map(owner -> "its owner is " + owner).orElse("nobody owns it"),
                    Words.of(options.scope()),
                    options.peerName() ? "virtual address" : "server")));
    if (state.attachments().isEmpty()) {
      findings.add(
          Finding.warning(
              "attached",
              "the redirector of %s is attached to no cgroup".formatted(pin),
              "connect4-redirect attach --pin %s --cgroup DIR".formatted(pin)));
    }
    state.attachments().forEach(attachment -> findings.add(attachment(pin, attachment)));
    return findings;
  }

  private static Finding attachment(Path pin, PinnedAttachment attachment) {
    var path = attachment.path();
    return switch (attachment.state()) {
      case WORKING -> Finding.ok("attached", path + " is redirected");
      case INCOMPLETE ->
          Finding.problem(
              "attached",
              path + " is attached in part: somebody has removed pins or links",
              "connect4-redirect attach --pin " + pin);
      case GONE ->
          Finding.warning(
              "attached",
              path + " was removed, or is not seen from here",
              ("if it was made again: connect4-redirect attach --pin %s; else"
                      + " connect4-redirect detach --pin %s --cgroup %s")
                  .formatted(pin, pin, path));
    };
  }
}
