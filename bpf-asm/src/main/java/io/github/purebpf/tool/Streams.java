package io.github.purebpf.tool;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a command reads and writes.
 *
 * @param in the standard input
 * @param out for what was asked for
 * @param err for everything else
 */
record Streams(InputStream in, Output out, PrintStream err) {
  private static final String STDIN_NAME = "stdin";

  /** Answers one program of many, in one line or in lines of its own. */
  interface Answer {
    /** Returns whether the program was without errors; what is thrown is answered, too. */
    boolean write(Input program);
  }

  /** Takes the one program of a file. */
  interface Work {
    boolean on(Input program);
  }

  /** The files that a command line names, each one program. */
  List<Input> read(CommandLine line) {
    requireFiles(line);
    var inputs = new ArrayList<Input>();
    for (var file : line.files()) {
      try (var stream = open(file)) {
        inputs.add(new Input(name(file), stream.readAllBytes()));
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return inputs;
  }

  /** Does something with each file; an error in one is shown, and does not stop the others. */
  boolean forFiles(CommandLine line, Work work) {
    boolean good = true;
    for (var input : read(line)) {
      try {
        good &= work.on(input);
      } catch (InputException e) {
        show(e);
        good = false;
      }
    }
    return good;
  }

  /** Does something, or shows what is wrong with the input; whether it was done. */
  boolean showing(Runnable work) {
    try {
      work.run();
      return true;
    } catch (InputException e) {
      show(e);
      return false;
    }
  }

  /** Shows people what is wrong, with the line and the place in it. */
  private void show(InputException e) {
    out.flush(); // what was asked for comes first where both go to the same place
    for (var error : e.errors()) {
      err.println(error.text().isEmpty() ? error : error.describe());
    }
  }

  /** Answers the many texts in each file as they come. */
  boolean forEachText(CommandLine line, Answer answer) {
    requireFiles(line);
    boolean good = true;
    for (var file : line.files()) {
      try (var stream = open(file)) {
        var programs = new EachReader(name(file), stream);
        for (var input = programs.next(); input != null; input = programs.next()) {
          good &= answer.write(input);
          if (!programs.ready()) {
            out.flush(); // somebody may wait for it before writing more
          }
        }
      } catch (Output.Failure e) {
        throw e;
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
    return good;
  }

  /** Answers the many programs of digits in each file. */
  boolean forEachHex(CommandLine line, Answer answer) {
    requireFiles(line);
    boolean good = true;
    for (var file : line.files()) {
      List<Input> programs;
      try (var stream = open(file)) {
        programs = new EachReader(name(file), stream).allHex();
      } catch (IOException e) {
        throw unreadable(file, e);
      }
      for (var program : programs) {
        good &= answer.write(program);
      }
    }
    return good;
  }

  private InputStream open(String file) throws IOException {
    return CommandLine.isStdin(file) ? in : Files.newInputStream(Path.of(file));
  }

  /** Refuses a command line with a file that is none, before anything is done. */
  private static void requireFiles(CommandLine line) {
    for (var file : line.files()) {
      if (!CommandLine.isStdin(file)) {
        requireFile(file);
      }
    }
  }

  private static void requireFile(String file) {
    Path path;
    try {
      path = Path.of(file);
    } catch (InvalidPathException e) {
      throw new UsageException(file + " is no name of a file");
    }
    if (Files.isDirectory(path)) {
      throw new UsageException(file + " is a directory; name a file, or - for the standard input");
    }
    if (!Files.exists(path)) {
      throw new UsageException("there is no file " + file);
    }
  }

  private static String name(String file) {
    return CommandLine.isStdin(file) ? STDIN_NAME : file;
  }

  private static UsageException unreadable(String file, IOException e) {
    var reason = e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
    return new UsageException("cannot read " + file + ": " + reason);
  }
}
