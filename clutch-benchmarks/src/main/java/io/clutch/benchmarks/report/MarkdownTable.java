package io.clutch.benchmarks.report;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table in Markdown whose columns stand below each other in plain text, too. For one thread. */
public final class MarkdownTable {

  private final ImmutableList<String> header;

  /** The first columns are words, set to the left; the others are numbers. */
  private final int words;

  private final List<ImmutableList<String>> rows = new ArrayList<>();

  /** Starts one. */
  public MarkdownTable(int words, String... header) {
    this.words = words;
    this.header = ImmutableList.copyOf(header);
  }

  /** Adds a row. */
  public void add(String... cells) {
    checkArgument(
        cells.length == header.size(), "%s cells for %s columns", cells.length, header.size());
    rows.add(ImmutableList.copyOf(cells));
  }

  /** The lines. */
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    lines.add(line(header));
    lines.add(
        IntStream.range(0, header.size())
            .mapToObj(i -> i < words ? "-".repeat(width(i) + 2) : "-".repeat(width(i) + 1) + ":")
            .collect(Collectors.joining("|", "|", "|")));
    rows.forEach(row -> lines.add(line(row)));
    return String.join("\n", lines);
  }

  private String line(List<String> cells) {
    return IntStream.range(0, header.size())
        .mapToObj(
            i ->
                i < words
                    ? Strings.padEnd(cells.get(i), width(i), ' ')
                    : Strings.padStart(cells.get(i), width(i), ' '))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  private int width(int column) {
    return Math.max(
        header.get(column).length(),
        rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
  }
}
