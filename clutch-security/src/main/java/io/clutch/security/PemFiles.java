package io.clutch.security;

import com.google.common.collect.ImmutableList;
import com.google.common.io.BaseEncoding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys from PEM files. Every message names the file. */
final class PemFiles {

  /** What is in a block; where it has a password, that may begin with headers (RFC 1421). */
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  private static final String BEGIN = "-----BEGIN ";

  private static final String KEY = "PRIVATE KEY";

  private static final String CERTIFICATE = "CERTIFICATE";

  /** Kinds of keys, and the signature by which to find out whether two belong together. */
  private enum KeyKind {
    RSA("SHA256withRSA"),
    EC("SHA256withECDSA"),
    EdDSA("EdDSA");

    private final String signature;

    KeyKind(String signature) {
      this.signature = signature;
    }
  }

  /** A private key and its kind. */
  private record Key(PrivateKey key, KeyKind kind) {}

  /** A private key and the certificates that say whose it is. */
  record KeyPair(PrivateKey key, ImmutableList<X509Certificate> chain) {}

  private PemFiles() {}

  /** Reads a certificate and its key; fails where they don't belong together. */
  static KeyPair keyPair(Path certificate, Path key) throws IOException, GeneralSecurityException {
    ImmutableList<X509Certificate> chain = certificates(certificate);
    Key read = key(key);
    if (!belongTogether(read, chain.get(0).getPublicKey())) {
      throw new InvalidKeyException(
          "the key in %s is not that of the certificate in %s".formatted(key, certificate));
    }
    return new KeyPair(read.key(), chain);
  }

  /** Reads certificates; at least one, and none of which only a part is there. */
  static ImmutableList<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    String text = text(file);
    ImmutableList.Builder<X509Certificate> found = ImmutableList.builder();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (block.group(1).endsWith(CERTIFICATE)) {
        found.add(certificate(file, block.group()));
      }
    }
    // Whether Java's own parser notices depends on its version and on where the block was cut.
    if (block.replaceAll("").contains(BEGIN)) {
      throw new CertificateException(
          "%s holds no certificates that can be read: a '%s' without its end"
              .formatted(file, BEGIN.strip()));
    }
    ImmutableList<X509Certificate> certificates = found.build();
    if (certificates.isEmpty()) {
      throw new CertificateException("%s holds no certificate".formatted(file));
    }
    return certificates;
  }

  private static X509Certificate certificate(Path file, String block) throws CertificateException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(block.getBytes(StandardCharsets.ISO_8859_1)));
    } catch (CertificateException e) {
      throw new CertificateException(
          "%s holds no certificates that can be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Key key(Path file) throws IOException, GeneralSecurityException {
    Matcher block = BLOCK.matcher(text(file));
    String others = "";
    while (block.find()) {
      if (block.group(1).equals(KEY)) {
        return decode(file, block.group(2));
      }
      if (block.group(1).endsWith(KEY)) {
        others =
            "; it has a '%s', which 'openssl pkcs8 -topk8 -nocrypt' turns into one"
                .formatted(block.group(1));
      }
    }
    throw new InvalidKeyException("%s holds no 'BEGIN PRIVATE KEY'%s".formatted(file, others));
  }

  /** The text of a file; what is no ASCII cannot be PEM either. */
  private static String text(Path file) throws IOException {
    return new String(FileContent.bytes(file), StandardCharsets.ISO_8859_1);
  }

  private static Key decode(Path file, String base64) throws GeneralSecurityException {
    PKCS8EncodedKeySpec encoded;
    try {
      encoded = new PKCS8EncodedKeySpec(BaseEncoding.base64().decode(base64.replaceAll("\\s", "")));
    } catch (IllegalArgumentException e) {
      throw new InvalidKeyException("the key in %s is not base64".formatted(file), e);
    }
    for (KeyKind kind : KeyKind.values()) {
      Optional<PrivateKey> key = decode(encoded, kind);
      if (key.isPresent()) {
        return new Key(key.get(), kind);
      }
    }
    throw new InvalidKeyException("the key in %s is not of RSA, EC or Ed25519".formatted(file));
  }

  private static Optional<PrivateKey> decode(PKCS8EncodedKeySpec encoded, KeyKind kind)
      throws GeneralSecurityException {
    try {
      return Optional.of(KeyFactory.getInstance(kind.name()).generatePrivate(encoded));
    } catch (InvalidKeySpecException e) {
      return Optional.empty();
    }
  }

  private static boolean belongTogether(Key key, PublicKey publicKey)
      throws GeneralSecurityException {
    byte[] probe = {1, 2, 3};
    Signature signature = Signature.getInstance(key.kind().signature);
    signature.initSign(key.key());
    signature.update(probe);
    byte[] signed = signature.sign();
    try {
      signature.initVerify(publicKey);
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      // A key of another kind.
      return false;
    }
  }
}
