package io.clutch.security;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * What a caller shows of himself.
 *
 * @param certificate that of his connection; null where there is none
 * @param authorization the values of the {@code authorization} headers of his call
 */
public record Credentials(
    @Nullable ClientCertificate certificate, ImmutableList<String> authorization) {

  /** Nothing. */
  public static final Credentials NONE = new Credentials(null, ImmutableList.of());

  /** Without what is secret. */
  @Override
  public String toString() {
    return "Credentials[certificate=%s, %d authorization headers]"
        .formatted(certificate == null ? "none" : certificate.names(), authorization.size());
  }
}
