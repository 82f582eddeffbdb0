package io.clutch.client.internal.balance;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what to do about the words in which Java and Netty tell that a connection failed. */
final class ConnectionTrouble {

  /** What Netty puts in front of the system's own words. */
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

  private static final Pattern ALERT =
      Pattern.compile(
          "Received fatal alert: (bad_certificate|certificate_required|certificate_unknown"
              + "|certificate_expired|certificate_revoked|unsupported_certificate|unknown_ca"
              + "|access_denied)");

  /** Beginnings of such words, and what is put in front of them. */
  private static final ImmutableMap<String, String> MEANINGS =
      ImmutableMap.of(
          "unable to find valid certification path",
          "its certificate is not signed by an authority that this client trusts",
          // One of the same name.
          "Signature does not match",
          "its certificate is not signed by an authority that this client trusts",
          "No subject alternative",
          "its certificate is for another name",
          "No name matching",
          "its certificate is for another name",
          "NotAfter:",
          "its certificate has expired",
          "NotBefore:",
          "its certificate is not valid yet",
          "Network closed for unknown reason",
          "it closed the connection without a word; it may want TLS, or take no further connections");

  private static final String NO_TLS = "not an SSL/TLS record";

  private static final String TLS_ALERT = "First received frame was not SETTINGS. Hex dump";

  private ConnectionTrouble() {}

  static String explain(String words) {
    Matcher alert = ALERT.matcher(words);
    if (alert.find()) {
      return "it does not accept this client's certificate, or wants one (%s)"
          .formatted(alert.group(1));
    }
    if (words.startsWith(NO_TLS)) {
      // What follows is a dump of bytes.
      return "it does not speak TLS";
    }
    if (words.contains(TLS_ALERT)) {
      return "it does not speak HTTP/2 in plaintext; it may want TLS (%s)".formatted(words);
    }
    for (Map.Entry<String, String> meaning : MEANINGS.entrySet()) {
      if (words.startsWith(meaning.getKey())) {
        return "%s (%s)".formatted(meaning.getValue(), words);
      }
    }
    return SYSTEM_CALL.matcher(words).replaceFirst("");
  }
}
