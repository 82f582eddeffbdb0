package io.clutch.supervisor.internal.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

class LineReaderTest {

  @Test
  void givesLinesWithoutTheirEnds() {
    assertThat(linesOf("one\n\ntwo\n")).containsExactly("one", "", "two");
  }

  @Test
  void aReturnBeforeTheEndOfALineBelongsToTheEnd() {
    assertThat(linesOf("one\r\ntwo\r\n\r\n")).containsExactly("one", "two", "");
  }

  @Test
  void aReturnWithinALineStays() {
    assertThat(linesOf("10%\r20%\n")).containsExactly("10%\r20%");
  }

  @Test
  void theLastLineNeedsNoEnd() {
    assertThat(linesOf("one\ntwo")).containsExactly("one", "two");
  }

  @Test
  void whereNothingIsPrintedThereAreNoLines() {
    assertThat(linesOf("")).isEmpty();
  }

  @Test
  void aLineOfTheGreatestLengthIsWhole() {
    String longest = "x".repeat(LineReader.LONGEST);

    assertThat(linesOf(longest + "\nnext\n")).containsExactly(longest, "next");
  }

  @Test
  void whatIsLongerIsCut() {
    String longest = "x".repeat(LineReader.LONGEST);

    assertThat(linesOf(longest + longest + "yz\nnext"))
        .containsExactly(longest, longest, "yz", "next");
  }

  @Test
  void itDoesNotMatterInWhichPiecesLinesArrive() {
    long seed = ThreadLocalRandom.current().nextLong();
    String text = "line one\nline two, longer\r\n\nfour".repeat(500);

    List<String> lines = read(new Pieces(text.getBytes(UTF_8), new Random(seed)));

    assertThat(lines).as("seed %s", seed).isEqualTo(linesOf(text));
  }

  @Test
  void whatWasReadBeforeThePipeBrokeIsGiven() {
    InputStream breaking =
        new InputStream() {
          private boolean first = true;

          @Override
          public int read() {
            throw new UnsupportedOperationException();
          }

          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            if (!first) {
              throw new IOException("broken");
            }
            first = false;
            byte[] bytes = "one\ntwo".getBytes(UTF_8);
            System.arraycopy(bytes, 0, buffer, offset, bytes.length);
            return bytes.length;
          }
        };

    assertThat(read(breaking)).containsExactly("one", "two");
  }

  private static List<String> linesOf(String text) {
    return read(new ByteArrayInputStream(text.getBytes(UTF_8)));
  }

  private static List<String> read(InputStream stream) {
    List<String> lines = new ArrayList<>();
    new LineReader(stream, line -> lines.add(new String(line, UTF_8))).run();
    return lines;
  }

  /** Gives a few bytes at a time. */
  private static final class Pieces extends ByteArrayInputStream {
    private final Random random;

    Pieces(byte[] bytes, Random random) {
      super(bytes);
      this.random = random;
    }

    @Override
    public synchronized int read(byte[] buffer, int offset, int length) {
      return super.read(buffer, offset, Math.min(length, 1 + random.nextInt(12)));
    }
  }
}
