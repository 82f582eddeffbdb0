package io.clutch.benchmarks.durable;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker says of its store when it stops.
 *
 * @param accepted how many jobs it accepted
 * @param taken how many it took to run them
 * @param commits in how many transactions it did that, and wrote their ends
 */
record LastWord(long accepted, long taken, long commits) {

  private static final Pattern WORDS =
      Pattern.compile("is closed: (\\d+) jobs accepted, (\\d+) taken, in (\\d+) commits");

  /** It, where that line of a log is it. */
  static Optional<LastWord> find(String line) {
    Matcher matcher = WORDS.matcher(line);
    return matcher.find()
        ? Optional.of(
            new LastWord(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }

  /** Both together. */
  LastWord plus(LastWord other) {
    return new LastWord(accepted + other.accepted, taken + other.taken, commits + other.commits);
  }

  /** Transactions for each accepted job; NaN where none was accepted. */
  double commitsPerJob() {
    return accepted == 0 ? Double.NaN : (double) commits / accepted;
  }
}
