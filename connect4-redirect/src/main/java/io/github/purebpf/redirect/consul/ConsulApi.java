package io.github.purebpf.redirect.consul;

import io.github.purebpf.redirect.consul.Http.Reply;
import io.github.purebpf.redirect.json.JsonException;
import io.github.purebpf.redirect.json.JsonReader;
import io.github.purebpf.redirect.json.JsonValue.JsonObject;
import io.github.purebpf.redirect.json.JsonValue.JsonString;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The requests to Consul that we make, with the token that they need. */
final class ConsulApi {
  private static final Duration LOGOUT = Duration.ofSeconds(2);
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}");
  private static final Pattern SECRET = Pattern.compile("[!-~]{1,1024}");

  private final ConsulOptions options;
  private final Duration prompt;
  private final Http http;

  /** What the last request carried. */
  private Optional<String> used = Optional.empty();

  /** What the last login gave. */
  private Optional<String> given = Optional.empty();

  /**
   * @param prompt how long an answer may take that Consul does not hold back
   */
  ConsulApi(ConsulOptions options, Duration prompt, Http http) {
    this.options = options;
    this.prompt = prompt;
    this.http = http;
  }

  /**
   * Asks for the instances that pass.
   *
   * @param index what to wait for a change of; 0 for an answer at once
   * @param wait at most so long
   */
  Health health(URI address, long index, Duration wait)
      throws ConsulException, InterruptedException {
    boolean had = given.isPresent();
    var reply = askHealth(address, index, wait);
    if (had && isUnknownToken(reply)) {
      given = Optional.empty();
      reply = askHealth(address, index, wait);
    }
    if (isUnknownToken(reply)) {
      given = Optional.empty();
    }
    if (reply.status() != 200) {
      throw refusal(reply);
    }
    return Health.of(reply, options);
  }

  private Reply askHealth(URI address, long index, Duration wait)
      throws ConsulException, InterruptedException {
    var query = new ArrayList<String>();
    query.add("passing=true");
    if (index > 0) {
      query.add("index=" + index);
      query.add("wait=" + wait.toMillis() + "ms");
    }
    if (options.freshness().staleLimit().isPresent()) {
      query.add("stale");
    }
    options.query().datacenter().ifPresent(name -> query.add("dc=" + encode(name)));
    query.addAll(tenancy());
    var uri = uri(address, "/v1/health/service/" + encode(options.query().service()), query);
    used = token(address);
    var limit = index > 0 ? wait.plus(wait.dividedBy(16)).plus(prompt) : prompt;
    return http.send(request(uri, used).GET().build(), limit);
  }

  private List<String> tenancy() {
    var query = new ArrayList<String>();
    options.query().namespace().ifPresent(name -> query.add("ns=" + encode(name)));
    options.query().partition().ifPresent(name -> query.add("partition=" + encode(name)));
    return query;
  }

  private static URI uri(URI address, String path, List<String> query) {
    var base = address.toString().replaceFirst("/+$", "");
    return URI.create(base + path + (query.isEmpty() ? "" : "?" + String.join("&", query)));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static HttpRequest.Builder request(URI uri, Optional<String> token) {
    var request = HttpRequest.newBuilder(uri);
    token.ifPresent(secret -> request.header("X-Consul-Token", secret));
    return request;
  }

  private Optional<String> token(URI address) throws ConsulException, InterruptedException {
    return switch (options.token()) {
      case ConsulToken.Anonymous _ -> Optional.empty();
      case ConsulToken.FromFile(var file) -> Optional.of(SmallFile.readToken(file));
      case ConsulToken.FromLogin login -> {
        if (given.isEmpty()) {
          given = Optional.of(login(address, login));
        }
        yield given;
      }
    };
  }

  private String login(URI address, ConsulToken.FromLogin login)
      throws ConsulException, InterruptedException {
    // Neither needs escapes, see the two classes.
    var body =
        "{\"AuthMethod\":\"%s\",\"BearerToken\":\"%s\"}"
            .formatted(login.method(), SmallFile.readToken(login.bearer()));
    var uri = uri(address, "/v1/acl/login", tenancy());
    var reply =
        http.send(
            request(uri, Optional.empty())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build(),
            prompt);
    if (reply.status() == 403) {
      throw new ConsulException(
          "it refuses the login with the auth method %s and the bearer token in %s (403 %s)"
              .formatted(login.method(), login.bearer(), reply.text()));
    }
    if (reply.status() != 200) {
      throw refusal(reply);
    }
    try {
      if (JsonReader.read(reply.body()) instanceof JsonObject object
          && object.members().get("SecretID") instanceof JsonString(var secret)
          && SECRET.matcher(secret).matches()) {
        return secret;
      }
    } catch (JsonException e) {
      // Not shown: it may be near a secret.
    }
    throw new ConsulException("its answer to the login holds no SecretID: is there Consul?");
  }

  /** Gives back what a login gave, if Consul can be reached. */
  void logout(URI address) throws InterruptedException {
    if (given.isPresent()) {
      var uri = uri(address, "/v1/acl/logout", List.of());
      try {
        http.send(request(uri, given).POST(BodyPublishers.noBody()).build(), LOGOUT);
      } catch (ConsulException e) {
        // Then it ends when Consul says, as those of all who are killed do.
      }
      given = Optional.empty();
    }
  }

  private static boolean isUnknownToken(Reply reply) {
    return reply.status() == 403 && reply.text().contains("ACL not found");
  }

  private ConsulException refusal(Reply reply) {
    int status = reply.status();
    // A proxy may send back what it was sent.
    var text = used.map(secret -> reply.text().replace(secret, "***")).orElse(reply.text());
    var answer = status + " " + text;
    return switch (status) {
      case 403 ->
          new ConsulException(
              isUnknownToken(reply)
                  ? "it does not know our token (%s): %s".formatted(answer, tokenRemedy())
                  : "our token may not see the service (%s): it needs node:read and service:read of %s"
                      .formatted(answer, options.query().service()));
      case 404 ->
          new ConsulException(
              "it has no health endpoint (%s): is the path of the address right?"
                  .formatted(answer));
      case 429, 503 ->
          new ConsulException(
              "it is asked too much, or overloaded (%s): we come back later".formatted(answer),
              retryAfter(reply));
      case 500 ->
          new ConsulException(
              text.contains("No cluster leader")
                  ? "Consul has no leader (%s): see whether most of its servers run and reach one another"
                      .formatted(answer)
                  : "it failed (%s): its log says why".formatted(answer));
      default ->
          new ConsulException(
              status / 100 == 3
                  ? "it sends us elsewhere (%d): give the address of Consul itself"
                      .formatted(status)
                  : "it refuses the request (%s)".formatted(answer),
              retryAfter(reply));
    };
  }

  private String tokenRemedy() {
    return switch (options.token()) {
      case ConsulToken.Anonymous _ -> "give one";
      case ConsulToken.FromFile(var file) -> "put one that is valid into " + file;
      case ConsulToken.FromLogin _ -> "it is a new one, maybe it is not known everywhere yet";
    };
  }

  private static Duration retryAfter(Reply reply) {
    var seconds = reply.headers().firstValue("Retry-After").orElse("");
    return SECONDS.matcher(seconds).matches()
        ? Duration.ofSeconds(Long.parseLong(seconds))
        : Duration.ZERO;
  }
}
