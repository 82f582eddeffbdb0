package io.clutch.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatchTest {

  private final FileWatch watch = new FileWatch();
  private final LogCapture log = new LogCapture(FileWatch.class);
  private final AtomicInteger reads = new AtomicInteger();

  /** What was put to use, in order. */
  private final List<String> used = new CopyOnWriteArrayList<>();

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("file"), "first");
  }

  @AfterEach
  void close() {
    watch.close();
    log.close();
  }

  private void watch(Path path) throws IOException {
    watch.readAndWatch("the file", ImmutableList.of(path), () -> read(path));
  }

  /** Takes whatever does not begin with "broken". */
  private void read(Path path) throws IOException, GeneralSecurityException {
    reads.incrementAndGet();
    String text = Files.readString(path);
    if (text.startsWith("broken")) {
      throw new GeneralSecurityException("of no use: " + text);
    }
    used.add(text);
  }

  private void awaitUsed(String text) {
    await().untilAsserted(() -> assertThat(used).endsWith(text));
  }

  private List<String> errors() {
    return log.messages(Level.ERROR);
  }

  @Test
  void readsAtOnce() throws IOException {
    watch(file);

    assertThat(used).containsExactly("first");
  }

  @Test
  void whatCannotBeReadAtOnceIsAnErrorAndNotWatched() throws Exception {
    Path broken = Files.writeString(folder.resolve("other"), "broken");

    assertThatIOException()
        .isThrownBy(() -> watch(broken))
        .withMessage("the file cannot be used: of no use: broken");
    assertThatIOException().isThrownBy(() -> watch(folder.resolve("nowhere")));

    watch(file);
    Files.writeString(broken, "mended");
    Files.writeString(file, "second");
    awaitUsed("second");
    assertThat(used).containsExactly("first", "second");
  }

  @Test
  void aFileWrittenInPlaceIsReadAgain() throws IOException {
    watch(file);
    Files.writeString(file, "second");
    awaitUsed("second");

    assertThat(log.messages(Level.INFO)).containsExactly("the file read again, for it has changed");
  }

  @Test
  void aFileOfTheSameSizeIsReadAgain() throws IOException {
    watch(file);
    Files.writeString(file, "FIRST");
    awaitUsed("FIRST");
  }

  @Test
  void anOlderFileInItsPlaceIsReadAgain() throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "OLDER");
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    watch(file);

    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

    awaitUsed("OLDER");
  }

  /** A volume of Kubernetes: the files are links through ..data, which is replaced at once. */
  @Test
  void aFolderReplacedByALinkIsReadAgain() throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("..1")).resolve("tokens"), "one");
    Files.writeString(Files.createDirectory(folder.resolve("..2")).resolve("tokens"), "two");
    Path data = folder.resolve("..data");
    Files.createSymbolicLink(data, Path.of("..1"));
    Path link =
        Files.createSymbolicLink(folder.resolve("tokens"), Path.of("..data").resolve("tokens"));
    watch(link);
    assertThat(used).containsExactly("one");

    Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2"));
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);

    awaitUsed("two");
  }

  @Test
  void twoFilesAreReadTogetherWhenOneChanges() throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "1");
    watch.readAndWatch(
        "both",
        ImmutableList.of(file, other),
        () -> used.add(Files.readString(file) + Files.readString(other)));

    Files.writeString(other, "2");
    awaitUsed("first2");
    Files.writeString(file, "second");
    awaitUsed("second2");
  }

  @Test
  void brokenContentKeepsTheOldOneUntilItIsMended() throws IOException {
    watch(file);

    Files.writeString(file, "broken");
    await().until(() -> !errors().isEmpty());
    assertThat(used).containsExactly("first");
    assertThat(errors().get(0))
        .contains(
            "the file has changed and cannot be used; what was read before stays", "of no use");

    Files.writeString(file, "mended");
    awaitUsed("mended");
  }

  @Test
  void theSameTroubleIsToldOfOnceAndAnotherOneToo() throws IOException {
    watch(file);

    Files.writeString(file, "broken");
    await().until(() -> reads.get() >= 5);
    assertThat(errors()).hasSize(1);

    Files.writeString(file, "broken in another way");
    await().until(() -> errors().size() == 2);
    assertThat(errors().get(1)).contains("broken in another way");
  }

  @Test
  void halfAFileIsReadAgainWhenItIsWhole() throws IOException {
    watch(file);

    Files.writeString(file, "broken, for it is not all there");
    await().until(() -> !errors().isEmpty());
    Files.writeString(file, "all there");

    awaitUsed("all there");
    assertThat(used).containsExactly("first", "all there");
  }

  @Test
  void aFileThatWasGoneIsReadAgainWhenItIsBack() throws IOException {
    watch(file);

    Files.delete(file);
    await().until(() -> !errors().isEmpty());
    assertThat(used).containsExactly("first");

    Files.writeString(file, "back");
    awaitUsed("back");
  }

  /** As with rights that are given later, which leave no trace on the file. */
  @Test
  void troubleThatGoesByItselfIsOver() throws IOException {
    AtomicInteger failures = new AtomicInteger(3);
    watch.readAndWatch(
        "the file",
        ImmutableList.of(file),
        () -> {
          if (!used.isEmpty() && failures.getAndDecrement() > 0) {
            throw new IOException("not now");
          }
          read(file);
        });

    Files.writeString(file, "second");

    awaitUsed("second");
  }

  @Test
  void whateverAReaderThrowsItIsTriedAgainAndTheOthersToo() throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "1");
    AtomicInteger failures = new AtomicInteger();
    watch.readAndWatch(
        "the other",
        ImmutableList.of(other),
        () -> {
          if (Files.readString(other).equals("2") && failures.getAndIncrement() < 3) {
            throw new StackOverflowError("too deep");
          }
        });
    watch(file);

    Files.writeString(other, "2");
    await().until(() -> log.text().contains("the other read again"));
    assertThat(errors()).hasSize(1);
    assertThat(errors().get(0)).contains("StackOverflowError");
    Files.writeString(file, "second");

    awaitUsed("second");
  }

  @Test
  void hasAThreadWhileThereAreFilesToLookAt() throws IOException {
    Set<Thread> before = threads();
    try (FileWatch other = new FileWatch()) {
      assertThat(newThreads(before)).isEmpty();

      other.readAndWatch("the file", ImmutableList.of(file), () -> {});
      assertThat(newThreads(before)).hasSize(1).allMatch(Thread::isDaemon);
    }
    await().untilAsserted(() -> assertThat(newThreads(before)).isEmpty());
  }

  private static Set<Thread> threads() {
    return Set.copyOf(Thread.getAllStackTraces().keySet());
  }

  private static Set<Thread> newThreads(Set<Thread> before) {
    Set<Thread> now = new HashSet<>(threads());
    now.removeAll(before);
    now.removeIf(thread -> !thread.getName().equals("clutch-credentials"));
    return now;
  }

  @Test
  void nothingIsReadAfterTheEnd() throws IOException {
    watch(file);
    Thread thread =
        allThreads()
            .filter(one -> one.getName().equals("clutch-credentials"))
            .findAny()
            .orElseThrow();

    watch.close();
    await().until(() -> !thread.isAlive());
    Files.writeString(file, "second");

    assertThat(used).containsExactly("first");
  }

  private static Stream<Thread> allThreads() {
    return threads().stream();
  }
}
