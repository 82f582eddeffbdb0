package io.clutch.durable.internal.postgres;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Rows that one statement takes all together, as an array for each column. */
final class Columns {

  /** How many rows and bytes one statement takes, far below what the server refuses. */
  private static final int MOST_ROWS = 1_000;

  private static final long MOST_BYTES = 16L << 20;

  private Columns() {}

  /** A column of {@code rows}. */
  static <R> void set(
      PreparedStatement statement,
      int index,
      String type,
      Collection<R> rows,
      Function<R, @Nullable Object> column)
      throws SQLException {
    // Of the element's own class: byte arrays are sent as they are only so.
    @Nullable Object[] values =
        switch (type) {
          case "bytea" -> new byte[rows.size()][];
          case "text" -> new String[rows.size()];
          case "int8" -> new Long[rows.size()];
          default -> new Integer[rows.size()];
        };
    int i = 0;
    for (R row : rows) {
      values[i++] = column.apply(row);
    }
    Connection connection = statement.getConnection();
    Array array = connection.createArrayOf(type, values);
    statement.setArray(index, array);
  }

  /** Rows in their order, so many at a time as one statement takes. */
  static <R> List<List<R>> portions(Collection<R> rows, ToIntFunction<R> bytes) {
    List<List<R>> portions = new ArrayList<>();
    List<R> portion = new ArrayList<>();
    long size = 0;
    for (R row : rows) {
      int more = bytes.applyAsInt(row);
      if (!portion.isEmpty() && (portion.size() == MOST_ROWS || size + more > MOST_BYTES)) {
        portions.add(portion);
        portion = new ArrayList<>();
        size = 0;
      }
      portion.add(row);
      size += more;
    }
    if (!portion.isEmpty()) {
      portions.add(portion);
    }
    return portions;
  }
}
