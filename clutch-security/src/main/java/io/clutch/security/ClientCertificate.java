package io.clutch.security;

import com.google.common.collect.ImmutableSet;
import com.google.common.net.InetAddresses;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a client showed when its connection was made. A connection may last for
 * months, so whether it is still good is looked at for every call. Thread-safe.
 */
public final class ClientCertificate {

  private static final String IP = "ip:";

  private final X509Certificate[] chain;
  private final ImmutableSet<String> names;

  /** Null before the first look. */
  private volatile @Nullable Verdict last;

  /**
   * What the last look found.
   *
   * @param authorities those who say so
   * @param until the next moment when that may change by itself
   * @param problem what is wrong; null where it is good
   */
  private record Verdict(Object authorities, Instant until, @Nullable String problem) {}

  private ClientCertificate(X509Certificate[] chain) {
    this.chain = chain;
    this.names = names(chain[0]);
  }

  /** That of a connection; empty where the client has shown none. */
  public static Optional<ClientCertificate> of(SSLSession session) {
    try {
      Certificate[] shown = session.getPeerCertificates();
      X509Certificate[] chain = new X509Certificate[shown.length];
      for (int i = 0; i < shown.length; i++) {
        chain[i] = (X509Certificate) shown[i];
      }
      return chain.length == 0 ? Optional.empty() : Optional.of(new ClientCertificate(chain));
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  ImmutableSet<String> names() {
    return names;
  }

  /**
   * Checks that it is good now.
   *
   * @throws ClutchException UNAUTHENTICATED, with what is wrong
   */
  void check(Trust trust) {
    Object authorities = trust.version();
    Instant now = Instant.now();
    Verdict verdict = last;
    if (verdict == null || verdict.authorities() != authorities || !now.isBefore(verdict.until())) {
      verdict = look(trust, authorities, now);
      last = verdict;
    }
    if (verdict.problem() != null) {
      throw ClutchException.notStarted(
          Reason.UNAUTHENTICATED,
          "the client's certificate (%s) is not accepted any more: %s"
              .formatted(String.join(", ", names), verdict.problem()));
    }
  }

  private Verdict look(Trust trust, Object authorities, Instant now) {
    try {
      chain[0].checkValidity();
      trust.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
      return new Verdict(authorities, nextEnd(now), null);
    } catch (CertificateException e) {
      // Whoever goes on calling shall not have it looked at each time.
      return new Verdict(authorities, now.plusSeconds(1), String.valueOf(e.getMessage()));
    }
  }

  /** Clients may show more certificates than it takes, so not every end is one for this. */
  private Instant nextEnd(Instant now) {
    return Arrays.stream(chain)
        .map(certificate -> certificate.getNotAfter().toInstant())
        .filter(now::isBefore)
        .min(Comparator.naturalOrder())
        .orElse(now);
  }

  private static ImmutableSet<String> names(X509Certificate certificate) {
    ImmutableSet.Builder<String> names = ImmutableSet.builder();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          String kind = kind((Integer) alternative.get(0));
          if (!kind.isEmpty()) {
            names.add(kind + name(kind, (String) alternative.get(1)));
          }
        }
      }
    } catch (CertificateParsingException e) {
      // Then its subject has to do.
      return subject(certificate);
    }
    ImmutableSet<String> found = names.build();
    return found.isEmpty() ? subject(certificate) : found;
  }

  private static String name(String kind, String name) {
    // Java writes IPv6 addresses in full; rules have them as people do (RFC 5952).
    return kind.equals(IP) && InetAddresses.isInetAddress(name)
        ? InetAddresses.toAddrString(InetAddresses.forString(name))
        : name;
  }

  private static ImmutableSet<String> subject(X509Certificate certificate) {
    return ImmutableSet.of("subject:" + certificate.getSubjectX500Principal().getName());
  }

  /** Kinds of names, by their numbers in RFC 5280, 4.2.1.6. */
  private static String kind(int number) {
    return switch (number) {
      case 1 -> "email:";
      case 2 -> "dns:";
      case 6 -> "uri:";
      case 7 -> IP;
      default -> "";
    };
  }
}
