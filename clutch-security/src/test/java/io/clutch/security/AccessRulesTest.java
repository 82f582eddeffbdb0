package io.clutch.security;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {

  private static final Identity WEB = identity("token:web");

  @TempDir private Path folder;

  private static Identity identity(String... names) {
    return new Identity(ImmutableSet.copyOf(names));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("rules.json"), text);
  }

  private static boolean allows(String function, String who, String name, Identity identity) {
    return AccessRules.builder().allow(function, who).build().allows(identity, name);
  }

  @Test
  void whatNoRuleAllowsIsDenied() {
    AccessRules none = AccessRules.builder().build();
    AccessRules some = AccessRules.builder().allow("status", "token:web").allow("lock").build();

    assertThat(none.allows(WEB, "status")).isFalse();
    assertThat(some.allows(WEB, "status")).isTrue();
    assertThat(some.allows(WEB, "other")).isFalse();
    assertThat(some.allows(WEB, "lock")).isFalse();
    assertThat(some.allows(identity("token:batch"), "status")).isFalse();
    assertThat(some.allows(identity("dns:web"), "status")).isFalse();
  }

  @Test
  void severalRulesForOneFunctionAddUp() {
    AccessRules rules =
        AccessRules.builder()
            .allow("image.*", "token:web")
            .allow("image.scale", "token:batch", "dns:*.batch.example")
            .build();

    assertThat(rules.allows(WEB, "image.scale")).isTrue();
    assertThat(rules.allows(identity("token:batch"), "image.scale")).isTrue();
    assertThat(rules.allows(identity("token:batch"), "image.crop")).isFalse();
    assertThat(rules.allows(identity("dns:a.batch.example"), "image.scale")).isTrue();
  }

  @Test
  void oneOfTheNamesOfSomeoneIsEnough() {
    assertThat(allows("f", "dns:b", "f", identity("dns:a", "dns:b", "token:c"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "*, anything, true",
    "*, '', true",
    "f, f, true",
    "f, F, false",
    "f, ff, false",
    "f, '', false",
    "image.*, image.scale, true",
    "image.*, image., true",
    "image.*, imagexscale, false",
    "image.*, an.image.scale, false",
    "*.scale, image.scale, true",
    "*.scale, image.scaled, false",
    "a*b, ab, true",
    "a*b, a-b-b, true",
    "a*b, a, false",
    "aa*aa, aaa, false",
    "aa*aa, aaaa, true",
    "a*b*c, abc, true",
    "a*b*c, a-b-b-c-c, true",
    "a*b*c, acb, false",
    "a*bc*c, abc, false",
    "*mid*, pre-mid-post, true",
    "*mid*, mid, true",
    "**, anything, true",
    "a**b, a--b, true",
    "a.c, abc, false",
    "[ab], a, false",
    "[ab], [ab], true",
    "(a|b)+?$^, (a|b)+?$^, true",
    "\\Qx\\E*, \\Qx\\Ey, true",
    "\\Qx\\E*, xy, false"
  })
  void aStarStandsForAnyCharactersAndNothingElseForAnother(
      String pattern, String name, boolean fits) {
    assertThat(allows(pattern, "*", name, WEB)).isEqualTo(fits);
  }

  @Test
  void aNewlineIsACharacterLikeOthers() {
    assertThat(allows("a*b", "*", "a\nb", WEB)).isTrue();
    assertThat(allows("ab", "*", "ab\n", WEB)).isFalse();
    assertThat(allows("f", "token:web", "f", identity("token:web\n"))).isFalse();
    assertThat(allows("f", "dns:*.example", "f", identity("dns:a.example\ntoken:x"))).isFalse();
  }

  @Test
  void noNameTakesLongToCompare() {
    String name = "a".repeat(1_000_000);

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThat(allows("*a*a*a*a*a*b", "*", name, WEB)).isFalse());
  }

  @Test
  void theStarOfANameStaysWithinItsKind() {
    assertThat(allows("f", "dns:*", "f", identity("dns:anyone"))).isTrue();
    assertThat(allows("f", "dns:*", "f", WEB)).isFalse();
    assertThat(allows("f", "dns:*.example", "f", identity("dns:a.b.example"))).isTrue();
    assertThat(allows("f", "dns:*.example", "f", identity("dns:example"))).isFalse();
    assertThat(allows("f", "dns:*.example", "f", identity("uri:dns:a.example"))).isFalse();
  }

  @Test
  void aLoneStarIsEveryoneWhoProvedWhoHeIs() {
    assertThat(allows("f", "*", "f", WEB)).isTrue();
    assertThat(allows("f", "*", "f", identity("subject:CN=web"))).isTrue();
    assertThat(allows("f", "*", "f", Identity.ANONYMOUS)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token:web",
        "dns:a",
        "uri:spiffe://e/x",
        "email:a@b.example",
        "ip:10.*",
        "ip:::1"
      })
  void everyKindOfNameIsTaken(String name) {
    assertThat(allows("f", name, "f", identity(name))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"web", "", " ", "tokn:web", "Token:web", "subject:CN=web", "token:", ":web", "**"})
  void aNameWithoutAKindOrOfAnUnknownOneIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AccessRules.builder().allow("image.*", name))
        .withMessage(
            "'image.*' names '%s': want * or a name with its kind in front, of token, dns, uri,"
                + " email, ip, such as token:web",
            name);
  }

  @Test
  void nullIsRefusedLikeAnyOtherName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AccessRules.builder().allow("f", Arrays.asList("token:web", null)))
        .withMessageContaining("'f' names 'null'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  "})
  void anEmptyFunctionIsRefused(String function) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AccessRules.builder().allow(function, "*"))
        .withMessage("the name of a function is empty");
  }

  @Test
  void tellsWhichRulesAreForNoFunction() {
    AccessRules rules =
        AccessRules.builder()
            .allow("image.*", "*")
            .allow("stauts", "*")
            .allow("video.*", "token:web")
            .build();

    assertThat(rules.withoutFunction(ImmutableList.of("image.scale", "status")))
        .containsExactly("stauts", "video.*");
    assertThat(rules.withoutFunction(ImmutableList.of()))
        .containsExactly("image.*", "stauts", "video.*");
    assertThat(AccessRules.builder().build().withoutFunction(ImmutableList.of("f"))).isEmpty();
  }

  @Test
  void readsAFile() throws IOException {
    AccessRules rules =
        AccessRules.read(
            file("\uFEFF {\"image.*\": [\"token:web\"], \"status\": [\"*\"], \"none\": []}\n"));

    assertThat(rules.allows(WEB, "image.scale")).isTrue();
    assertThat(rules.allows(identity("dns:a"), "status")).isTrue();
    assertThat(rules.allows(WEB, "none")).isFalse();
    assertThat(rules.allows(WEB, "other")).isFalse();
  }

  @Test
  void anEmptyObjectDeniesAll() throws IOException {
    assertThat(AccessRules.read(file("{}")).allows(WEB, "f")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "{\"f\": [\"*\"]",
        "{\"f\": [\"*\"],}",
        "{\"f\": [\"*\"]} {\"g\": [\"*\"]}",
        "{\"f\": [\"*\"]} x",
        "{\"f\": [\"*\"], \"f\": [\"token:web\"]}",
        "{f: [\"*\"]}",
        "[]",
        "\"*\"",
        "null",
        "{\"f\": \"*\"}",
        "{\"f\": null}",
        "{\"f\": [null]}",
        "{\"f\": [1]}",
        "{\"f\": [[\"*\"]]}",
        "{\"f\": {\"token:web\": true}}",
        "{\"f\": [\"web\"]}",
        "{\"\": [\"*\"]}"
      })
  void aFileThatHoldsNoRulesIsNamed(String text) throws IOException {
    Path file = file(text);

    assertThatIOException()
        .isThrownBy(() -> AccessRules.read(file))
        .withMessageStartingWith("the rules in " + file);
  }

  @Test
  void whatIsWrongIsSaid() throws IOException {
    Path twice = file("{\"f\": [\"*\"], \"f\": [\"token:web\"]}");
    assertThatIOException()
        .isThrownBy(() -> AccessRules.read(twice))
        .withMessageContaining("Duplicate")
        .withMessageContaining("'f'");

    Path unknown = file("{\"image.*\": [\"user:web\"]}");
    assertThatIOException()
        .isThrownBy(() -> AccessRules.read(unknown))
        .withMessageContaining("'image.*' names 'user:web': want * or a name with its kind");

    Path nothing = file("{\"f\": null}");
    assertThatIOException()
        .isThrownBy(() -> AccessRules.read(nothing))
        .withMessageContaining("'f' has no list of names");
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    assertThatIOException()
        .isThrownBy(() -> AccessRules.read(nowhere))
        .withMessage("there is no file " + nowhere);
    assertThatIOException()
        .isThrownBy(() -> AccessRules.read(folder))
        .withMessageStartingWith(folder + " cannot be read");

    Path latin = Files.writeString(folder.resolve("latin"), "{\"\u00e9\": []}", ISO_8859_1);
    assertThatIOException()
        .isThrownBy(() -> AccessRules.read(latin))
        .withMessage(latin + " is no text in UTF-8");
  }
}
