package io.clutch.supervisor.internal.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LineSinkTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void writesWhatWaitsBeforeItIsClosed() {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    LineSink sink = LineSink.to(stream, "test-sink");

    sink.accept(bytes("one\n"));
    sink.accept(bytes("two\n"));
    sink.close(LONG);

    assertThat(stream.toString(UTF_8)).isEqualTo("one\ntwo\n");
  }

  @Test
  void linesOfManyThreadsStayWhole() throws InterruptedException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    LineSink sink = LineSink.to(stream, "test-sink");
    List<Thread> children = new ArrayList<>();
    for (char c = 'a'; c < 'i'; c++) {
      byte[] line = bytes(String.valueOf(c).repeat(100) + "\n");
      children.add(new Thread(() -> IntStream.range(0, 500).forEach(i -> sink.accept(line))));
    }

    children.forEach(Thread::start);
    for (Thread child : children) {
      child.join();
    }
    sink.close(LONG);

    assertThat(stream.toString(UTF_8).lines().toList())
        .hasSize(8 * 500)
        .allMatch(line -> line.length() == 100 && line.chars().distinct().count() == 1);
  }

  @Test
  void whereNobodyReadsLinesAreDroppedAndALineSaysHowMany() {
    StuckStream stream = new StuckStream();
    LineSink sink = LineSink.to(stream, "test-sink");
    byte[] line = bytes("x".repeat(1023) + "\n");
    int brought = 5000;

    // Returns, though nothing can be written.
    for (int i = 0; i < brought; i++) {
      sink.accept(line);
    }
    stream.letGo();
    sink.close(LONG);

    String text = stream.written.toString(UTF_8);
    long whole = text.lines().filter(written -> written.length() == 1023).count();
    assertThat(whole).isEqualTo(4096);
    Matcher said = Pattern.compile("clutch: (\\d+) lines of output were dropped.*").matcher(text);
    assertThat(said.find()).isTrue();
    assertThat(Integer.parseInt(said.group(1))).isEqualTo(brought - 4096);
    assertThat(said.find()).isFalse();
  }

  @Test
  void afterADropThereIsRoomAgain() {
    StuckStream stream = new StuckStream();
    LineSink sink = LineSink.to(stream, "test-sink");
    byte[] large = bytes("x".repeat(4 * 1024 * 1024 - 1) + "\n");
    sink.accept(large);
    sink.accept(bytes("dropped\n"));
    stream.letGo();
    stream.awaitText("lines of output were dropped");

    sink.accept(bytes("kept\n"));
    sink.close(LONG);

    assertThat(stream.written.toString(UTF_8))
        .endsWith("in time\nkept\n")
        .doesNotContain("dropped\n");
  }

  @Test
  void aReaderThatHasGoneIsNotNoticedByThoseWhoPrint() {
    CountDownLatch tried = new CountDownLatch(1);
    LineSink sink =
        LineSink.to(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                tried.countDown();
                throw new IOException("Broken pipe");
              }
            },
            "test-sink");
    sink.accept(bytes("one\n"));
    assertThat(Uninterruptibles.awaitUninterruptibly(tried, 10, TimeUnit.SECONDS)).isTrue();

    for (int i = 0; i < 10; i++) {
      sink.accept(bytes("more\n"));
    }

    sink.close(LONG);
  }

  @Test
  void closingWaitsNoLongerThanItMay() {
    StuckStream stream = new StuckStream();
    LineSink sink = LineSink.to(stream, "test-sink");
    sink.accept(bytes("one\n"));

    sink.close(Duration.ofMillis(50));

    assertThat(stream.written.size()).isZero();
    stream.letGo();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Blocks whoever writes until it is let go. */
  private static final class StuckStream extends OutputStream {
    final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final CountDownLatch reads = new CountDownLatch(1);

    void letGo() {
      reads.countDown();
    }

    void awaitText(String text) {
      await().until(() -> written.toString(UTF_8).contains(text));
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      Uninterruptibles.awaitUninterruptibly(reads);
      written.write(bytes, offset, length);
    }
  }
}
