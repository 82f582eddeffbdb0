/**
 * The test kit: {@link io.clutch.testing.TestWorker} runs a real worker and a real client in the
 * test's process, over gRPC's in-process transport; {@link io.clutch.testing.TestClock} is their
 * time, {@link io.clutch.testing.Faults} what goes wrong. {@link io.clutch.testing.ClutchExtension}
 * brings them to tests of JUnit 5.
 */
@NullMarked
package io.clutch.testing;

import org.jspecify.annotations.NullMarked;
