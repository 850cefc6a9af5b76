package io.github.purebpf.redirect.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.consul.ConsulOptions.Freshness;
import io.github.purebpf.redirect.consul.ConsulOptions.Query;
import io.github.purebpf.redirect.consul.FakeConsul.Fault;
import io.github.purebpf.redirect.consul.FakeConsul.Request;
import io.github.purebpf.redirect.json.JsonReader;
import io.github.purebpf.redirect.pace.TestTicker;
import io.github.purebpf.redirect.pace.Ticker;
import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.redirect.source.Finding.Doubt;
import io.github.purebpf.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConsulWatchTest {
  private static final long SECOND = 1_000_000_000;
  private static final Duration PROMPT = Duration.ofSeconds(20);
  private static final Server A = Server.parse("10.0.0.1:8502");
  private static final Server B = Server.parse("10.0.0.2:8502");

  @TempDir private Path folder;

  /** Time that runs fifty times as fast. */
  private static final Ticker QUICK =
      new Ticker() {
        @Override
        public long nanos() {
          return System.nanoTime() * 50;
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
          Ticker.SYSTEM.sleep(nanos / 50);
        }
      };

  /** A source, and what it has told. */
  static final class Watched implements AutoCloseable {
    private final List<Finding> findings = new CopyOnWriteArrayList<>();
    private final ConsulWatch watch;

    Watched(ConsulOptions options, Duration prompt, Ticker ticker) {
      watch = new ConsulWatch(options, prompt, ticker, new Random(1));
      watch.start(findings::add);
    }

    Watched(ConsulOptions options) {
      this(options, PROMPT, QUICK);
    }

    List<Finding> findings() {
      return List.copyOf(findings);
    }

    void awaitServers(Server... expected) throws InterruptedException {
      Await.until(
          "servers " + List.of(expected) + ", not " + findings,
          () -> !findings.isEmpty() && isJust(findings.getLast(), expected));
    }

    private static boolean isJust(Finding finding, Server... expected) {
      return finding instanceof Finding.Servers found
          && found.servers().stream().map(one -> one.server()).toList().equals(List.of(expected));
    }

    void awaitDoubts(Doubt... doubts) throws InterruptedException {
      Await.until(
          "doubts",
          () ->
              !findings.isEmpty()
                  && findings.getLast() instanceof Finding.Servers found
                  && found.doubts().equals(Set.of(doubts)));
    }

    List<String> failures() {
      return findings.stream()
          .flatMap(one -> one instanceof Finding.Failed(var why) ? Stream.of(why) : Stream.of())
          .toList();
    }

    String awaitFailure(String words) throws InterruptedException {
      Await.until(
          "a failure with \"" + words + "\" in " + findings,
          () -> failures().stream().anyMatch(why -> why.contains(words)));
      return failures().stream().filter(why -> why.contains(words)).findFirst().orElseThrow();
    }

    @Override
    public void close() {
      watch.close();
    }
  }

  static ConsulOptions options(FakeConsul... servers) {
    return ConsulOptions.of(Stream.of(servers).map(FakeConsul::uri).toList());
  }

  private static void awaitQueries(FakeConsul consul, int count) throws InterruptedException {
    Await.until(count + " queries", () -> consul.queries().size() >= count);
  }

  /** Also of those that the HTTP client sends by itself. */
  private static void assertAtMostThreeInAnySecond(List<Request> requests) {
    for (int i = 3; i < requests.size(); i++) {
      long apart = requests.get(i).at() - requests.get(i - 3).at();
      assertTrue(apart >= SECOND, "four requests within " + apart + " ns at " + i);
    }
  }

  @Test
  void followsEachChangeByWaitingForIt() throws Exception {
    try (var consul = FakeConsul.start();
        var watched = new Watched(options(consul))) {
      watched.awaitServers();
      consul.join("a", A);
      watched.awaitServers(A);
      consul.join("b", B);
      watched.awaitServers(A, B);
      consul.leave("a");
      watched.awaitServers(B);
      awaitQueries(consul, 5);
      assertEquals(5, consul.requests().size(), "one for each answer, and one that waits");
      assertEquals(Map.of("passing", "true", "stale", ""), consul.queries().getFirst().query());
      assertEquals(
          Map.of("passing", "true", "stale", "", "index", "4", "wait", "300000ms"),
          consul.queries().getLast().query());
      assertEquals("GET /v1/health/service/consul", consul.queries().getFirst().call());
    }
  }

  @Test
  void asksForWhatTheOptionsSay() throws Exception {
    try (var consul = FakeConsul.start()) {
      var options =
          ConsulOptions.of(List.of(URI.create(consul.uri() + "/proxy/")))
              .withQuery(
                  Query.of("a b/c").withDatacenter("dc2").withNamespace("n&s").withPartition("p"))
              .withFreshness(new Freshness(Duration.ofSeconds(7), Optional.empty()));
      consul.fail(
          exchange -> {
            exchange.getResponseHeaders().set("X-Consul-Index", "9");
            FakeConsul.reply(exchange, 200, "[]");
          });
      try (var _ = new Watched(options)) {
        awaitQueries(consul, 2);
      }
      var request = consul.queries().get(1);
      assertEquals("GET /proxy/v1/health/service/a b/c", request.call());
      assertEquals("p", request.query().get("partition"));
      assertEquals("dc2", request.query().get("dc"));
      assertEquals("7000ms", request.query().get("wait"));
      assertFalse(request.query().containsKey("stale"));
    }
  }

  @Test
  void wakeUpsForNothingDoNoHarm() throws Exception {
    var ticker = new TestTicker();
    try (var consul = FakeConsul.start(ticker::passed);
        var watched = new Watched(options(consul), PROMPT, ticker)) {
      consul.join("a", A);
      watched.awaitServers(A);
      for (int i = 0; i < 20; i++) {
        int before = consul.queries().size();
        if (i % 2 == 0) {
          consul.wakeForNothing();
        } else {
          consul.touch();
        }
        awaitQueries(consul, before + 1);
      }
      consul.leave("a");
      watched.awaitServers();
      assertEquals(List.of(), watched.failures());
      assertAtMostThreeInAnySecond(consul.requests());
    }
  }

  @Test
  void anIndexThatGoesBackIsFollowed() throws Exception {
    try (var consul = FakeConsul.start();
        var watched = new Watched(options(consul))) {
      for (int i = 0; i < 20; i++) {
        consul.touch();
      }
      consul.join("a", A);
      watched.awaitServers(A);
      Await.until(
          "a query that waits", () -> "22".equals(consul.queries().getLast().query().get("index")));
      consul.restore(3);
      Await.until(
          "a query with the new index",
          () -> "3".equals(consul.queries().getLast().query().get("index")));
      var queries = consul.queries();
      assertFalse(queries.get(queries.size() - 2).query().containsKey("index"));
      consul.join("b", B);
      watched.awaitServers(A, B);
    }
  }

  @Test
  void anIndexOfZeroIsNotWaitedWith() throws Exception {
    var ticker = new TestTicker();
    try (var consul = FakeConsul.start(ticker::passed);
        var watched = new Watched(options(consul), PROMPT, ticker)) {
      consul.addHeader("X-Consul-Index", "0");
      consul.join("a", A);
      watched.awaitServers(A);
      awaitQueries(consul, 20);
      consul.join("b", B);
      watched.awaitServers(A, B);
      consul.queries().forEach(one -> assertNotEquals("0", one.query().get("index")));
      assertAtMostThreeInAnySecond(consul.requests());
    }
  }

  @Test
  void anIndexThatRisesWithoutEndIsNotChased() throws Exception {
    var ticker = new TestTicker();
    try (var consul = FakeConsul.start(ticker::passed)) {
      consul.fail(
          exchange -> {
            exchange
                .getResponseHeaders()
                .set("X-Consul-Index", Integer.toString(consul.requests().size() + 1));
            FakeConsul.reply(exchange, 200, "[]");
          });
      try (var watched = new Watched(options(consul), PROMPT, ticker)) {
        awaitQueries(consul, 50);
        assertEquals(List.of(), watched.failures());
      }
      assertAtMostThreeInAnySecond(consul.requests());
    }
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("no leader", "Consul has no leader", 500, "No cluster leader"),
        fault("error", "it failed (500 rpc error)", 500, "rpc error"),
        fault("denied", "needs node:read and service:read of consul", 403, "Permission denied"),
        fault("unknown token", "it does not know our token", 403, "ACL not found"),
        fault("limit", "it is asked too much", 429, "rate limit reached"),
        fault("unavailable", "it is asked too much", 503, "rate limit reached for a leader"),
        fault("bad request", "it refuses the request (400 Invalid", 400, "Invalid wait time\n\0x"),
        fault("no Consul", "is the path of the address right?", 404, "<html>"),
        fault("no index", "it answers without X-Consul-Index", 200, "[]"),
        Arguments.of("redirect", "it sends us elsewhere (302)", (Fault) ConsulWatchTest::redirect),
        Arguments.of("malformed", "no JSON: line 1, column 6", answer("[{}, x]")),
        Arguments.of("no sense", "instance 1: Node is missing", answer("[{}]")),
        Arguments.of(
            "too large", "broken: body exceeds", answer(" ".repeat(JsonReader.MAX_LENGTH + 1))),
        Arguments.of("closed", "broken: HTTP/1.1 header parser", (Fault) HttpExchange::close),
        Arguments.of("cut off", "broken: ", (Fault) ConsulWatchTest::cutOff));
  }

  private static Arguments fault(String name, String words, int status, String body) {
    return Arguments.of(name, words, (Fault) exchange -> FakeConsul.reply(exchange, status, body));
  }

  private static Fault answer(String body) {
    return exchange -> {
      exchange.getResponseHeaders().set("X-Consul-Index", "5");
      FakeConsul.reply(exchange, 200, body);
    };
  }

  private static void redirect(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1/");
    FakeConsul.reply(exchange, 302, "");
  }

  private static void cutOff(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("X-Consul-Index", "5");
    exchange.sendResponseHeaders(200, 1000);
    exchange.getResponseBody().write('[');
    exchange.getResponseBody().flush();
    exchange.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void aFaultIsTriedAgainEverMoreSlowlyAndToldInWords(String name, String words, Fault fault)
      throws Exception {
    var ticker = new TestTicker();
    List<Request> requests;
    try (var consul = FakeConsul.start(ticker::passed)) {
      consul.join("a", A);
      consul.fail(fault);
      try (var watched = new Watched(options(consul), PROMPT, ticker)) {
        Await.until(name + " 12 times", () -> watched.failures().size() >= 12);
        var why = watched.awaitFailure(words);
        assertTrue(why.startsWith("consul " + consul.uri() + ": "), why);
        assertFalse(why.chars().anyMatch(c -> c < ' '), why);
        requests = consul.requests();
        consul.mend();
        watched.awaitServers(A);
      }
      assertAtMostThreeInAnySecond(consul.requests());
    }
    requests.forEach(one -> assertFalse(one.query().containsKey("index")));
    // The HTTP client may have sent the last one twice.
    long pause = requests.getLast().at() - requests.get(requests.size() - 3).at();
    assertTrue(pause >= 30 * SECOND && pause <= 122 * SECOND, "the pause is " + pause);
  }

  @Test
  void whatConsulSaysAboutComingBackIsRespected() throws Exception {
    var ticker = new TestTicker();
    try (var consul = FakeConsul.start(ticker::passed)) {
      consul.fail(
          exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "30");
            FakeConsul.reply(exchange, 429, "slow down");
          });
      try (var _ = new Watched(options(consul), PROMPT, ticker)) {
        awaitQueries(consul, 3);
      }
      var requests = consul.requests();
      for (int i = 1; i < requests.size(); i++) {
        assertTrue(
            requests.get(i).at() - requests.get(i - 1).at() > 30 * SECOND, "not all at once");
      }
    }
  }

  @Test
  void anotherServerIsAskedWhenOneFails() throws Exception {
    try (var one = FakeConsul.start();
        var two = FakeConsul.start();
        var three = FakeConsul.start()) {
      var all = List.of(one, two, three);
      all.forEach(consul -> consul.join("a", A));
      try (var watched = new Watched(options(one, two, three))) {
        for (int i = 0; i < 3; i++) {
          watched.awaitServers(A);
          Await.until("a query that waits", () -> waiting(all).size() == 1);
          var asked = waiting(all).getFirst();
          int before = watched.findings().size();
          asked.failWith(500, "No cluster leader");
          asked.touch();
          // What it held was answered, and the next request fails.
          Await.until("the failure", () -> watched.findings().size() >= before + 2);
          watched.awaitFailure("consul " + asked.uri() + ": Consul has no leader");
        }
        all.forEach(FakeConsul::mend);
        watched.awaitServers(A);
      }
      all.forEach(consul -> assertTrue(consul.queries().size() >= 2));
    }
  }

  /** Also in another round. */
  @Test
  void allServersAreAskedBeforeOneIsAskedAgain() throws Exception {
    var ticker = new TestTicker();
    try (var one = FakeConsul.start(ticker::passed);
        var two = FakeConsul.start(ticker::passed);
        var three = FakeConsul.start(ticker::passed)) {
      var all = List.of(one, two, three);
      all.forEach(consul -> consul.failWith(500, "rpc error"));
      try (var watched = new Watched(options(one, two, three), PROMPT, ticker)) {
        Await.until("12 failures", () -> watched.failures().size() >= 12);
        var asked =
            watched.failures().stream()
                .map(why -> why.substring(0, why.indexOf(": ")))
                .limit(12)
                .toList();
        for (int i = 0; i + 3 <= asked.size(); i++) {
          assertEquals(3, Set.copyOf(asked.subList(i, i + 3)).size(), asked::toString);
        }
      }
      assertAtMostThreeInAnySecond(byTime(all));
    }
  }

  private static List<Request> byTime(List<FakeConsul> all) {
    return all.stream()
        .flatMap(consul -> consul.requests().stream())
        .sorted((x, y) -> Long.compare(x.at(), y.at()))
        .toList();
  }

  /** All of them leave it in the same moment. */
  @Test
  void theWatchesOfAServerThatFailsSpreadOverTheOthersAndOverTime() throws Exception {
    int watches = 60;
    var tickers = new ArrayList<TestTicker>();
    var open = new ArrayList<ConsulWatch>();
    try (var one = FakeConsul.start();
        var two = FakeConsul.start();
        var three = FakeConsul.start()) {
      var random = new Random(1);
      for (int i = 0; i < watches; i++) {
        var ticker = new TestTicker();
        tickers.add(ticker);
        var watch = new ConsulWatch(options(one, two, three), PROMPT, ticker, random);
        open.add(watch);
        watch.start(_ -> {});
      }
      Await.until("a wait of each", () -> waits(one) + waits(two) + waits(three) == watches);
      int left = waits(one);
      int before = waits(two);
      one.failWith(500, "rpc error");
      one.touch();
      Await.until("a wait elsewhere", () -> waits(two) + waits(three) == watches);
      int came = waits(two) - before;
      assertTrue(left >= 12, "some were there");
      assertTrue(came >= left / 4 && came <= left - left / 4, () -> came + " of " + left);
      var pauses = tickers.stream().map(TestTicker::passed).filter(p -> p > SECOND).toList();
      assertEquals(left, pauses.size());
      assertEquals(left, Set.copyOf(pauses).size(), "each at a time of its own");
      open.forEach(ConsulWatch::close);
    }
  }

  private static int waits(FakeConsul consul) {
    return (int) consul.queries().stream().filter(one -> one.query().containsKey("index")).count();
  }

  /** The servers whose last request is a wait, of whom the last is held. */
  private static List<FakeConsul> waiting(List<FakeConsul> all) {
    return all.stream()
        .filter(one -> !one.queries().isEmpty())
        .sorted((x, y) -> Long.compare(last(y).at(), last(x).at()))
        .limit(1)
        .filter(one -> last(one).query().containsKey("index"))
        .toList();
  }

  private static Request last(FakeConsul consul) {
    return consul.queries().getLast();
  }

  @Test
  void theFirstServerIsARandomOne() throws Exception {
    try (var one = FakeConsul.start();
        var two = FakeConsul.start()) {
      var random = new Random(1);
      for (int i = 0; i < 20; i++) {
        var told = new CountDownLatch(1);
        var watch = new ConsulWatch(options(one, two), PROMPT, QUICK, random);
        watch.start(_ -> told.countDown());
        told.await();
        watch.close();
      }
      assertTrue(one.requests().size() >= 3 && two.requests().size() >= 3);
    }
  }

  @Test
  void aServerWithoutLeaderIsBelievedWithDoubtAndTheOthersAreAsked() throws Exception {
    var ticker = new TestTicker();
    try (var one = FakeConsul.start(ticker::passed);
        var two = FakeConsul.start(ticker::passed)) {
      one.join("a", A);
      two.join("a", A);
      one.loseLeader();
      two.loseLeader();
      try (var watched = new Watched(options(one, two), PROMPT, ticker)) {
        watched.awaitServers(A);
        watched.awaitDoubts(Doubt.STALE);
        Await.until("both", () -> one.queries().size() > 0 && two.queries().size() > 0);
        Await.until(
            "a short wait",
            () ->
                Stream.of(one, two)
                    .flatMap(consul -> consul.queries().stream())
                    .anyMatch(query -> "10000ms".equals(query.query().get("wait"))));
        one.mend();
        two.mend();
        one.join("b", B);
        two.join("b", B);
        watched.awaitServers(A, B);
        watched.awaitDoubts();
        assertEquals(List.of(), watched.failures());
      }
      assertAtMostThreeInAnySecond(byTime(List.of(one, two)));
    }
  }

  @Test
  void withoutStaleAnswersALostLeaderIsAFailure() throws Exception {
    try (var consul = FakeConsul.start()) {
      consul.loseLeader();
      var byLeader = new Freshness(Duration.ofMinutes(5), Optional.empty());
      try (var watched = new Watched(options(consul).withFreshness(byLeader))) {
        watched.awaitFailure("Consul has no leader (500 No cluster leader)");
      }
    }
  }

  @Test
  void aFilteredAnswerIsDoubtful() throws Exception {
    try (var consul = FakeConsul.start()) {
      consul.addHeader("X-Consul-Results-Filtered-By-ACLs", "true");
      try (var watched = new Watched(options(consul))) {
        watched.awaitServers();
        watched.awaitDoubts(Doubt.FILTERED);
      }
    }
  }

  @Test
  void theTokenIsReadForEachRequestAndTravelsInAHeaderOnly() throws Exception {
    var file = Files.writeString(folder.resolve("token"), "first-token\n");
    try (var consul = FakeConsul.start()) {
      consul.permit("first-token");
      consul.join("a", A);
      var token = new ConsulToken.FromFile(file);
      try (var watched = new Watched(options(consul).withToken(token))) {
        watched.awaitServers(A);
        consul.permit("second-token");
        consul.touch();
        var why = watched.awaitFailure("it does not know our token (403 ACL not found)");
        assertTrue(why.endsWith("put one that is valid into " + file), why);
        Files.writeString(file, "");
        watched.awaitFailure(file + " is empty");
        Files.writeString(file, "second-token");
        watched.awaitServers(A);
        watched.failures().forEach(one -> assertFalse(one.contains("-token "), one));
      }
      for (var request : consul.requests()) {
        assertTrue(request.token().isPresent());
        assertFalse(request.query().toString().contains("token"));
      }
    }
  }

  @Test
  void aTokenThatIsSentBackIsNotTold() throws Exception {
    var file = Files.writeString(folder.resolve("token"), "first-token");
    try (var consul = FakeConsul.start()) {
      consul.failWith(400, "bad header X-Consul-Token: first-token");
      var token = new ConsulToken.FromFile(file);
      try (var watched = new Watched(options(consul).withToken(token))) {
        watched.awaitFailure("X-Consul-Token: ***");
      }
    }
  }

  @Test
  void aTokenFileThatIsNotThereIsNamed() throws Exception {
    var file = folder.resolve("none");
    try (var consul = FakeConsul.start()) {
      var token = new ConsulToken.FromFile(file);
      try (var watched = new Watched(options(consul).withToken(token))) {
        watched.awaitFailure("there is no file " + file);
        Files.writeString(file, "two words");
        watched.awaitFailure(file + " holds more than one token");
      }
      assertEquals(List.of(), consul.requests());
    }
  }

  @Test
  void logsInAgainWhenTheTokenIsGoneAndOutAtTheEnd() throws Exception {
    var bearer = Files.writeString(folder.resolve("bearer"), "bearer\n");
    try (var consul = FakeConsul.start()) {
      consul.permit();
      consul.join("a", A);
      var login = new ConsulToken.FromLogin("kube", bearer);
      try (var watched = new Watched(options(consul).withToken(login))) {
        watched.awaitServers(A);
        awaitQueries(consul, 2);
        consul.permit(); // all tokens are gone
        consul.join("b", B);
        watched.awaitServers(A, B);
        Await.until("the new login", () -> consul.requests().size() >= 6);
        assertEquals(List.of(), watched.failures());
      }
      assertEquals(
          List.of("login", "consul", "consul", "consul", "login", "consul"),
          consul.requests().stream()
              .map(request -> request.call().replaceFirst(".*/", ""))
              .limit(6)
              .toList());
      var last = consul.requests().getLast();
      assertEquals("POST /v1/acl/logout", last.call());
      assertEquals(consul.requests().get(5).token(), last.token(), "what was given is given back");
    }
  }

  @Test
  void aLoginThatIsRefusedIsToldInWords() throws Exception {
    var bearer = Files.writeString(folder.resolve("bearer"), "wrong");
    try (var consul = FakeConsul.start()) {
      var login = new ConsulToken.FromLogin("kube", bearer);
      try (var watched = new Watched(options(consul).withToken(login))) {
        var why = watched.awaitFailure("it refuses the login with the auth method kube");
        assertTrue(why.contains(bearer.toString()) && !why.contains("wrong"), why);
        consul.failWith(200, "[]");
        watched.awaitFailure("holds no SecretID");
      }
    }
  }

  @Test
  void aSocketThatNeverAnswersIsLeft() throws Exception {
    // The kernel takes the connection, and nobody reads from it.
    try (var silent = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      var options = at("http://127.0.0.1:" + silent.getLocalPort());
      try (var watched = new Watched(options, Duration.ofMillis(200), QUICK)) {
        watched.awaitFailure("no whole answer within 0 s");
      }
    }
  }

  @Test
  void anAnswerThatDripsIsLeft() throws Exception {
    var end = new CountDownLatch(1);
    try (var consul = FakeConsul.start()) {
      consul.fail(
          exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('[');
            exchange.getResponseBody().flush();
            try {
              end.await();
            } catch (InterruptedException e) {
              // The test is over.
            }
          });
      try (var watched = new Watched(options(consul), Duration.ofMillis(500), QUICK)) {
        watched.awaitFailure("no whole answer within");
      }
      end.countDown();
    }
  }

  @Test
  void nobodyThereIsToldInWords() throws Exception {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    try (var watched = new Watched(at("http://127.0.0.1:" + port))) {
      watched.awaitFailure("it refuses the connection: does Consul listen there?");
    }
    try (var watched = new Watched(at("http://no-such-host.invalid:8500"))) {
      watched.awaitFailure("its name is not known: check the address, and DNS");
    }
  }

  private static ConsulOptions at(String address) {
    return ConsulOptions.of(List.of(URI.create(address)));
  }

  @Test
  void nothingIsToldOrAskedAfterTheEnd() throws Exception {
    try (var consul = FakeConsul.start()) {
      var watched = new Watched(options(consul));
      watched.awaitServers();
      awaitQueries(consul, 2);
      watched.close();
      watched.close();
      var told = watched.findings();
      consul.join("a", A);
      try (var other = new Watched(options(consul))) {
        other.awaitServers(A); // as the closed one would have seen it
        awaitQueries(consul, 4);
      }
      assertEquals(told, watched.findings());
      assertEquals(4, consul.requests().size());
    }
    new ConsulWatch(at("http://127.0.0.1:1")).close();
  }

  @Test
  void whoIsToldMayThrowOrClose() throws Exception {
    try (var consul = FakeConsul.start()) {
      var told = new CopyOnWriteArrayList<Finding>();
      var watch = new ConsulWatch(options(consul), PROMPT, QUICK, new Random(1));
      watch.start(
          finding -> {
            told.add(finding);
            if (told.size() == 3) {
              watch.close();
            }
            throw new IllegalStateException("the test wants it so");
          });
      for (int i = 1; i < 3; i++) {
        int before = i;
        Await.until("a finding", () -> told.size() >= before && consul.queries().size() > before);
        consul.touch();
      }
      Await.until("the last", () -> told.size() == 3);
      watch.close();
      assertEquals(3, told.size());
    }
  }

  @Test
  void saysWhatItIs() {
    var three = IntStream.of(1, 2, 3).mapToObj(i -> URI.create("http://a:" + i)).toList();
    try (var one = new ConsulWatch(at("http://a:1"));
        var more = new ConsulWatch(ConsulOptions.of(three))) {
      assertEquals("consul http://a:1", one.description());
      assertEquals("consul http://a:1 and 2 more", more.description());
    }
  }
}
