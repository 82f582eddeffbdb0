package io.clutch.durable.internal.postgres;

import io.clutch.durable.internal.store.Owner;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The processes that may own jobs. */
final class Owners {

  private static final String LEAVE =
      "DELETE FROM clutch_owner WHERE id = ?"
          + " AND NOT EXISTS (SELECT 1 FROM clutch_job WHERE owner = ?)";

  private static final String OTHERS =
      "SELECT id, host, pool, slot, generation, pid, beats FROM clutch_owner WHERE id <> ?";

  private Owners() {}

  static void enter(Connection connection, Owner self) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO clutch_owner (id, host, pool, slot, generation, pid)"
                // Its first try may have come through though it seemed not to.
                + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      insert.setLong(1, self.id());
      insert.setString(2, self.host());
      insert.setString(3, self.pool());
      insert.setInt(4, self.slot());
      insert.setLong(5, self.generation());
      insert.setLong(6, self.processId());
      int unused = insert.executeUpdate();
    }
  }

  /** What it has still, whoever buries it must find. */
  static void leave(Connection connection, long id) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(LEAVE)) {
      delete.setLong(1, id);
      delete.setLong(2, id);
      int unused = delete.executeUpdate();
    }
  }

  /** False where it is not there any more. */
  static boolean beat(Connection connection, long id) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE clutch_owner SET beats = beats + 1 WHERE id = ?")) {
      update.setLong(1, id);
      return update.executeUpdate() > 0;
    }
  }

  /**
   * Sees to it that nobody buries it before the transaction's end.
   *
   * @return false where that has happened
   */
  static boolean holdOff(Connection connection, long id) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT 1 FROM clutch_owner WHERE id = ? FOR KEY SHARE")) {
      query.setLong(1, id);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Has it for this transaction alone; its beats, or empty where it is not there any more. */
  static OptionalLong seize(Connection connection, long id) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT beats FROM clutch_owner WHERE id = ? FOR UPDATE")) {
      query.setLong(1, id);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  static void remove(Connection connection, long id) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM clutch_owner WHERE id = ?")) {
      delete.setLong(1, id);
      int unused = delete.executeUpdate();
    }
  }

  static List<Owner> others(Connection connection, long self) throws SQLException {
    List<Owner> others = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(OTHERS)) {
      query.setLong(1, self);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          others.add(owner(rows.getLong("id"), rows));
        }
      }
    }
    return others;
  }

  static Owner owner(long id, ResultSet row) throws SQLException {
    return new Owner(
        id,
        row.getString("host"),
        row.getString("pool"),
        row.getInt("slot"),
        row.getLong("generation"),
        row.getLong("pid"),
        row.getLong("beats"));
  }
}
