package io.clutch.supervisor.internal.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Cuts what a child prints into lines. Keeps reading whatever happens, so that no child blocks. */
final class LineReader {

  /** What is longer without a line end is cut; in bytes. */
  static final int LONGEST = 64 * 1024;

  private final InputStream stream;
  private final Consumer<byte[]> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);

  /**
   * @param lines takes each line, without its line end
   */
  LineReader(InputStream stream, Consumer<byte[]> lines) {
    this.stream = stream;
    this.lines = lines;
  }

  /** Reads to the end. */
  void run() {
    byte[] buffer = new byte[8192];
    try (stream) {
      for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
        take(buffer, n);
      }
    } catch (IOException e) {
      // The pipe broke: the process has gone.
    }
    if (line.size() > 0) {
      emit();
    }
  }

  private void take(byte[] buffer, int length) {
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (buffer[i] == '\n') {
        line.write(buffer, start, i - start);
        start = i + 1;
        emit();
      } else if (line.size() + i - start >= LONGEST) {
        line.write(buffer, start, i - start);
        start = i;
        emit();
      }
    }
    line.write(buffer, start, length - start);
  }

  private void emit() {
    byte[] bytes = line.toByteArray();
    line.reset();
    int length = bytes.length;
    boolean endsWithReturn = length > 0 && bytes[length - 1] == '\r';
    lines.accept(endsWithReturn ? java.util.Arrays.copyOf(bytes, length - 1) : bytes);
  }
}
