package io.clutch.durable.internal.postgres;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a database is: {@code postgresql://user:password@host:port/database?parameter=value}, with
 * the parameters of the JDBC driver.
 *
 * @param name for people, without secrets
 * @param jdbc for the driver, without secrets
 * @param secrets user and password, as far as they are given
 */
record PostgresUrl(String name, String jdbc, ImmutableMap<String, String> secrets) {

  private static final List<String> SCHEMES =
      List.of("postgresql://", "postgres://", "jdbc:postgresql://");

  /** Names that PostgreSQL's other programs know, and what the driver calls them. */
  private static final ImmutableMap<String, String> OTHER_NAMES =
      ImmutableMap.of("application_name", "ApplicationName", "connect_timeout", "connectTimeout");

  /** What holds where the URL says nothing else. */
  private static final ImmutableMap<String, String> DEFAULTS =
      ImmutableMap.of(
          "ApplicationName", "clutch",
          // In seconds.
          "connectTimeout", "5",
          // The server gives up a statement long before; this is for a server that is not there.
          "socketTimeout", "30",
          "tcpKeepAlive", "true");

  /** Whether a store's name is such a URL. */
  static boolean isOne(String store) {
    return SCHEMES.stream().anyMatch(store::startsWith);
  }

  /**
   * @throws IllegalArgumentException where it makes no sense; the message has no secrets
   */
  static PostgresUrl parse(String store) {
    String scheme = SCHEMES.stream().filter(store::startsWith).findFirst().orElseThrow();
    String rest = store.substring(scheme.length());
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    String place = question < 0 ? rest : rest.substring(0, question);
    // A password may hold a slash, a host cannot hold an @.
    int at = place.lastIndexOf('@');
    String hosts = place.substring(at + 1);
    Map<String, String> secrets = new LinkedHashMap<>();
    if (at >= 0) {
      String userInfo = place.substring(0, at);
      int colon = userInfo.indexOf(':');
      secrets.put("user", decode(colon < 0 ? userInfo : userInfo.substring(0, colon)));
      if (colon >= 0) {
        secrets.put("password", decode(userInfo.substring(colon + 1)));
      }
    }
    String name = "postgresql://" + hosts;
    Map<String, String> parameters = new LinkedHashMap<>(DEFAULTS);
    for (String parameter : Splitter.on('&').omitEmptyStrings().split(query)) {
      int equal = parameter.indexOf('=');
      String given = decode(equal < 0 ? parameter : parameter.substring(0, equal));
      String key = OTHER_NAMES.getOrDefault(given, given);
      String value = equal < 0 ? "" : decode(parameter.substring(equal + 1));
      if (key.equals("user") || key.equals("password")) {
        secrets.put(key, value);
      } else {
        parameters.put(key, value);
      }
    }
    StringJoiner jdbc = new StringJoiner("&", "jdbc:postgresql://" + hosts + "?", "");
    parameters.forEach((key, value) -> jdbc.add(encode(key) + "=" + encode(value)));
    if (hosts.isEmpty() || Driver.parseURL(jdbc.toString(), null) == null) {
      throw senseless(name, null);
    }
    PostgresUrl url = new PostgresUrl(name, jdbc.toString(), ImmutableMap.copyOf(secrets));
    try {
      var unused = url.database();
    } catch (IllegalArgumentException e) {
      throw senseless(name, e);
    }
    return url;
  }

  private static IllegalArgumentException senseless(String name, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "store is '%s': want postgresql://user:password@host:port/database".formatted(name), cause);
  }

  /** Connections to it. */
  PGSimpleDataSource database() {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setURL(jdbc);
    if (secrets.containsKey("user")) {
      database.setUser(secrets.get("user"));
    }
    if (secrets.containsKey("password")) {
      database.setPassword(secrets.get("password"));
    }
    return database;
  }

  /** But that a plus stays one. */
  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Its own message may have a secret.
      throw new IllegalArgumentException(
          "store has a '%' in its postgresql:// URL that two digits do not follow: write it as %25");
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return name;
  }
}
