package io.clutch.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.common.base.Ascii;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

  private static final String ONE = "token-number-one-0123456789";
  private static final String TWO = "token/number+two~0123456789==";

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("tokens"), text);
  }

  private Tokens tokens(String text) throws IOException {
    return Tokens.read(file(text));
  }

  private static String digest(String token) {
    return "sha256:" + Hashing.sha256().hashString(token, UTF_8);
  }

  @Test
  void tellsWhoseATokenIs() throws IOException {
    Tokens tokens = tokens("web " + ONE + "\nbatch_2.x-y\t \t" + TWO + "\n");

    assertThat(tokens.nameOf(ONE)).hasValue("web");
    assertThat(tokens.nameOf(TWO)).hasValue("batch_2.x-y");
  }

  @Test
  void knowsNoOtherToken() throws IOException {
    Tokens tokens = tokens("web " + ONE + "\n");

    assertThat(tokens.nameOf("")).isEmpty();
    assertThat(tokens.nameOf(ONE + "0")).isEmpty();
    assertThat(tokens.nameOf(ONE.substring(1))).isEmpty();
    assertThat(tokens.nameOf(Ascii.toUpperCase(ONE))).isEmpty();
    assertThat(tokens.nameOf("web")).isEmpty();
    assertThat(tokens.nameOf(digest(ONE))).isEmpty();
  }

  @Test
  void readsOverCommentsBlankLinesAndSpaceAtTheEnds() throws IOException {
    Tokens tokens = tokens("# who\n\n  \t\n  web   " + ONE + "  \n  # end\n" + "batch " + TWO);

    assertThat(tokens.nameOf(ONE)).hasValue("web");
    assertThat(tokens.nameOf(TWO)).hasValue("batch");
  }

  @Test
  void aNameMayHaveSeveralTokensSoThatOneCanTakeTheOthersPlace() throws IOException {
    Tokens tokens = tokens("web " + ONE + "\nweb " + TWO + "\nweb " + ONE + "\n");

    assertThat(tokens.nameOf(ONE)).hasValue("web");
    assertThat(tokens.nameOf(TWO)).hasValue("web");
  }

  @Test
  void aTokenOfTwoNamesIsRefused() throws IOException {
    Path file = file("web " + ONE + "\n\nbatch " + digest(ONE) + "\n");

    assertThatIOException()
        .isThrownBy(() -> Tokens.read(file))
        .withMessage("the token on line 3 of %s stands above with another name", file);
  }

  @Test
  void takesDigestsInEitherCase() throws IOException {
    Tokens tokens =
        tokens(
            "web %s\nbatch sha256:%s\n"
                .formatted(digest(ONE), Ascii.toUpperCase(digest(TWO).substring(7))));

    assertThat(tokens.nameOf(ONE)).hasValue("web");
    assertThat(tokens.nameOf(TWO)).hasValue("batch");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r\n", "\r", "\n"})
  void linesMayEndInAnyWay(String end) throws IOException {
    Tokens tokens = tokens("# who" + end + end + "web " + ONE + end + "batch " + TWO + end);

    assertThat(tokens.nameOf(ONE)).hasValue("web");
    assertThat(tokens.nameOf(TWO)).hasValue("batch");
  }

  @Test
  void aByteOrderMarkDoesNotCount() throws IOException {
    assertThat(tokens("\uFEFFweb " + ONE).nameOf(ONE)).hasValue("web");
    assertThat(Tokens.readOne(file("\uFEFF" + ONE))).isEqualTo(ONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# nobody yet\n"})
  void anEmptyFileIsNobody(String text) throws IOException {
    assertThat(tokens(text).nameOf(ONE)).isEmpty();
    assertThat(tokens(text).nameOf("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secretsecretsecretsecret",
        "web",
        "web secretsecretsecretsecret more",
        "web: secretsecretsecretsecret",
        "web=secretsecretsecretsecret",
        "w\u00e9b secretsecretsecretsecret",
        "web secret",
        "web secretsecret123",
        "web secretsecret,secretsecret",
        "web secretsecret=secretsecret",
        "web secretsecretsecr\u00e9tsecret",
        "web sha256:secretsecretsecret",
        "web sha256:0123",
        "web sha1:0123456789012345678901234567890123456789",
        "web :secretsecretsecretsecret"
      })
  void anIllegalLineIsNamedByItsNumberAndNotRepeated(String line) throws IOException {
    Path file = file("# one\n\n" + line + "\nbatch " + TWO + "\n");

    assertThatIOException()
        .isThrownBy(() -> Tokens.read(file))
        .withMessageContaining("line 3 of " + file)
        .satisfies(failure -> assertThat(failure.toString()).doesNotContain("secretsecret"))
        .withNoCause();
  }

  @Test
  void aTokenNeeds16Characters() throws IOException {
    assertThat(tokens("web 0123456789abcdef").nameOf("0123456789abcdef")).hasValue("web");

    Path file = file("web 0123456789abcde");
    assertThatIOException()
        .isThrownBy(() -> Tokens.read(file))
        .withMessageContaining("want at least 16");
  }

  @Test
  void whatIsNoUtf8IsRefused() throws IOException {
    Path file = Files.write(folder.resolve("tokens"), new byte[] {'w', (byte) 0xff, (byte) 0xfe});

    assertThatIOException()
        .isThrownBy(() -> Tokens.read(file))
        .withMessage(file + " is no text in UTF-8");
    assertThatIOException()
        .isThrownBy(() -> Tokens.readOne(file))
        .withMessage(file + " is no text in UTF-8");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path file = folder.resolve("nowhere");

    assertThatIOException()
        .isThrownBy(() -> Tokens.read(file))
        .withMessage("there is no file " + file);
    assertThatIOException()
        .isThrownBy(() -> Tokens.readOne(file))
        .withMessage("there is no file " + file);
  }

  @Test
  void aFolderIsNamed() {
    assertThatIOException()
        .isThrownBy(() -> Tokens.read(folder))
        .withMessageStartingWith(folder + " cannot be read: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE, ONE + "\n", "  " + ONE + " \r\n\n"})
  void readsTheOneTokenOfAFile(String text) throws IOException {
    assertThat(Tokens.readOne(file(text))).isEqualTo(ONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "short",
        ONE + "\n" + TWO,
        "web " + ONE,
        "# the token\n" + ONE,
        "sha256:0123456789012345678901234567890123456789012345678901234567890123"
      })
  void aFileWithAnythingElseThanOneTokenIsRefusedAndNotRepeated(String text) throws IOException {
    Path file = file(text);

    assertThatIOException()
        .isThrownBy(() -> Tokens.readOne(file))
        .withMessageStartingWith(file + " does not hold one token: want at least 16 ")
        .satisfies(failure -> assertThat(failure.toString()).doesNotContain(ONE))
        .withNoCause();
  }
}
