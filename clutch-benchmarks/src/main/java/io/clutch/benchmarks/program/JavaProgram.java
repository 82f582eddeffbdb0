package io.clutch.benchmarks.program;

import com.google.common.collect.ImmutableList;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program of this module in a JVM of its own, which reads a line from its standard input and
 * answers with a line, and ends when the input does. For one thread.
 */
public final class JavaProgram implements AutoCloseable {

  private static final long SECONDS_TO_END = 15;

  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;

  /** Reads its standard error; null where that is this program's own. */
  private final @Nullable Thread listener;

  private JavaProgram(String name, Process process, @Nullable Thread listener) {
    this.name = name;
    this.process = process;
    this.listener = listener;
    this.answers = process.inputReader();
    this.questions = process.outputWriter();
  }

  /**
   * Starts one.
   *
   * @param name for messages
   */
  public static JavaProgram start(String name, Class<?> main, List<String> arguments)
      throws IOException {
    Process process =
        new ProcessBuilder(command(main, arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new JavaProgram(name, process, null);
  }

  /**
   * Starts one.
   *
   * @param name for messages
   * @param errors gets each line of its standard error, on a thread of its own, and the last one
   *     before {@link #close} returns
   */
  public static JavaProgram start(
      String name, Class<?> main, List<String> arguments, Consumer<String> errors)
      throws IOException {
    Process process = new ProcessBuilder(command(main, arguments)).start();
    Thread listener = new Thread(() -> listen(process, errors), "errors of " + name);
    listener.setDaemon(true);
    listener.start();
    return new JavaProgram(name, process, listener);
  }

  private static void listen(Process process, Consumer<String> errors) {
    try {
      process.errorReader().lines().forEach(errors);
    } catch (UncheckedIOException e) {
      // Whoever kills it closes this, too.
    }
  }

  /** What starts a program of this module. */
  public static ImmutableList<String> command(Class<?> main, List<String> arguments) {
    return ImmutableList.<String>builder()
        .add(Path.of(System.getProperty("java.home"), "bin", "java").toString())
        .add("-Xmx512m", "-cp", System.getProperty("java.class.path"), main.getName())
        .addAll(arguments)
        .build();
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** Asks, and waits for the answer. */
  public Fields ask(Fields question) {
    try {
      questions.write(question.toString());
      questions.newLine();
      questions.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " takes no questions: " + e.getMessage(), e);
    }
    return answer();
  }

  /** Waits for what it says without being asked. */
  public Fields answer() {
    @Nullable String line;
    try {
      line = answers.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " does not answer: " + e.getMessage(), e);
    }
    if (line == null) {
      throw new IllegalStateException(
          name + " ended without an answer; its own words are on standard error");
    }
    return Fields.parse(line);
  }

  /** Ends it: asks for it first, and then has it done. */
  @Override
  public void close() {
    try {
      questions.close();
      if (process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        if (listener != null) {
          listener.join(TimeUnit.SECONDS.toMillis(SECONDS_TO_END));
        }
        return;
      }
    } catch (IOException e) {
      // It has ended already, or will have to.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill();
  }

  /** Ends it at once, without asking. */
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    Process unused = process.destroyForcibly();
  }
}
