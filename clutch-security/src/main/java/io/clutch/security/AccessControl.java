package io.clutch.security;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's door: who a caller is, and what he may call, at this moment. Reads its files again
 * when they change. Thread-safe.
 */
public final class AccessControl implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AccessControl.class);

  private static final String BEARER = "bearer ";

  private final FileWatch watch;
  private final @Nullable Trust trust;
  private final @Nullable SslContext sslContext;
  private final boolean hasTokens;
  private volatile Tokens tokens = Tokens.NONE;

  /** Null where everyone may call everything. */
  private volatile @Nullable AccessRules rules;

  /**
   * What a worker is told of its safety.
   *
   * @param tls null is none
   * @param tokens the file of tokens; null is none
   * @param rules null is none
   * @param rulesFile instead of {@code rules}; null is none
   */
  public record Options(
      @Nullable TlsFiles tls,
      @Nullable Path tokens,
      @Nullable AccessRules rules,
      @Nullable Path rulesFile) {

    /** Everyone may call everything, and everyone on the way may listen. */
    public static final Options NONE = new Options(null, null, null, null);

    /** Checks that they fit together. */
    public Options {
      checkArgument(
          tls == null || tls.hasIdentity(),
          "tls has no certificate: a worker needs one, and its key");
      checkArgument(
          rules == null || rulesFile == null,
          "there are rules, and a file of rules: %s",
          rulesFile);
      checkArgument(
          (rules == null && rulesFile == null) || tokens != null || asksForCertificates(tls),
          "there are rules, but nothing by which to know callers: want tokens, or tls with the"
              + " authorities of clients");
    }

    private static boolean asksForCertificates(@Nullable TlsFiles tls) {
      return tls != null && tls.authorities().isPresent();
    }

    /** Whether a caller must prove who he is. */
    public boolean authenticates() {
      return tokens != null || asksForCertificates(tls);
    }
  }

  private AccessControl(Options options) throws IOException {
    this.watch = new FileWatch();
    try {
      TlsFiles tls = options.tls();
      this.trust = tls == null ? null : Tls.trust(tls, watch, () -> {}).orElse(null);
      this.hasTokens = options.tokens() != null;
      this.sslContext =
          tls == null ? null : Tls.server(tls, watch, trust, clientAuth(trust, hasTokens));
      readTokens(options.tokens());
      this.rules = options.rules();
      readRules(options.rulesFile());
    } catch (IOException | RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  /**
   * Reads the files.
   *
   * @throws IOException where one cannot be read, or is of no use; the message names it
   */
  public static AccessControl open(Options options) throws IOException {
    return new AccessControl(options);
  }

  /** Either proof will do where there are both. */
  private static ClientAuth clientAuth(@Nullable Trust trust, boolean hasTokens) {
    if (trust == null) {
      return ClientAuth.NONE;
    }
    return hasTokens ? ClientAuth.OPTIONAL : ClientAuth.REQUIRE;
  }

  private void readTokens(@Nullable Path file) throws IOException {
    if (file != null) {
      watch.readAndWatch(
          "the file of tokens " + file, ImmutableList.of(file), () -> tokens = Tokens.read(file));
    }
  }

  private void readRules(@Nullable Path file) throws IOException {
    if (file != null) {
      watch.readAndWatch(
          "the file of rules " + file,
          ImmutableList.of(file),
          () -> rules = AccessRules.read(file));
    }
  }

  /** For connections; empty where they are in plaintext. */
  public Optional<SslContext> sslContext() {
    return Optional.ofNullable(sslContext);
  }

  /** Whether a caller must prove who he is. */
  public boolean authenticates() {
    return hasTokens || trust != null;
  }

  /** Whether the {@code authorization} header is a secret between client and worker. */
  public boolean hasTokens() {
    return hasTokens;
  }

  /** Tells of rules that fit none of these functions: most likely, a name is misspelt. */
  public void warnOfUnused(ImmutableCollection<String> functions) {
    AccessRules now = rules;
    if (now != null) {
      ImmutableList<String> unused = now.withoutFunction(functions);
      if (!unused.isEmpty()) {
        log.warn("there are rules for functions that this worker does not have: {}", unused);
      }
    }
  }

  /**
   * Who that is, at this moment.
   *
   * @throws ClutchException UNAUTHENTICATED where he must prove it and does not
   */
  public Identity identify(Credentials credentials) {
    if (!authenticates()) {
      return Identity.ANONYMOUS;
    }
    ImmutableSet.Builder<String> names = ImmutableSet.builder();
    ClientCertificate certificate = credentials.certificate();
    if (trust != null && certificate != null) {
      certificate.check(trust);
      names.addAll(certificate.names());
    }
    if (hasTokens && !credentials.authorization().isEmpty()) {
      names.add("token:" + nameOf(credentials.authorization()));
    }
    Identity identity = new Identity(names.build());
    if (identity.isAnonymous()) {
      throw unauthenticated(
          hasTokens
              ? "the call carries no token"
                  + (trust == null ? "" : ", and its connection no client certificate")
              : "the connection has no client certificate");
    }
    return identity;
  }

  private String nameOf(ImmutableList<String> authorization) {
    String value = authorization.get(0);
    if (authorization.size() > 1) {
      throw unauthenticated("the call carries more than one 'authorization' header");
    }
    if (!value.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
      throw unauthenticated("the 'authorization' header of the call does not begin with 'Bearer '");
    }
    return tokens
        .nameOf(value.substring(BEARER.length()).strip())
        .orElseThrow(() -> unauthenticated("the call's token is not one that this worker accepts"));
  }

  /**
   * Checks that he may call that.
   *
   * @throws ClutchException PERMISSION_DENIED
   */
  public void check(Identity identity, String function) {
    AccessRules now = rules;
    if (now != null && !now.allows(identity, function)) {
      throw ClutchException.builder(
              Reason.PERMISSION_DENIED,
              Started.NO,
              "%s may not call '%s' here".formatted(identity, function))
          .detail(ClutchException.FUNCTION, function)
          .build();
    }
  }

  private static ClutchException unauthenticated(String why) {
    return ClutchException.notStarted(Reason.UNAUTHENTICATED, why);
  }

  @Override
  public void close() {
    watch.close();
  }
}
