package io.clutch.security;

import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** TLS sessions in which a client showed this and that. */
final class Sessions {

  private Sessions() {}

  /** The certificate of a connection whose client showed these. */
  static ClientCertificate certificate(X509Certificate... chain) throws Exception {
    return ClientCertificate.of(session(chain)).orElseThrow();
  }

  static SSLSession session(X509Certificate... chain) throws Exception {
    SSLSession session = mock(SSLSession.class);
    if (chain.length == 0) {
      when(session.getPeerCertificates()).thenThrow(new SSLPeerUnverifiedException("none"));
    } else {
      when(session.getPeerCertificates()).thenReturn(chain);
    }
    return session;
  }
}
