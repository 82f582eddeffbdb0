package io.clutch.durable.internal.store;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** The schema, and how older ones become it. */
public final class Schema {

  /** The newest version that this program knows: of the last file in {@code schema/}. */
  public static final int VERSION = 1;

  /** Where Flyway keeps what it has done. */
  public static final String HISTORY = "clutch_schema_history";

  private Schema() {}

  /**
   * Makes the schema, or brings an older one up to date.
   *
   * @param kind of database: the name of the folder with its files
   */
  public static void migrate(DataSource database, String kind) {
    var unused =
        Flyway.configure(Schema.class.getClassLoader())
            .dataSource(database)
            .locations("classpath:io/clutch/durable/schema/" + kind)
            .table(HISTORY)
            .baselineOnMigrate(true)
            .baselineVersion("0")
            .load()
            .migrate();
  }
}
