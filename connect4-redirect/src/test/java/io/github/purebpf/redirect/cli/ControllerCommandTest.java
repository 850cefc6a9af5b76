package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControllerCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|name one source of servers: --consul URI, --addresses NAME or --servers FILE",
        "--consul http://10.0.0.1:8500 --servers f|name one source of servers: --consul URI,"
            + " --addresses NAME or --servers FILE",
        "--servers f --ca-file g|--ca-file means nothing without --consul URI",
        "--addresses name --token-file g|--token-file means nothing without --consul URI",
        "--addresses exec=|exec= names no command; write exec=COMMAND",
        "--consul http://10.0.0.1:8500 --cert-file c|--cert-file FILE and --key-file FILE belong"
            + " together",
        "--consul http://10.0.0.1:8500 --auth-method m|--auth-method NAME and --bearer-file FILE"
            + " belong together",
        "--consul http://10.0.0.1:8500 --auth-method m --bearer-file b --token-file t|--token-file"
            + " and --auth-method exclude each other",
        "--consul 10.0.0.1|\"10.0.0.1\" is no address such as https://10.0.0.1:8501",
        "--consul ::|\"::\" is no URI such as https://10.0.0.1:8501",
        "--servers f --port 0|\"0\" is no port from 1 to 65535",
        "--servers f --vip 10.0.0.1:80|10.0.0.1:80 is given twice; leave one --vip out"
      })
  void whatMakesNoSenseIsRefused(String arguments, String words) {
    var all =
        new ArrayList<>(
            List.of("controller", "--pin=/none", "--vip=10.0.0.1:80", "--cgroup=/none"));
    if (arguments != null) {
      all.addAll(List.of(arguments.split(" ")));
    }
    var result = Result.of(all.toArray(String[]::new));
    assertEquals(ExitCode.USAGE, result.exitCode());
    assertEquals("connect4-redirect: controller: " + words, result.onlyError());
  }
}
