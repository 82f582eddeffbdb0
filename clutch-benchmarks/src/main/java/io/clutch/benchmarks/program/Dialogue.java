package io.clutch.benchmarks.program;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** The other end of a {@link JavaProgram}: standard input and output. */
public final class Dialogue {

  private final BufferedReader questions =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  /** Answers a question. */
  @FunctionalInterface
  public interface Answerer {
    /** The answer. */
    Fields answer(Fields question) throws Exception;
  }

  /** Says something without being asked. */
  public void say(Fields fields) {
    System.out.println(fields);
    System.out.flush();
  }

  /** Answers until the other side ends. */
  public void answer(Answerer answerer) throws Exception {
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      say(answerer.answer(Fields.parse(line)));
    }
  }

  /** Waits until the other side ends. */
  public void awaitEnd() throws IOException {
    while (questions.readLine() != null) {
      // Nobody asks a program that only serves.
    }
  }
}
