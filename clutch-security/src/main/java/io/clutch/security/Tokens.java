package io.clutch.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bearer tokens and the names of those who have them. Only their digests are kept. Immutable.
 *
 * <p>In a file, each line is a name and a token, or {@code sha256:} and its digest in hexadecimal;
 * a name may stand there several times, a token with one name only. Empty lines and those that
 * begin with {@code #} don't count.
 */
final class Tokens {

  static final Tokens NONE = new Tokens(ImmutableList.of());

  private static final int SHORTEST = 16;

  /** What a token is made of (RFC 6750, 2.1). */
  private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  private static final Pattern LINE = Pattern.compile("([A-Za-z0-9._-]+)\\s+(\\S+)");

  private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-fA-F]{64})");

  private final ImmutableList<Entry> entries;

  private Tokens(ImmutableList<Entry> entries) {
    this.entries = entries;
  }

  private record Entry(String name, HashCode digest) {}

  /**
   * Reads a file.
   *
   * @throws IOException where it cannot be read or holds something else; the message names the file
   *     and the line, and repeats nothing of it
   */
  static Tokens read(Path file) throws IOException {
    List<Entry> entries = new ArrayList<>();
    List<String> lines = FileContent.text(file).lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        Entry entry = entry(file, i + 1, line);
        checkOwner(file, i + 1, entry, entries);
        entries.add(entry);
      }
    }
    return new Tokens(ImmutableList.copyOf(entries));
  }

  /**
   * Reads a file that holds one token and nothing else.
   *
   * @throws IOException where it cannot be read or holds something else; the message names the file
   */
  static String readOne(Path file) throws IOException {
    String token = FileContent.text(file).strip();
    if (!isLegal(token)) {
      throw new IOException("%s does not hold one token: want %s".formatted(file, legal()));
    }
    return token;
  }

  /** A token tells who someone is, so it cannot be that of two. */
  private static void checkOwner(Path file, int number, Entry entry, List<Entry> before)
      throws IOException {
    for (Entry other : before) {
      if (other.digest().equals(entry.digest()) && !other.name().equals(entry.name())) {
        throw new IOException(
            "the token on line %d of %s stands above with another name".formatted(number, file));
      }
    }
  }

  private static Entry entry(Path file, int number, String line) throws IOException {
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new IOException(
          ("line %d of %s is not a name and a token with a space between them; the name has"
                  + " letters, digits, '.', '_' and '-'")
              .formatted(number, file));
    }
    Matcher digest = DIGEST.matcher(parts.group(2));
    if (digest.matches()) {
      return new Entry(parts.group(1), HashCode.fromString(Ascii.toLowerCase(digest.group(1))));
    }
    if (!isLegal(parts.group(2))) {
      throw new IOException(
          "the token on line %d of %s is none: want %s, or sha256: and 64 hexadecimal digits"
              .formatted(number, file, legal()));
    }
    return new Entry(parts.group(1), digest(parts.group(2)));
  }

  private static boolean isLegal(String token) {
    return token.length() >= SHORTEST && LEGAL.matcher(token).matches();
  }

  private static String legal() {
    return "at least %d letters, digits, '.', '_', '~', '+', '/' and '-'".formatted(SHORTEST);
  }

  /** Whose token that is. Takes the same time for every token of that length, right or wrong. */
  Optional<String> nameOf(String token) {
    byte[] digest = digest(token).asBytes();
    Optional<String> found = Optional.empty();
    for (Entry entry : entries) {
      if (MessageDigest.isEqual(entry.digest().asBytes(), digest)) {
        found = Optional.of(entry.name());
      }
    }
    return found;
  }

  private static HashCode digest(String token) {
    return Hashing.sha256().hashString(token, UTF_8);
  }
}
