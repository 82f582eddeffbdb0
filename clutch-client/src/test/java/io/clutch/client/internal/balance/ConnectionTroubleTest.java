package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTroubleTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unable to find valid certification path to requested target"
            + " | its certificate is not signed by an authority that this client trusts"
            + " (unable to find valid certification path to requested target)",
        "No subject alternative DNS name matching worker.example found."
            + " | its certificate is for another name"
            + " (No subject alternative DNS name matching worker.example found.)",
        "No subject alternative names present"
            + " | its certificate is for another name (No subject alternative names present)",
        "No name matching worker.example found"
            + " | its certificate is for another name (No name matching worker.example found)",
        "NotAfter: Sun May 03 10:00:00 UTC 2026"
            + " | its certificate has expired (NotAfter: Sun May 03 10:00:00 UTC 2026)",
        "NotBefore: Sun May 03 10:00:00 UTC 2026"
            + " | its certificate is not valid yet (NotBefore: Sun May 03 10:00:00 UTC 2026)",
        "Network closed for unknown reason"
            + " | it closed the connection without a word; it may want TLS, or take no further"
            + " connections (Network closed for unknown reason)",
        "not an SSL/TLS record: 00001204000000000000 | it does not speak TLS",
        "connect(..) failed with error(-111): Connection refused | Connection refused",
        "recvAddress(..) failed with error(-104): Connection reset by peer"
            + " | Connection reset by peer",
        "Connection refused | Connection refused",
        "unknown host nosuch.invalid | unknown host nosuch.invalid"
      })
  void saysWhatTheWordsOfJavaAndNettyMean(String words, String meaning) {
    assertThat(ConnectionTrouble.explain(words)).isEqualTo(meaning);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bad_certificate",
        "certificate_required",
        "certificate_unknown",
        "certificate_expired",
        "certificate_revoked",
        "unsupported_certificate",
        "unknown_ca",
        "access_denied"
      })
  void anAlertAboutTheClientsCertificateIsSaidToBeOne(String alert) {
    assertThat(ConnectionTrouble.explain("Received fatal alert: " + alert))
        .isEqualTo("it does not accept this client's certificate, or wants one (%s)", alert);
    assertThat(ConnectionTrouble.explain("(" + alert + ") Received fatal alert: " + alert))
        .isEqualTo("it does not accept this client's certificate, or wants one (%s)", alert);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Received fatal alert: handshake_failure",
        "Received fatal alert: protocol_version",
        "the words unable to find valid certification path somewhere else"
      })
  void whatHasNoOtherMeaningStaysAsItIs(String words) {
    assertThat(ConnectionTrouble.explain(words)).isEqualTo(words);
  }

  @Test
  void anAnswerInTlsToAClientInPlaintextSaysSo() {
    assertThat(
            ConnectionTrouble.explain(
                "First received frame was not SETTINGS. Hex dump for first 5 bytes: 1503030002"))
        .startsWith("it does not speak HTTP/2 in plaintext; it may want TLS (First received");
  }
}
