package io.clutch.worker;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.security.AccessControl;
import io.clutch.security.ClientCertificate;
import io.clutch.security.Credentials;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Puts the {@link Caller} where {@link CallService} finds it, and refuses at once, before anything
 * but the headers is read, who does not prove who he is. Whether he may call what he wants is for
 * {@link CallService} to see, for each call.
 */
final class Admission extends ServerTransportFilter implements ServerInterceptor {

  private static final Attributes.Key<ClientCertificate> CERTIFICATE =
      Attributes.Key.create("clutch-client-certificate");

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final AccessControl access;
  private final RefusalLog refusals;

  Admission(AccessControl access, RefusalLog refusals) {
    this.access = access;
    this.refusals = refusals;
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    return session == null
        ? attributes
        : ClientCertificate.of(session)
            .map(certificate -> attributes.toBuilder().set(CERTIFICATE, certificate).build())
            .orElse(attributes);
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    Caller caller = caller(call.getAttributes(), headers);
    try {
      var unused = access.identify(caller.credentials());
    } catch (ClutchException e) {
      refusals.refused(caller, call.getMethodDescriptor().getFullMethodName(), e);
      StatusRuntimeException status = ErrorStatus.toStatus(e);
      call.close(
          status.getStatus(), Objects.requireNonNullElseGet(status.getTrailers(), Metadata::new));
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(
        Context.current().withValue(Caller.CURRENT, caller), call, headers, next);
  }

  private Caller caller(Attributes attributes, Metadata headers) {
    Iterable<String> authorization = access.hasTokens() ? headers.removeAll(AUTHORIZATION) : null;
    @Nullable ClientCertificate certificate = attributes.get(CERTIFICATE);
    return new Caller(
        attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
        headers,
        new Credentials(
            certificate,
            authorization == null ? ImmutableList.of() : ImmutableList.copyOf(authorization)));
  }
}
