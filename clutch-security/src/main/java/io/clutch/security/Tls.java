package io.clutch.security;

import com.google.common.collect.ImmutableList;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/** Makes Netty's TLS contexts over files that may change. */
final class Tls {

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private Tls() {}

  /**
   * Which authorities are trusted, where files say so.
   *
   * @param onChange is run when they have changed
   */
  static Optional<Trust> trust(TlsFiles files, FileWatch watch, Runnable onChange)
      throws IOException {
    return files.authorities().isPresent()
        ? Optional.of(Trust.of(files.authorities().get(), watch, onChange))
        : Optional.empty();
  }

  /**
   * For a worker.
   *
   * @param clientAuth whether clients must have a certificate
   */
  static SslContext server(
      TlsFiles files, FileWatch watch, @Nullable Trust trust, ClientAuth clientAuth)
      throws IOException {
    // Sessions that are resumed show the client's old certificate, but that is looked at for each
    // call.
    SslContextBuilder builder = SslContextBuilder.forServer(identity(files, watch, () -> {}));
    return build(builder.clientAuth(clientAuth), trust);
  }

  /**
   * For a client.
   *
   * @param onChange is run when files have changed, and what new connections begin with
   */
  static SslContext client(TlsFiles files, FileWatch watch, Runnable onChange) throws IOException {
    AtomicReference<@Nullable SslContext> made = new AtomicReference<>();
    Runnable forgetAndTell =
        () -> {
          SslContext context = made.get();
          if (context != null) {
            forgetSessions(context);
            onChange.run();
          }
        };
    SslContextBuilder builder = SslContextBuilder.forClient();
    if (files.hasIdentity()) {
      builder.keyManager(identity(files, watch, forgetAndTell));
    }
    SslContext context = build(builder, trust(files, watch, forgetAndTell).orElse(null));
    made.set(context);
    return context;
  }

  /** Sessions that are resumed have the certificates that they began with. */
  private static void forgetSessions(SslContext context) {
    SSLSessionContext sessions = context.sessionContext();
    for (byte[] id : Collections.list(sessions.getIds())) {
      SSLSession session = sessions.getSession(id);
      if (session != null) {
        session.invalidate();
      }
    }
  }

  private static SslContext build(SslContextBuilder builder, @Nullable Trust trust)
      throws SSLException {
    if (trust != null) {
      builder.trustManager(trust);
    }
    return GrpcSslContexts.configure(builder).protocols(PROTOCOLS).build();
  }

  private static AdvancedTlsX509KeyManager identity(
      TlsFiles files, FileWatch watch, Runnable onChange) throws IOException {
    AdvancedTlsX509KeyManager manager = new AdvancedTlsX509KeyManager();
    watch.readAndWatch(
        "the certificate %s with the key %s".formatted(files.certificate(), files.key()),
        ImmutableList.of(files.certificate(), files.key()),
        () -> {
          PemFiles.KeyPair pair = PemFiles.keyPair(files.certificate(), files.key());
          manager.updateIdentityCredentials(
              pair.chain().toArray(new X509Certificate[0]), pair.key());
          onChange.run();
        });
    return manager;
  }
}
