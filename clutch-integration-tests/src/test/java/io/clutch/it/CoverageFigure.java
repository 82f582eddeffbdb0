package io.clutch.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Prints the share of lines that the tests run, from JaCoCo's table of classes. */
public final class CoverageFigure {

  private CoverageFigure() {}

  /** Takes the path of the table. */
  public static void main(String[] args) throws IOException {
    Path table = Path.of(args[0]);
    if (!Files.exists(table)) {
      System.out.println("coverage: no tests were run");
      return;
    }
    List<String> lines = Files.readAllLines(table);
    List<String> columns = List.of(lines.get(0).split(",", -1));
    int missedColumn = columns.indexOf("LINE_MISSED");
    int coveredColumn = columns.indexOf("LINE_COVERED");
    long missed = 0;
    long covered = 0;
    for (String line : lines.subList(1, lines.size())) {
      String[] values = line.split(",", -1);
      missed += Long.parseLong(values[missedColumn]);
      covered += Long.parseLong(values[coveredColumn]);
    }
    System.out.printf(
        Locale.ROOT,
        "coverage: %.1f %% of %d lines%n",
        100.0 * covered / Math.max(1, covered + missed),
        covered + missed);
  }
}
