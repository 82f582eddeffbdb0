package io.clutch.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TlsFilesTest {

  private static final Path CERTIFICATE = Path.of("worker.pem");
  private static final Path KEY = Path.of("worker-key.pem");
  private static final Path AUTHORITIES = Path.of("ca.pem");

  @Test
  void holdsWhatItIsTold() {
    TlsFiles all = TlsFiles.identity(CERTIFICATE, KEY).trusting(AUTHORITIES);

    assertThat(all.hasIdentity()).isTrue();
    assertThat(all.certificate()).isEqualTo(CERTIFICATE);
    assertThat(all.key()).isEqualTo(KEY);
    assertThat(all.authorities()).hasValue(AUTHORITIES);
    assertThat(all)
        .hasToString("TlsFiles[certificate=worker.pem, key=worker-key.pem, authorities=ca.pem]");
  }

  @Test
  void trustingChangesAnotherOne() {
    TlsFiles identity = TlsFiles.identity(CERTIFICATE, KEY);
    TlsFiles unused = identity.trusting(AUTHORITIES);

    assertThat(identity.authorities()).isEmpty();
    assertThat(TlsFiles.systemTrust().hasIdentity()).isFalse();
    assertThat(TlsFiles.systemTrust().authorities()).isEmpty();
    assertThat(TlsFiles.trust(AUTHORITIES).authorities()).hasValue(AUTHORITIES);
    assertThat(TlsFiles.trust(AUTHORITIES).hasIdentity()).isFalse();
  }

  @Test
  void whatIsNotGivenIsNotThere() {
    assertThat(TlsFiles.of(null, null, null).hasIdentity()).isFalse();
    assertThat(TlsFiles.of(null, null, null).authorities()).isEmpty();
    assertThat(TlsFiles.of(null, null, AUTHORITIES).authorities()).hasValue(AUTHORITIES);
    assertThat(TlsFiles.of(CERTIFICATE, KEY, null).hasIdentity()).isTrue();
    assertThat(TlsFiles.of(CERTIFICATE, KEY, AUTHORITIES).authorities()).hasValue(AUTHORITIES);
  }

  @Test
  void aCertificateWithoutAKeyIsRefusedAndTheReverse() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsFiles.of(CERTIFICATE, null, AUTHORITIES))
        .withMessage("there is a certificate (worker.pem) without a key: want both or neither");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TlsFiles.of(null, KEY, null))
        .withMessage("there is a key (worker-key.pem) without a certificate: want both or neither");
  }

  @Test
  void nullIsRefusedAtOnce() {
    assertThatNullPointerException().isThrownBy(() -> TlsFiles.identity(null, KEY));
    assertThatNullPointerException().isThrownBy(() -> TlsFiles.identity(CERTIFICATE, null));
    assertThatNullPointerException().isThrownBy(() -> TlsFiles.trust(null));
  }
}
