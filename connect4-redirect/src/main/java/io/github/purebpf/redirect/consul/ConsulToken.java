package io.github.purebpf.redirect.consul;

import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The token that Consul's ACLs ask for. It needs {@code node:read} and {@code service:read} of the
 * service. It travels in a header and is in no address and no message.
 */
public sealed interface ConsulToken {
  /** None: what Consul gives to the anonymous is enough. */
  record Anonymous() implements ConsulToken {}

  /**
   * What a file holds, which is read for each request.
   *
   * @param file space around the token does not matter
   */
  record FromFile(Path file) implements ConsulToken {
    /** Refuses null. */
    public FromFile {
      Objects.requireNonNull(file, "file");
    }
  }

  /**
   * What Consul gives for a login. A new login follows when Consul does not know the token any
   * longer, and a logout when the source is closed, if Consul can be reached.
   *
   * @param method the name of the auth method
   * @param bearer holds what proves who we are, such as the token of a Kubernetes service account;
   *     read for each login
   */
  record FromLogin(String method, Path bearer) implements ConsulToken {
    private static final Pattern METHOD = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    /** Refuses what is no name of an auth method. */
    public FromLogin {
      Objects.requireNonNull(bearer, "bearer");
      if (!METHOD.matcher(method).matches()) {
        throw new IllegalArgumentException(
            "\"%s\" is no auth method: 1 to 128 letters, digits, dashes and underscores"
                .formatted(method));
      }
    }
  }
}
