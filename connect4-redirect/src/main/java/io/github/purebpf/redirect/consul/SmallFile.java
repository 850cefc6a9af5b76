package io.github.purebpf.redirect.consul;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file with a secret or with certificates, which somebody else may replace at any time. */
final class SmallFile {
  private static final int MAX_LENGTH = 1 << 20;

  private SmallFile() {}

  /** All of it, a char for a byte. */
  static String read(Path file) throws ConsulException {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_LENGTH + 1);
      if (bytes.length > MAX_LENGTH) {
        throw new ConsulException("%s is longer than 1 MiB: is it the right file?".formatted(file));
      }
      return new String(bytes, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new ConsulException("there is no file %s".formatted(file));
    } catch (AccessDeniedException e) {
      throw new ConsulException("%s may not be read: check its permissions".formatted(file));
    } catch (IOException e) {
      throw new ConsulException("cannot read %s: %s".formatted(file, Line.of(e.getMessage())));
    }
  }

  /** One word of printable ASCII, which needs no escapes in JSON and headers. */
  static String readToken(Path file) throws ConsulException {
    var token = read(file).strip();
    if (token.isEmpty()) {
      throw new ConsulException("%s is empty: it must hold a token".formatted(file));
    }
    if (!token.chars().allMatch(c -> c > ' ' && c <= '~' && c != '"' && c != '\\')) {
      throw new ConsulException("%s holds more than one token, or none".formatted(file));
    }
    return token;
  }
}
