package io.clutch.durable.internal.postgres;

import com.google.common.collect.ImmutableSet;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.PriorityTurns;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.v1.Payload;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes pending jobs whose turn it is, next to other processes that do the same. It looks at the
 * heads of the lines without locking anything, decides, and then locks in that order what no other
 * process has locked, no more than it takes. For one thread.
 */
final class PendingJobs {

  /** The first ones of each priority, at most so many of each. */
  static final String HEADS =
      "SELECT p.priority, h.seq, h.place, h.bytes FROM unnest('{0,1,2}'::smallint[]) AS p (priority)"
          + " CROSS JOIN LATERAL (SELECT j.seq, j.place, j.bytes FROM unnest(?::text[]) AS f (name)"
          + " CROSS JOIN LATERAL (SELECT seq, ctid::text AS place,"
          + " coalesce(octet_length(payload), 0) AS bytes FROM clutch_job"
          + " WHERE state = 0 AND priority = p.priority AND function = f.name"
          + " ORDER BY seq LIMIT ?) AS j ORDER BY j.seq LIMIT ?) AS h";

  /** By its place a row is found at once; by its number it is known that it is still that one. */
  private static final String TAKE =
      "WITH chosen AS MATERIALIZED ("
          + " SELECT c.i, j.ctid AS place"
          + " FROM unnest(?::tid[], ?::bigint[]) WITH ORDINALITY AS c (place, seq, i)"
          + " JOIN clutch_job j ON j.ctid = c.place AND j.seq = c.seq"
          + " WHERE j.state < 1 ORDER BY c.i LIMIT ? FOR UPDATE OF j SKIP LOCKED)"
          + " UPDATE clutch_job j"
          + " SET state = 3, owner = ?, started_at = ?, attempts = j.attempts + 1"
          + " FROM chosen WHERE j.ctid = chosen.place"
          + " RETURNING chosen.i, j.seq, j.job_id, j.attempts, j.record, j.story, j.payload";

  /**
   * How many heads it looks at beyond those that it wants, and as many again: others may be about
   * to take some.
   */
  private static final int SPARE = 8;

  /** How often it looks further where others have taken even those. */
  private static final int TRIES = 4;

  private final PriorityTurns turns = new PriorityTurns();

  /** A job that may be taken, and how large its argument is. */
  private record Head(long seq, String place, int bytes) {}

  /** A job that is taken, and when its turn was. */
  private record Turn(long number, TakenJob job) {}

  /**
   * Takes some.
   *
   * @param taken gets them
   * @return whether there may be more
   */
  boolean take(
      Connection connection,
      long owner,
      long nowMillis,
      int wanted,
      ImmutableSet<String> functions,
      List<TakenJob> taken)
      throws SQLException {
    int left = wanted;
    long bytes = 0;
    int spare = SPARE;
    for (int i = 0; i < TRIES && left > 0 && bytes <= JobStore.ENOUGH_BYTES; i++) {
      int limit = (int) Math.min(Integer.MAX_VALUE, 2L * left + spare);
      List<List<Head>> lines = heads(connection, functions, limit);
      List<Head> chosen = choose(lines, left, JobStore.ENOUGH_BYTES - bytes);
      boolean isCutShort =
          chosen.size() < left && chosen.size() < lines.stream().mapToInt(List::size).sum();
      // Then the others, for where some of the first are gone.
      Set<Head> heads = new LinkedHashSet<>(chosen);
      lines.forEach(heads::addAll);
      int before = taken.size();
      int settled = take(connection, owner, nowMillis, chosen.size(), heads, taken);
      if (isCutShort && settled > 0) {
        return true;
      }
      if (lines.stream().noneMatch(line -> line.size() == limit)) {
        return settled == left;
      }
      left -= settled;
      for (TakenJob job : taken.subList(before, taken.size())) {
        bytes += job.payload().getSerializedSize();
      }
      spare *= 8;
    }
    return left == 0 || bytes > JobStore.ENOUGH_BYTES;
  }

  /** Those whose turn it is, until there are enough. */
  private List<Head> choose(List<List<Head>> lines, int wanted, long enough) {
    List<Head> chosen = new ArrayList<>();
    Iterator<Head> inTurn = turns.inTurn(lines);
    long bytes = 0;
    while (chosen.size() < wanted && bytes <= enough && inTurn.hasNext()) {
      Head head = inTurn.next();
      bytes += head.bytes();
      chosen.add(head);
    }
    return chosen;
  }

  private static List<List<Head>> heads(
      Connection connection, ImmutableSet<String> functions, int limit) throws SQLException {
    List<List<Head>> lines = new ArrayList<>();
    for (int i = 0; i < PriorityTurns.PRIORITIES; i++) {
      lines.add(new ArrayList<>());
    }
    try (PreparedStatement query = connection.prepareStatement(HEADS)) {
      Columns.set(query, 1, "text", functions, name -> name);
      query.setInt(2, limit);
      query.setInt(3, limit);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          lines
              .get(rows.getInt(1))
              .add(new Head(rows.getLong(2), rows.getString(3), rows.getInt(4)));
        }
      }
    }
    lines.forEach(line -> line.sort(Comparator.comparingLong(Head::seq)));
    return lines;
  }

  /** Says how many are gone from the line. */
  private static int take(
      Connection connection,
      long owner,
      long nowMillis,
      int wanted,
      Set<Head> heads,
      List<TakenJob> taken)
      throws SQLException {
    if (heads.isEmpty()) {
      return 0;
    }
    List<Turn> inOrder = new ArrayList<>();
    List<Change> unreadable = new ArrayList<>();
    try (PreparedStatement take = connection.prepareStatement(TAKE)) {
      Columns.set(take, 1, "text", heads, Head::place);
      Columns.set(take, 2, "int8", heads, Head::seq);
      take.setInt(3, wanted);
      take.setLong(4, owner);
      take.setLong(5, nowMillis);
      try (ResultSet rows = take.executeQuery()) {
        while (rows.next()) {
          try {
            Payload payload = Rows.payload(rows.getBytes("payload"));
            inOrder.add(new Turn(rows.getLong("i"), OwnedJobs.taken(rows, payload)));
          } catch (Rows.UnreadableException e) {
            unreadable.add(OwnedJobs.unreadable(rows, e, nowMillis));
          }
        }
      }
    }
    new OwnedJobs(connection, owner, nowMillis).write(unreadable);
    inOrder.sort(Comparator.comparingLong(Turn::number));
    inOrder.forEach(turn -> taken.add(turn.job()));
    return inOrder.size() + unreadable.size();
  }
}
