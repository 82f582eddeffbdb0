package io.clutch.durable.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PostgresUrlTest {

  @ParameterizedTest
  @ValueSource(strings = {"postgresql://", "postgres://", "jdbc:postgresql://"})
  void saysWhereTheDatabaseIsAndHidesWhatIsSecret(String scheme) {
    String store = scheme + "myself:p%40ss/w%3Ard+@db.example:5433/jobs?sslmode=require&password=x";
    assertThat(PostgresUrl.isOne(store)).isTrue();

    PostgresUrl url = PostgresUrl.parse(store);

    assertThat(url.name()).isEqualTo("postgresql://db.example:5433/jobs");
    assertThat(url.jdbc()).doesNotContain("myself", "p@ss", "password");
    assertThat(url.toString()).isEqualTo(url.name());
    assertThat(url.database().getServerNames()).containsExactly("db.example");
    assertThat(url.database().getPortNumbers()).containsExactly(5433);
    assertThat(url.database().getDatabaseName()).isEqualTo("jobs");
    assertThat(url.database().getSslMode()).isEqualTo("require");
    assertThat(url.secrets()).containsEntry("user", "myself").containsEntry("password", "x");
  }

  @Test
  void decodesThePassword() {
    assertThat(PostgresUrl.parse("postgresql://me:p%40ss/w%3Ard+@h/d").database().getPassword())
        .isEqualTo("p@ss/w:rd+");
  }

  @Test
  void takesSeveralHostsAndTheDriversParameters() {
    PostgresUrl url =
        PostgresUrl.parse(
            "postgresql://me@a:1,[::1]:2/d?targetServerType=primary&connect_timeout=7");

    assertThat(url.database().getServerNames()).containsExactly("a", "[::1]");
    assertThat(url.database().getConnectTimeout()).isEqualTo(7);
    assertThat(url.database().getSocketTimeout()).isEqualTo(30);
    assertThat(url.database().getTargetServerType()).isEqualTo("primary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://",
        "postgresql://me:secret@",
        "postgresql://me:secret@host:port/d",
        "postgresql://me:se%cret@host/d"
      })
  void refusesWhatMakesNoSenseWithoutTellingSecrets(String store) {
    assertThatThrownBy(() -> PostgresUrl.parse(store))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("store ")
        .hasMessageNotContaining("secret")
        .hasMessageNotContaining("se%cret");
  }

  @Test
  void foldersAreNoDatabases() {
    assertThat(PostgresUrl.isOne("/var/lib/postgresql")).isFalse();
  }
}
