package io.clutch.benchmarks.durable;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker says of its store when it stops.
 *
 * @param accepted how many jobs it accepted
 * @param acceptCommits in how many transactions it did that
 * @param taken how many it took to run them
 * @param changeCommits in how many transactions it took them, and wrote their ends
 */
record LastWord(long accepted, long acceptCommits, long taken, long changeCommits) {

  private static final Pattern WORDS =
      Pattern.compile(
          "is closed: (\\d+) jobs accepted in (\\d+) commits, (\\d+) taken and ended in (\\d+)");

  /** It, where that line of a log is it. */
  static Optional<LastWord> find(String line) {
    Matcher matcher = WORDS.matcher(line);
    return matcher.find()
        ? Optional.of(
            new LastWord(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3)),
                Long.parseLong(matcher.group(4))))
        : Optional.empty();
  }

  /** Both together. */
  LastWord plus(LastWord other) {
    return new LastWord(
        accepted + other.accepted,
        acceptCommits + other.acceptCommits,
        taken + other.taken,
        changeCommits + other.changeCommits);
  }

  /** Transactions that accepted, for each accepted job; NaN where none was. */
  double acceptCommitsPerJob() {
    return accepted == 0 ? Double.NaN : (double) acceptCommits / accepted;
  }

  /** All transactions for each accepted job; NaN where none was. */
  double commitsPerJob() {
    return accepted == 0 ? Double.NaN : (double) (acceptCommits + changeCommits) / accepted;
  }
}
