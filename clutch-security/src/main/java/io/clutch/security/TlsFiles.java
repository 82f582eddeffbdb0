package io.clutch.security;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The PEM files of one side of a TLS connection. They are read again when they change, and new
 * connections use what is in them; no call under way is lost. TLS 1.3 and 1.2 are spoken.
 * Immutable.
 *
 * <pre>{@code
 * TlsFiles.identity(Path.of("worker.pem"), Path.of("worker-key.pem")).trusting(Path.of("ca.pem"))
 * }</pre>
 */
public final class TlsFiles {

  private static final TlsFiles SYSTEM_TRUST = new TlsFiles(null, null, null);

  private final @Nullable Path certificate;
  private final @Nullable Path key;
  private final @Nullable Path authorities;

  private TlsFiles(@Nullable Path certificate, @Nullable Path key, @Nullable Path authorities) {
    this.certificate = certificate;
    this.key = key;
    this.authorities = authorities;
  }

  /**
   * A certificate of one's own. A worker needs one.
   *
   * @param certificate the certificate, followed by those that lead to the authority, if any
   * @param key its private key: {@code BEGIN PRIVATE KEY}, that is PKCS#8 without a password; RSA,
   *     EC or Ed25519
   */
  public static TlsFiles identity(Path certificate, Path key) {
    return new TlsFiles(requireNonNull(certificate), requireNonNull(key), null);
  }

  /**
   * Without a certificate of one's own: a client that trusts servers whose certificates one of
   * these authorities signed.
   */
  public static TlsFiles trust(Path authorities) {
    return SYSTEM_TRUST.trusting(authorities);
  }

  /** Without a certificate of one's own: a client that trusts whom the Java runtime trusts. */
  public static TlsFiles systemTrust() {
    return SYSTEM_TRUST;
  }

  /**
   * The same with the authorities whose signature makes the other side's certificate valid. To a
   * client that is the server's; without, it trusts whom the Java runtime trusts. To a worker it is
   * the clients': it then asks them for a certificate; without, it does not.
   *
   * @param authorities certificates, one after another
   */
  public TlsFiles trusting(Path authorities) {
    return new TlsFiles(certificate, key, requireNonNull(authorities));
  }

  /**
   * What an option for each file says; null where it is not given.
   *
   * @throws IllegalArgumentException where there is a certificate without a key, or the reverse;
   *     the message names them
   */
  public static TlsFiles of(
      @Nullable Path certificate, @Nullable Path key, @Nullable Path authorities) {
    checkArgument(
        (certificate == null) == (key == null),
        "there is a %s (%s) without a %s: want both or neither",
        certificate == null ? "key" : "certificate",
        certificate == null ? key : certificate,
        certificate == null ? "certificate" : "key");
    return new TlsFiles(certificate, key, authorities);
  }

  /** Whether there is a certificate of one's own. */
  public boolean hasIdentity() {
    return certificate != null;
  }

  /** Whose signature makes the other side's certificate valid. */
  public Optional<Path> authorities() {
    return Optional.ofNullable(authorities);
  }

  /** The own certificate. */
  Path certificate() {
    checkState(certificate != null, "no certificate");
    return certificate;
  }

  /** Its key. */
  Path key() {
    checkState(key != null, "no key");
    return key;
  }

  @Override
  public String toString() {
    return "TlsFiles[certificate=%s, key=%s, authorities=%s]"
        .formatted(certificate, key, authorities);
  }
}
