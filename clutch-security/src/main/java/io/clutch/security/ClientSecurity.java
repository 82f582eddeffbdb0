package io.clutch.security;

import com.google.common.collect.ImmutableList;
import io.grpc.CallCredentials;
import io.grpc.ChannelCredentials;
import io.grpc.CompositeChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.netty.NettySslContextChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a client connects with, and shows of itself. Reads its files again when they change.
 * Thread-safe.
 */
public final class ClientSecurity implements AutoCloseable {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Plaintext, without a token. */
  public static final ClientSecurity NONE =
      new ClientSecurity(null, InsecureChannelCredentials.create());

  private final @Nullable FileWatch watch;
  private final ChannelCredentials credentials;

  private ClientSecurity(@Nullable FileWatch watch, ChannelCredentials credentials) {
    this.watch = watch;
    this.credentials = credentials;
  }

  /**
   * Reads the files.
   *
   * @param tls null is plaintext
   * @param token a file that holds a token; null is none
   * @param onNewTls is run, by a thread of this, when connections had better be made anew: those of
   *     before end with their certificates
   * @throws IOException where one cannot be read, or is of no use; the message names it
   */
  public static ClientSecurity open(@Nullable TlsFiles tls, @Nullable Path token, Runnable onNewTls)
      throws IOException {
    return open(tls, token, onNewTls, () -> {});
  }

  /**
   * Reads the files.
   *
   * @param onNewToken is run, by a thread of this, when RPCs show another token than before
   */
  public static ClientSecurity open(
      @Nullable TlsFiles tls, @Nullable Path token, Runnable onNewTls, Runnable onNewToken)
      throws IOException {
    if (tls == null && token == null) {
      return NONE;
    }
    FileWatch watch = new FileWatch();
    try {
      ChannelCredentials connection =
          tls == null
              ? InsecureChannelCredentials.create()
              : NettySslContextChannelCredentials.create(Tls.client(tls, watch, onNewTls));
      return new ClientSecurity(
          watch,
          token == null
              ? connection
              : CompositeChannelCredentials.create(
                  connection, new Token(token, watch, onNewToken)));
    } catch (IOException | RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  /** For the channel. */
  public ChannelCredentials credentials() {
    return credentials;
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
  }

  /** Puts the token into each RPC, those that the load balancer makes included. */
  private static final class Token extends CallCredentials {
    private volatile String value = "";

    Token(Path file, FileWatch watch, Runnable onChange) throws IOException {
      watch.readAndWatch(
          "the token in " + file,
          ImmutableList.of(file),
          () -> {
            String before = value;
            value = "Bearer " + Tokens.readOne(file);
            if (!before.isEmpty() && !before.equals(value)) {
              onChange.run();
            }
          });
    }

    @Override
    public void applyRequestMetadata(RequestInfo rpc, Executor executor, MetadataApplier applier) {
      Metadata headers = new Metadata();
      headers.put(AUTHORIZATION, value);
      applier.apply(headers);
    }
  }
}
