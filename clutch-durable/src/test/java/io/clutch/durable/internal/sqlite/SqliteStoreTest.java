package io.clutch.durable.internal.sqlite;

import io.clutch.durable.internal.store.JobStoreContract;
import io.clutch.durable.internal.store.JobStores;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.io.TempDir;

final class SqliteStoreTest extends JobStoreContract {

  @TempDir Path folder;

  @Override
  protected JobStores stores(int process) throws Exception {
    return new SqliteStores(folder, id -> owner(id, process), () -> Instant.ofEpochMilli(NOW));
  }
}
